from odoo import models


class ClientBalanceMatching(models.AbstractModel):
    """First in, first out: each spend names the credits that it used.

    The matching is Odoo's own reconciliation, so that exchange differences are posted
    by core and every prepayment can be traced. The open residual is not the balance:
    people may match by hand.
    """

    _name = "client.balance.matching"
    _description = "Matching of client balances"

    def _match(self, balances):
        """Match what is open on ``balances``, oldest credit first."""
        plan = []
        for lines in self._get_open_lines(balances).values():
            plan += self._get_plan(lines)
        if plan:
            self.env["account.move.line"].with_context(
                client_balance_matching=True
            )._reconcile_plan(plan)

    def _get_open_lines_domain(self, balances):
        """Hook. :return: domain of the settlements whose items may be matched"""
        return [
            ("balance_id", "in", balances.ids),
            ("is_live", "=", True),
            ("move_line_id.reconciled", "=", False),
            ("move_line_id.account_id.reconcile", "=", True),
            # cash-basis items only mirror others, core matches them itself
            ("move_id.tax_cash_basis_rec_id", "=", False),
            ("move_id.tax_cash_basis_origin_move_id", "=", False),
        ]

    def _get_open_lines(self, balances):
        """:return: {(balance id, account id): items, oldest first}"""
        if not balances or self._has_no_open_debit(balances):
            return {}
        groups = {}
        settlements = self.env["client.balance.settlement"].search(
            self._get_open_lines_domain(balances), order="date, id"
        )
        for settlement in settlements:
            line = settlement.move_line_id
            key = settlement.balance_id.id, line.account_id.id
            groups[key] = groups.get(key, line.browse()) | line
        return groups

    def _has_no_open_debit(self, balances):
        """Most steps only add credits: nothing to match, one cheap query."""
        return not self.env["client.balance.settlement"].search_count(
            [
                *self._get_open_lines_domain(balances),
                ("move_line_id.amount_residual_currency", ">", 0),
            ],
            limit=1,
        )

    def _get_plan(self, lines):
        """Hook. :return: pairs for ``_reconcile_plan``, strictly first in, first out"""
        credits = [
            [line, -line.amount_residual_currency]
            for line in lines
            if line.amount_residual_currency < 0
        ]
        plan = []
        for debit in lines.filtered(lambda line: line.amount_residual_currency > 0):
            left = debit.amount_residual_currency
            for credit in credits:
                if debit.currency_id.is_zero(left):
                    break
                if debit.currency_id.is_zero(credit[1]):
                    continue
                used = min(left, credit[1])
                left -= used
                credit[1] -= used
                plan.append(credit[0] | debit)
        return plan
