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
                SELECT split_part(company.parent_path, '/', 1)::int AS company_id,
                       client.commercial_partner_id AS partner_id,
                       item.client_balance_bank_id AS partner_bank_id,
                       item.currency_id, 0 AS expected, MAX(entry.gap) AS found
                  FROM (
                       SELECT move_id, SUM(balance) AS gap
                         FROM account_move_line
                        WHERE parent_state = 'posted' AND move_id IN (
                              SELECT item.move_id
                                FROM account_move_line item
                                JOIN account_account account
                                  ON account.id = item.account_id
                               WHERE account.is_client_balance
                                 AND item.parent_state = 'posted')
                     GROUP BY move_id HAVING SUM(balance) <> 0
                       ) entry
                  JOIN account_move_line item ON item.move_id = entry.move_id
                  JOIN account_account account ON account.id = item.account_id
                  JOIN res_company company ON company.id = item.company_id
             LEFT JOIN res_partner client ON client.id = item.partner_id
                 WHERE account.is_client_balance
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
