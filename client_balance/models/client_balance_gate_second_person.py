from collections import defaultdict

from odoo import SUPERUSER_ID, models

from .client_balance_approval import Change

#: Accounts on which money lies or is under way.
LIQUIDITY_TYPES = ("asset_cash", "asset_current", "liability_credit_card")

#: By how much the rate of a bank may differ from ours on one of its lines.
BANK_RATE_TOLERANCE = 0.1


class ClientBalanceGate(models.AbstractModel):
    """The gate asks how much a person moves, whatever the movement is called."""

    _inherit = "client.balance.gate"

    def _judge(self, movements):
        res = super()._judge(movements)
        self._check_amounts(movements)
        return res

    def _prepare_rows(self, movements, previous):
        rows = super()._prepare_rows(movements, previous)
        approval = self.env["client.balance.approval"]._get_approval()
        if approval:
            for row in rows:
                row["request_id"] = approval.request_id
        return rows

    def _check_amounts(self, movements):
        """:raise UserError: for a step above the amount that one person may move"""
        approval = self.env["client.balance.approval"]
        by_person = defaultdict(lambda: defaultdict(list))
        for movement in movements:
            user = self._get_person(movement)
            root = self._get_root(movement)
            if approval._is_judged(root, user) and not self._is_covered(movement):
                # together: what stands against the items of an entry is one evidence
                by_person[user][self._get_entry(movement)].append(movement)
        # the rule holds for every item, whatever the user may read
        gate_sudo = self.sudo().with_context(active_test=False)
        for user, entries in by_person.items():
            changes, used = [], defaultdict(float)
            for group in entries.values():
                changes += gate_sudo._get_uncovered(group, used)
            approval._check_changes(changes, user)

    def _judge_adopted(self, movements):
        """What an account holds becomes the clients' money: all of it counts."""
        res = super()._judge_adopted(movements)
        approval, user = self.env["client.balance.approval"], self.env.user
        changes = [
            # the rule holds for every item, whatever the user may read
            self.sudo()._prepare_change(
                key,
                amount,
                0.0,
                movement.weight.line.date,
                movement.weight.line.account_id.display_name,
            )
            for movement in movements
            if movement.weight and approval._is_judged(self._get_root(movement), user)
            for key, amount in movement.get_changes()
        ]
        approval._check_changes(changes, user)
        return res

    def _get_person(self, movement):
        """:return: who answers for a movement, also behind ``sudo()``

        The scheduled action posts as superuser what one person has prepared.
        """
        user = self.env.user
        if user.id == SUPERUSER_ID:
            user = movement.user or user
        move = movement.weight and movement.weight.line.move_id
        if user.id == SUPERUSER_ID and move and move.auto_post != "no":
            # the scheduled action copies what repeats, as superuser as well
            authors = move.create_uid | move.auto_post_origin_id.create_uid
            user = authors.filtered(lambda author: author.id != SUPERUSER_ID)[:1]
        return user or self.env.user

    def _get_root(self, movement):
        [(key, _amount), *_others] = movement.get_changes() or [
            (movement.weight.key, 0.0)
        ]
        # the settings are the root company's, which a branch's user may not see
        return self.env["res.company"].sudo().browse(key.company_id)

    def _get_entry(self, movement):
        if movement.weight:
            return movement.weight.line.move_id
        return movement.gone.move_id or movement.gone

    # What needs nobody else -----------------------------------------------------------

    def _is_covered(self, movement):
        """Hook. :return: whether something else than amounts stands behind it"""
        if movement.caller and movement.caller.is_fact:
            return True
        if movement.is_altered:
            # a merge, a change of owner: judged by what changes hands
            return movement.is_trusted
        return bool(movement.stood) and (
            bool(movement.stood.request_id)
            or self._is_evident(movement.weight.line.move_id)
        )

    def _is_evident(self, move):
        """:return: whether people outside say what the entry says: money came, or a
        bank line went by
        """
        payment = move._get_client_balance_payment()
        return payment.payment_type == "inbound" or bool(
            move._get_client_balance_bank_line()
        )

    def _is_undo_covered(self, settlement):
        """:return: whether what goes had come by its own evidence"""
        if settlement.payment_name:
            return settlement.payment_id.exists().payment_type == "inbound"
        # the ledger knows a bank line that is deleted by now
        return settlement.settlement_type in ("top_up", "refund")

    def _get_uncovered(self, movements, used):
        """What one entry gives and takes that no evidence covers.

        :param movements: list of Movement of one entry
        :param used: {item: how much of it was used as evidence in this step}
        :return: list of Change
        """
        changes, new = [], defaultdict(list)
        for movement in movements:
            gone = movement.gone
            if gone and not self._is_undo_covered(gone):
                changes.append(
                    self._prepare_change(
                        gone._get_key(), -gone.amount, 0.0, gone.date, gone.move_name
                    )
                )
            if movement.weight:
                key = movement.weight.key
                new[key.partner_id, key.currency_id].append(movement.weight)
        standing = self._get_standing(movements) if new else {}
        for weights in new.values():
            change = self._get_uncovered_part(weights, standing, used)
            if change.amount:
                changes.append(change)
        return changes

    def _prepare_change(self, key, amount, value, date, name):
        return Change(
            self.env["res.company"].browse(key.company_id),
            self.env["res.partner"].browse(key.partner_id),
            self.env["res.currency"].browse(key.currency_id),
            amount,
            value,
            date,
            name,
        )

    def _get_uncovered_part(self, weights, standing, used):
        """:return: Change, of the items of one client and currency in one entry"""
        line, key = weights[0].line, weights[0].key
        amount = line.currency_id.round(sum(weight.amount for weight in weights))
        value = -sum(weight.line.balance for weight in weights)
        callers = [weight.caller for weight in weights if weight.caller]
        covered = self._get_bank_evidence(line, key, amount, value, standing, used)
        left = abs(amount) - abs(covered)
        if line.currency_id.compare_amounts(left, 0.0) > 0:
            paid = self._get_money_received(line.move_id, key) if amount < 0 else 0.0
            settled = self._get_settled(line, key, amount, callers, used)
            left -= max(settled - paid, 0.0)
        left = max(line.currency_id.round(left), 0.0)
        share = left / abs(amount) if amount else 0.0
        return self._prepare_change(
            key,
            left if amount > 0 else -left,
            value * share,
            line.date,
            line.move_id.name or line.move_id.ref,
        )

    # Evidence: money ------------------------------------------------------------------

    def _get_standing(self, movements):
        """:return: items of the entry that stand from steps before"""
        lines = self.env["account.move.line"].union(
            *[movement.weight.line for movement in movements if movement.weight]
        )
        return lines.move_id.line_ids.filtered("account_id.is_client_balance") - lines

    def _get_bank_evidence(self, line, key, amount, value, standing, used):
        """:return: how much of ``amount`` the money of the entry's own payment or bank
        line covers, positive
        """
        move = line.move_id
        if move._get_client_balance_bank_line():
            return self._get_bank_line_evidence(line, amount, value, standing, used)
        if amount < 0:
            return 0.0
        free = self._get_money_received(move, key) + sum(
            standing.filtered(
                lambda item: (
                    item.currency_id == line.currency_id and item.amount_currency < 0
                )
            ).mapped("amount_currency")
        )
        covered = min(amount, max(free - used[move], 0.0))
        used[move] += covered
        return covered

    def _get_money_received(self, move, key):
        """:return: what the entry's own inbound payment of this client brought"""
        payment = move._get_client_balance_payment()
        if (
            payment.payment_type != "inbound"
            or payment.partner_id.commercial_partner_id.id != key.partner_id
            or payment.currency_id.id != key.currency_id
        ):
            return 0.0
        items = payment._seek_for_lines()[0].filtered(
            lambda item: (
                item.account_id.account_type in LIQUIDITY_TYPES
                and not item.account_id.is_client_balance
                and item.currency_id == payment.currency_id
            )
        )
        return max(min(sum(items.mapped("amount_currency")), payment.amount), 0.0)

    def _get_bank_line_evidence(self, line, amount, value, standing, used):
        """What a bank reports covers both ways, up to its item on the bank account."""
        move = line.move_id
        account = move._get_client_balance_bank_line().journal_id.default_account_id
        items = move.line_ids.filtered(lambda item: item.account_id == account)
        same = items.currency_id == line.currency_id
        field = "amount_currency" if same else "balance"
        sign = 1 if amount > 0 else -1
        # on the balance money is owed: the same sign in the entry is the opposite one
        free = sign * (
            sum(items.mapped(field))
            + sum(item[field] for item in standing if item[field] * sign < 0)
        )
        needed = abs(amount)
        if not same:
            date, root = move.date, line.company_id.root_id
            rated = self.env["client.balance.approval"]._get_value_at_rate(
                root, line.currency_id, abs(amount), date, self.env.user
            )
            needed = max(abs(value), rated / (1 + BANK_RATE_TOLERANCE))
        covered = min(needed, max(free - used[move], 0.0))
        used[move] += covered
        return abs(amount) * covered / needed if needed else 0.0

    # Evidence: what the client owes or is owed ----------------------------------------

    def _get_settled(self, line, key, amount, callers, used):
        """:return: how much of the client's own open receivable items the entry meets,
        now or by the caller that matches it next; never more than its own items
        """
        items = line.move_id.line_ids.filtered(
            lambda item: (
                item.account_id.account_type == "asset_receivable"
                and not item.account_id.is_client_balance
                and item.currency_id == line.currency_id
                and item.amount_currency * amount > 0
                and item.partner_id.commercial_partner_id.id == key.partner_id
            )
        )
        most = abs(sum(items.mapped("amount_currency")))
        settled = 0.0
        for other in self._get_items_to_settle(callers, key, amount):
            free = max(self._get_residual(other, line) - used[other], 0.0)
            part = min(free, most - settled)
            used[other] += part
            settled += part
        if line.currency_id.compare_amounts(settled, min(most, abs(amount))) < 0:
            settled += self._get_matched(items, key)
        return min(settled, most)

    def _get_items_to_settle(self, callers, key, amount):
        """:return: the open items that callers match next, if they are the client's"""
        ids = {item_id for caller in callers for item_id in caller.settles}
        return (
            self.env["account.move.line"]
            .browse(sorted(ids))
            .filtered(
                lambda item: (
                    item.parent_state == "posted"
                    and item.account_id.account_type == "asset_receivable"
                    and not item.account_id.is_client_balance
                    and item.amount_residual * amount < 0
                    and self._is_of_client(item, key)
                )
            )
        )

    def _is_of_client(self, item, key):
        """:return: whether document and item are the client's: links are hints"""
        return item.move_id._get_client_balance_client(item).id == key.partner_id

    def _get_residual(self, item, line):
        """:return: what is open of ``item`` in the currency of ``line``, positive"""
        if item.currency_id == line.currency_id:
            return abs(item.amount_residual_currency)
        # what people may have typed must not make an invoice larger
        at_day = item.currency_id._convert(
            abs(item.amount_residual_currency),
            line.currency_id,
            line.company_id,
            line.date,
        )
        approval, root = self.env["client.balance.approval"], line.company_id.root_id
        worth, unit = (
            approval._get_value_at_rate(root, currency, value, line.date, self.env.user)
            for currency, value in (
                (item.currency_id, abs(item.amount_residual_currency)),
                (line.currency_id, 1.0),
            )
        )
        return min(at_day, worth / unit * (1 + BANK_RATE_TOLERANCE))

    def _get_matched(self, items, key):
        """:return: what is matched with items of the same client already"""
        total = 0.0
        for item in items:
            if item.amount_currency > 0:
                matched = [
                    (partial.credit_move_id, partial.debit_amount_currency)
                    for partial in item.matched_credit_ids
                ]
            else:
                matched = [
                    (partial.debit_move_id, partial.credit_amount_currency)
                    for partial in item.matched_debit_ids
                ]
            total += sum(
                amount for other, amount in matched if self._is_of_client(other, key)
            )
        return total
