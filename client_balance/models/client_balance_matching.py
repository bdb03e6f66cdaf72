from odoo import models


class ClientBalanceMatching(models.AbstractModel):
    """First in, first out: each spend names the credits that it used.

    The matching is Odoo's own reconciliation, so that exchange differences are posted
    by core and every prepayment can be traced. The open residual is not the balance:
    people may match by hand.
    """

    _name = "client.balance.matching"
    _description = "Matching of client balances"

    def _match(self, balances, spent=True):
        """Match what is open on ``balances``, oldest credit first.

        :param spent: whether there is a new spend; without one, most often nothing is
            to be matched, and one cheap query tells
        """
        if not balances or not (spent or self._has_open_debit(balances)):
            return
        if self._may_wait(balances):
            caller = self.env["client.balance.gate"]._get_caller()
            caller.waiting_ids.update(balances.ids)
            return
        plan = []
        for lines in self._get_open_lines(balances).values():
            pairs = self._get_plan(lines)
            by_debit = self._get_credits_by_debit(pairs)
            if self._may_mix_rates(by_debit):
                self._match_one_by_one(by_debit)
            else:
                plan += pairs
        self._reconcile(plan)

    def _reconcile(self, plan):
        if plan:
            self.env["account.move.line"]._reconcile_plan(plan)

    # Together with the caller's own reconciliation ------------------------------------

    def _may_wait(self, balances):
        """One reconciliation of several pairs costs little more than one of one.

        Foreign money does not wait: its pairs are valued one by one.
        """
        caller = self.env["client.balance.gate"]._get_caller()
        return (
            caller is not None
            and caller.waiting_ids is not None
            and all(
                balance.currency_id == balance.company_id.currency_id
                for balance in balances
            )
        )

    def _take_waiting_plan(self, caller):
        """:return: pairs of the balances that wait with ``caller``, who has them now"""
        balances = self.env["client.balance"].browse(sorted(caller.waiting_ids))
        caller.waiting_ids.clear()
        return [
            pair
            for lines in self._get_open_lines(balances).values()
            for pair in self._get_plan(lines)
        ]

    def _match_waiting(self):
        """Match what still waits: nothing was there to be reconciled with it."""
        caller = self.env["client.balance.gate"]._get_caller()
        if caller and caller.waiting_ids:
            self._reconcile(self._take_waiting_plan(caller))

    # What is open ---------------------------------------------------------------------

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
        groups = {}
        settlements = self.env["client.balance.settlement"].search_fetch(
            self._get_open_lines_domain(balances),
            ["balance_id", "move_line_id"],
            order="date, id",
        )
        for settlement in settlements:
            line = settlement.move_line_id
            key = settlement.balance_id.id, line.account_id.id
            groups[key] = groups.get(key, line.browse()) | line
        return groups

    def _has_open_debit(self, balances):
        return bool(
            self.env["client.balance.settlement"].search_count(
                [
                    *self._get_open_lines_domain(balances),
                    ("move_line_id.amount_residual_currency", ">", 0),
                ],
                limit=1,
            )
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
                left = debit.currency_id.round(left - used)
                credit[1] = debit.currency_id.round(credit[1] - used)
                plan.append(credit[0] | debit)
        return plan

    # Several credits with different rates ------------------------------------------

    def _get_credits_by_debit(self, pairs):
        """:return: {debit item: [credit items that it uses]}"""
        by_debit = {}
        for pair in pairs:
            debit = pair.filtered(lambda line: line.amount_residual_currency > 0)
            by_debit.setdefault(debit, []).append(pair - debit)
        return by_debit

    def _may_mix_rates(self, by_debit):
        """:return: whether a spend in a foreign currency uses several credits"""
        return any(
            len(credits) > 1 and debit.currency_id != debit.company_currency_id
            for debit, credits in by_debit.items()
        )

    def _match_one_by_one(self, by_debit):
        """Match the spends that are worth exactly the credits which they use.

        Core compares rates pair by pair: a spend of several credits with different
        rates would get exchange differences that cancel out. Such a spend is matched
        here, credit by credit, and leaves no difference. The others are core's.
        """
        for debit, credits in by_debit.items():
            parts = self._get_carrying_parts(debit, credits)
            if parts:
                self.env["account.partial.reconcile"].create(
                    [self._prepare_partial_vals(debit, *part) for part in parts]
                )
            else:
                self._reconcile([credit | debit for credit in credits])

    def _get_carrying_parts(self, debit, credits):
        """:return: [(credit, amount, value)], empty unless the values agree"""
        currency, company_currency = debit.currency_id, debit.company_currency_id
        parts, left = [], debit.amount_residual_currency
        for credit in credits:
            amount = min(left, -credit.amount_residual_currency)
            value = credit._get_client_balance_carrying_value(amount)
            parts.append((credit, amount, value))
            left = currency.round(left - amount)
        total = sum(value for _credit, _amount, value in parts)
        same = not company_currency.compare_amounts(total, debit.amount_residual)
        return parts if same and currency.is_zero(left) else []

    def _prepare_partial_vals(self, debit, credit, amount, value):
        """Hook. :return: values of the match of a spend with one of its credits"""
        return {
            "debit_move_id": debit.id,
            "credit_move_id": credit.id,
            "amount": value,
            "debit_amount_currency": amount,
            "credit_amount_currency": amount,
        }
