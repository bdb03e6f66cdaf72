from odoo import models


class ClientBalanceStatement(models.Model):
    """How a draft collects its documents from the books."""

    _inherit = "client.balance.statement"

    def action_refresh(self):
        """Collect the documents of these drafts anew. For officers."""
        self.check_access("write")
        self._check_state("draft")
        self._fill()

    def _fill(self):
        """Take opening balances and lines from the books, for drafts."""
        books = self.env["client.balance.statement.source"]._get_data(self)
        # nobody may write our half by hand, the lines are made as superuser
        lines_sudo = self.sudo()._unlocked().line_ids
        lines_sudo.unlink()
        lines_sudo.create(
            [
                act._prepare_line_vals(row, number)
                for act, data in books.items()
                for section in data.values()
                for number, row in enumerate(section["rows"], 1)
            ]
        )
        for act, data in books.items():
            act._unlocked().write(
                {
                    "opening_balance": data["sales"]["opening"],
                    "purchase_opening_balance": data.get("purchases", {}).get(
                        "opening", 0.0
                    ),
                }
            )

    def _prepare_line_vals(self, row, number):
        """Hook. :return: values of the line of one document"""
        self.ensure_one()
        currency = self.currency_id
        amount = currency.round(row["amount"])
        return {
            "statement_id": self.id,
            "sequence": number,
            "section": row["section"],
            "move_id": row["move"].id,
            "date": row["date"],
            "kind": row["kind"],
            "number": row["number"],
            "description": row["description"],
            "this_amount": currency.round(row.get("this_amount", 0.0)),
            "other_amount": row["other_amount"],
            "other_currency_id": row["other_currency_id"],
            "debit": max(amount, 0.0),
            "credit": max(-amount, 0.0),
        }
