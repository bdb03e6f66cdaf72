from odoo import models
from odoo.exceptions import AccessError, UserError


class ClientBalanceGate(models.AbstractModel):
    """What the gate refuses, and whom."""

    _inherit = "client.balance.gate"

    def _check_gone(self, settlements):
        """A settlement is undone once only, a reversal not at all, and what our dialogs
        have posted by a reversal only.
        """
        for settlement in settlements:
            if settlement._is_own_entry():
                settlement._refuse_own_entry()
            if settlement.reversed_by_id:
                raise UserError(
                    self.env._(
                        "Settlement %(name)s of %(client)s was already reversed by"
                        " %(reversal)s. Its journal entry must stay as it is.",
                        name=settlement.name,
                        client=settlement.partner_id.display_name,
                        reversal=settlement.reversed_by_id.name,
                    )
                )
            if settlement.reversal_of_id:
                raise UserError(
                    self.env._(
                        "Journal entry %(name)s reverses settlement %(original)s of"
                        " %(client)s and must stay posted. Add a new settlement"
                        " instead.",
                        name=settlement.name,
                        original=settlement.reversal_of_id.name,
                        client=settlement.partner_id.display_name,
                    )
                )

    def _check_altered(self, movements):
        """What our dialogs have posted stays as it is; a merge renames its owners."""
        for movement in movements:
            if (
                movement.is_altered
                and not (movement.caller or movement.is_trusted)
                and movement.stood._is_own_entry()
            ):
                movement.stood._refuse_own_entry()

    def _check_reversed_once(self, weights):
        """Core reverses an entry as often as it is asked; money goes back once.

        Where the reversal was reversed itself, the money is there again.

        :param weights: those that are not the first to undo a settlement
        """
        settlements = self._find_of_reversed(weights, [])
        for weight in weights:
            move = weight.line.move_id
            undone = settlements.filtered(
                lambda row, weight=weight, move=move: (
                    row.move_id == move.reversed_entry_id
                    and self._cancels_out(row, weight)
                )
            )
            reversals = self._find_standing_reversals(undone, weight)
            if undone and len(reversals) >= len(undone):
                raise UserError(
                    self.env._(
                        "Journal entry %(entry)s would reverse settlement %(name)s of"
                        " %(client)s once more: %(reversal)s has already done so."
                        " Discard it, or add a new settlement instead.",
                        entry=move.name or move.ref or "",
                        name=undone[0].name,
                        client=undone[0].partner_id.display_name,
                        reversal=reversals[0].move_id.name,
                    )
                )

    def _find_standing_reversals(self, undone, weight):
        """:return: other items like that of ``weight`` which undo these settlements"""
        moves = undone.move_id.reversal_move_ids | undone.reversed_by_id.move_id
        lines = moves._get_client_balance_posted_lines() - weight.line
        return lines.filtered(
            lambda line: (
                self._get_key(line) == weight.key
                and line.currency_id.is_zero(line.amount_currency + weight.amount)
                and not (
                    line.move_id.reversal_move_ids._get_client_balance_posted_lines()
                )
            )
        )

    def _judge(self, movements):
        """Hook. Refuse what the user may not move.

        :param movements: list of Movement, all of the step
        :raise AccessError: which entry needs an accountant
        """
        self._check_may_undo(movements)
        self._check_may_post(movements)

    def _check_may_undo(self, movements):
        """What officers may not post they may not undo either.

        Resetting the entry of a refund would give the client money a second time.
        """
        allowed = self._get_officer_types()
        for movement in movements:
            settlement = movement.gone
            if (
                not settlement
                or movement.caller
                or movement.is_trusted
                or settlement.settlement_type in allowed
                or self._may_post(movement.user)
            ):
                continue
            raise AccessError(
                self.env._(
                    "Journal entry %(entry)s moved the balance of %(client)s. Only an"
                    " accountant may change or undo it.",
                    entry=settlement.move_name or settlement.name,
                    client=settlement.partner_id.display_name,
                )
            )

    def _check_may_post(self, movements):
        """Outside our own callers only accountants may move a balance.

        Whoever may post a payment may post it again as it was.
        """
        for movement in movements:
            if (
                not movement.weight
                or movement.caller
                or movement.is_trusted
                or self._stands_again(movement)
                or self._may_post(movement.user)
            ):
                continue
            # read as superuser: the user may post entries that he cannot read back
            line_sudo = movement.weight.line
            raise AccessError(
                self.env._(
                    "Journal entry %(entry)s moves the balance of %(client)s"
                    " through account %(account)s. Only an accountant may post"
                    " it: use the payment dialog, or ask your accountant.",
                    entry=line_sudo.move_id.name or line_sudo.move_id.ref or "",
                    client=line_sudo.partner_id.display_name,
                    account=line_sudo.account_id.display_name,
                )
            )

    def _stands_again(self, movement):
        """:return: whether what officers may post was posted again just as it was"""
        return (
            not movement.is_altered
            and movement.stood
            and movement.stood.settlement_type in self._get_officer_types()
        )

    def _may_post(self, user=None):
        """:return: whether the user may post any entry on a balance account"""
        user = user or self.env.user
        return any(user.has_group(group) for group in self._get_posting_groups())

    def _get_officer_types(self):
        """Hook. :return: types whose entries officers may reset and post again"""
        return {"overpayment", "write_off", "credit_note", "top_up"}

    def _get_posting_groups(self):
        """Hook. :return: groups that may post any entry on a balance account"""
        return (
            "client_balance.group_client_balance_manager",
            "account.group_account_user",
        )

    def _check_weights(self, weights):
        """Each moving item has a client and, if any, a bank account of the client; what
        is paid out goes to this client.
        """
        for weight in weights:
            line = weight.line
            if not weight.key.partner_id and self._is_client_required():
                raise UserError(
                    self.env._(
                        "Journal item “%(item)s” of entry %(entry)s on account"
                        " %(account)s has no client. Fill in the partner of this item:"
                        " money on this account always belongs to a client.",
                        item=line.name or "",
                        entry=line.move_id.name or "",
                        account=line.account_id.display_name,
                    )
                )
            line.client_balance_bank_id._check_client_balance_client(
                line.partner_id, active=False, document=line.move_id
            )
            if weight.amount < 0 and not weight.caller:
                payment = line.move_id._get_client_balance_payment()
                payment._check_client_balance_recipient()

    def _is_client_required(self):
        """Hook. :return: whether a moving item without a client is refused"""
        return True
