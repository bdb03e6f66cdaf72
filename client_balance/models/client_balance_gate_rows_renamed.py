from odoo import models
from odoo.tools import SQL


class ClientBalanceGate(models.AbstractModel):
    """The ledger names documents by their present numbers, as long as they are there.

    Their names are kept as plain values, since a document may go. Where it gets another
    number meanwhile (resequenced, renamed, posted anew), what is kept follows.
    """

    _inherit = "client.balance.gate"

    def _synchronize(self, touched):
        res = super()._synchronize(touched)
        self._follow_names(touched.renamed_ids)
        return res

    def _prepare_rows(self, movements, previous):
        self._follow_names(
            {
                row.weight.line.move_id.id
                for row in movements
                if row.weight
                and row.weight.line.id in previous
                and previous[row.weight.line.id].move_name
                != row.weight.line.move_id.name
            }
        )
        return super()._prepare_rows(movements, previous)

    def _follow_names(self, move_ids):
        """Write the numbers of these entries on their settlements, in one statement.

        The number of a payment is that of its entry. A draft may be without a number
        for a while: it keeps the last one then.
        """
        if not move_ids:
            return
        Settlement = self.env["client.balance.settlement"]
        names = ["name", "move_name", "payment_name"]
        self.env["account.move"].flush_model(["name"])
        Settlement.flush_model([*names, "move_id", "payment_id"])
        renamed = self.env.execute_query(
            SQL(
                """
                UPDATE client_balance_settlement settlement
                   SET name = move.name, move_name = move.name,
                       payment_name = CASE WHEN settlement.payment_id IS NULL
                           THEN settlement.payment_name ELSE move.name END
                  FROM account_move move
                 WHERE move.id = settlement.move_id AND move.id = ANY(%s)
                   AND move.name NOT IN ('', '/')
                   AND move.name IS DISTINCT FROM settlement.move_name
             RETURNING settlement.id
                """,
                list(move_ids),
            )
        )
        Settlement.browse(row[0] for row in renamed).invalidate_recordset(names)
