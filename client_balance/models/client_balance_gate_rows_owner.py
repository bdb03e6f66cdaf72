from odoo import models
from odoo.exceptions import UserError


class ClientBalanceGate(models.AbstractModel):
    """A settlement names documents of its own client only."""

    _inherit = "client.balance.gate"

    def _append(self, rows, touched):
        self._check_invoices_owner(rows)
        settlements = super()._append(rows, touched)
        # what documents show of their settlements is asked of the ledger anew
        self.env["account.move"].invalidate_model(
            self.env["account.move"]._get_client_balance_ledger_fields(), flush=False
        )
        return settlements

    def _check_invoices_owner(self, rows):
        """What is undone keeps its documents; what moves money anew is judged.

        :raise UserError: which settlement, and which document of somebody else
        """
        named = [
            (row, self._get_row_invoices(row))
            for row in rows
            if row.get("invoice_ids") and not row.get("reversal_of_id")
        ]
        # one prefetch for all of them
        invoices = self.env["account.move"].union(*[found for _row, found in named])
        for row, found in named:
            client = self.env["res.partner"].browse(row["partner_id"])
            own = found.with_prefetch(invoices.ids)._filter_client_balance_of(client)
            strangers = found - own
            if not strangers:
                continue
            if self._stood_before(row):
                # a payment that is confirmed again: its money is its client's still
                row["invoice_ids"] = [(6, 0, own.ids)]
                continue
            raise UserError(
                self.env._(
                    "%(document)s is not of %(client)s, whose balance would move for"
                    " it. %(problem)s",
                    document=strangers[0].display_name,
                    client=client.display_name,
                    problem=strangers[0]._get_client_balance_client_problem() or "",
                ).strip()
            )

    def _get_row_invoices(self, row):
        ids = [
            invoice_id for command in row["invoice_ids"] for invoice_id in command[2]
        ]
        return self.env["account.move"].browse(ids)

    def _stood_before(self, row):
        """:return: whether the item of this row had a settlement before"""
        return bool(
            self.env["client.balance.settlement"].search_count(
                [("move_line_ref", "=", row["move_line_ref"])], limit=1
            )
        )
