from odoo import api, models
from odoo.tools import SQL


class ClientBalance(models.Model):
    """The check of the books as the menu shows it."""

    _inherit = "client.balance"

    def _get_open_points(self):
        """What is no mistake, and still waits for somebody: unlike a discrepancy.

        :return: list of dicts as of ``check_integrity``: the rest of clearing accounts
        """
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT company.id AS company_id, NULL::int AS partner_id,
                       NULL::int AS partner_bank_id, company.currency_id,
                       0 AS expected, SUM(line.balance) AS found,
                       MIN(line.date) AS expected_date, MAX(line.date) AS found_date,
                       MIN(line.move_name) AS document
                  FROM res_company company
                  JOIN account_move_line line
                    ON line.account_id = company.client_balance_clearing_account_id
                  JOIN res_company owner ON owner.id = line.company_id
                 WHERE line.parent_state = 'posted' AND company.id = ANY(%s)
                       AND owner.parent_path LIKE company.parent_path || '%%'
              GROUP BY company.id HAVING SUM(line.balance) <> 0
                """,
                self._get_checked_company_ids(),
            )
        )
        return [self._describe_discrepancy("clearing", row) for row in rows]

    @api.readonly
    def action_check_integrity(self):
        """Menu "Check the books": say that all is sound, or list what is not."""
        discrepancies = self.check_integrity()
        found = discrepancies + self._get_open_points()
        if found:
            return self._show_findings(found)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Check the books"),
                "message": self.env._(
                    "Everything is sound: balances, settlements and the general ledger"
                    " agree."
                ),
            },
        }

    def _show_findings(self, found):
        """:return: the action that lists what was found, with what to do"""
        names = self._get_integrity_names()
        # nobody may write a finding; each user sees what he has asked for
        findings_sudo = (
            self.env["client.balance.finding"]
            .sudo()
            .create(
                [
                    {
                        "rule": names.get(row["check"], row["check"]),
                        "company_id": self.env["res.company"]
                        .browse(row["company_id"])
                        .exists()
                        .id,
                        "partner_id": self.env["res.partner"]
                        .browse(row["partner_id"])
                        .exists()
                        .id,
                        "document": row["document"],
                        "message": row["message"],
                        "hint": row["hint"],
                    }
                    for row in found
                ]
            )
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check the books"),
            "res_model": findings_sudo._name,
            "view_mode": "list",
            "views": [(False, "list")],
            "domain": [("id", "in", findings_sudo.ids)],
        }
