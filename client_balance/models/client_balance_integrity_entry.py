from odoo import models
from odoo.tools import SQL


class ClientBalance(models.Model):
    """The check of the books looks at the value of each entry, too."""

    _inherit = "client.balance"

    def _get_integrity_names(self):
        return {
            **super()._get_integrity_names(),
            "entry": self.env._("Debit and credit of an entry differ"),
            "undone": self.env._(
                "An undone settlement and its reversal differ in date"
            ),
        }

    def _get_integrity_queries(self):
        """What an item is worth shows in its entry only: settlements have no value."""
        return {
            **super()._get_integrity_queries(),
            "entry": SQL(
                """
                WITH item AS MATERIALIZED (
                       SELECT line.move_id, line.company_id, line.partner_id,
                              line.client_balance_bank_id, line.currency_id
                         FROM account_move_line line
                        WHERE line.parent_state = 'posted' AND line.account_id IN (
                              SELECT id FROM account_account WHERE is_client_balance)
                     ),
                     gap AS MATERIALIZED (
                       SELECT move_id, SUM(balance) AS amount
                         FROM account_move_line
                        WHERE parent_state = 'posted'
                     GROUP BY move_id HAVING SUM(balance) <> 0
                     )
                SELECT split_part(company.parent_path, '/', 1)::int AS company_id,
                       client.commercial_partner_id AS partner_id,
                       item.client_balance_bank_id AS partner_bank_id,
                       item.currency_id, 0 AS expected, MAX(gap.amount) AS found
                  FROM gap
                  JOIN item ON item.move_id = gap.move_id
                  JOIN res_company company ON company.id = item.company_id
             LEFT JOIN res_partner client ON client.id = item.partner_id
              GROUP BY 1, 2, 3, 4
                """
            ),
            # where the item is gone or a draft, the two rows are all that is left
            "undone": SQL(
                """
                SELECT s.company_id, s.partner_id, s.partner_bank_id, s.currency_id,
                       original.date - DATE '1970-01-01' AS expected,
                       s.date - DATE '1970-01-01' AS found
                  FROM client_balance_settlement s
                  JOIN client_balance_settlement original
                    ON original.id = s.reversal_of_id
                 WHERE NOT s.is_live AND s.date <> original.date
                """
            ),
        }
