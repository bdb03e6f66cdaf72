from odoo import api, models
from odoo.fields import Domain


class ClientBalancePortal(models.AbstractModel):
    """The statement: opening balance, movements and closing balance."""

    _inherit = "client.balance.portal"

    @api.model
    def _get_statement(self, balances, filters):
        """Opening balance, movements and closing balance of each of ``balances``.

        :return: list of dicts, one per balance that has something to tell
        """
        filters = {**filters, "search": ""}
        domain = self._get_ledger_domain(balances, filters)
        by_balance = {balance.id: [] for balance in balances}
        for row in self._get_rows(balances, filters, domain, "date, number"):
            by_balance[row["balance_id"]].append(row)
        opening = self._get_opening(balances, filters)
        sections = []
        for balance in balances:
            rows, start = by_balance[balance.id], opening.get(balance, 0.0)
            currency = balance.currency_id
            if rows or not currency.is_zero(start):
                sections.append(self._prepare_section(balance, rows, start))
        return sections

    @api.model
    def _prepare_section(self, balance, rows, opening):
        """Hook. :return: what the statement tells about one balance"""
        currency = balance.currency_id
        amounts = [row["amount"] for row in rows]
        return {
            "company": balance.company_id,
            "bank": self._get_bank_label(balance.partner_bank_id),
            "currency": currency,
            "opening": currency.round(opening),
            "rows": rows,
            "added": currency._sum_client_balance(a for a in amounts if a > 0),
            "taken": currency._sum_client_balance(a for a in amounts if a < 0),
            "closing": currency._sum_client_balance([opening, *amounts]),
        }

    @api.model
    def _get_opening(self, balances, filters):
        """:return: {balance: float at the start of the period}"""
        if not filters["date_from"]:
            return {}
        groups = self.env["client.balance.settlement"]._read_group(
            self._get_portal_settlement_domain()
            & Domain("balance_id", "in", balances.ids)
            & Domain("date", "<", filters["date_from"]),
            ["balance_id"],
            ["amount:sum"],
        )
        return dict(groups)
