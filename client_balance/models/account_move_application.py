from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """Invoices that are paid from the client's balance, and credits put on it."""

    _inherit = "account.move"

    client_balance_apply = fields.Json(
        string="Client balance to apply",
        compute="_compute_client_balance_apply",
        groups="client_balance.group_client_balance_officer",
    )

    @api.depends(
        "state",
        "payment_state",
        "client_balance_bank_id",
        "partner_id",
        "commercial_partner_id",
        "line_ids.partner_id",
    )
    def _compute_client_balance_apply(self):
        """What the invoice offers with one click: one line per bank account."""
        payable = self.filtered(
            lambda move: (
                move.move_type in ("out_invoice", "out_receipt")
                and move.state == "posted"
                and move.payment_state in ("not_paid", "partial")
            )
        )
        balances = payable._get_client_balances()
        available = balances._get_available_on(fields.Date.context_today(self))
        for move in self:
            lines = [
                move._prepare_client_balance_offer(balance, available[balance.id])
                for balance in move._sort_client_balances(balances)
                if move in payable
                and balance.currency_id.compare_amounts(available[balance.id], 0) > 0
            ]
            move.client_balance_apply = (
                {"lines": lines, "note": move._get_client_balance_apply_note()}
                if lines
                else False
            )

    def _get_client_balance_apply_note(self):
        """Hook. :return: what a person should know before the click, or False"""
        return False

    def _get_client_balances(self):
        """:return: balances that could pay these invoices"""
        clients = self._get_client_balance_clients()
        if not clients:
            return self.env["client.balance"]
        return self.env["client.balance"].search(
            [
                ("partner_id", "in", clients.ids),
                ("company_id", "in", self.company_id.root_id.ids),
                ("currency_id", "in", self.currency_id.ids),
            ]
        )

    def _sort_client_balances(self, balances):
        """:return: those of ``balances`` that may pay this invoice, default first"""
        self.ensure_one()
        client = self._get_client_balance_client()
        bank = client._get_client_balance_bank(self)
        return balances.filtered(
            lambda balance: (
                balance.partner_id == client
                and balance.company_id == self.company_id.root_id
                and balance.currency_id == self.currency_id
            )
        ).sorted(
            lambda balance: (
                balance.partner_bank_id != bank,
                balance.partner_bank_id.sequence,
                balance.id,
            )
        )

    def _prepare_client_balance_offer(self, balance, available):
        """Hook. :return: what the invoice shows of one balance"""
        return {
            "bank_id": balance.partner_bank_id.id,
            "bank": balance.partner_bank_id.acc_number or "",
            "available": available,
            "amount": min(available, self.amount_residual),
            "currency_id": balance.currency_id.id,
        }

    # Actions --------------------------------------------------------------------------

    def action_pay_from_client_balance(self):
        """Open the dialog that pays these invoices from balances of the clients.

        :raise AccessError: for everybody but officers
        :raise UserError: which invoice cannot be paid so
        """
        self.env["client.balance.application"]._check_payable_together(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pay from balance"),
            "res_model": "client.balance.pay",
            "view_mode": "form",
            "target": "new",
            "context": {"default_invoice_ids": self.ids},
        }

    def action_apply_client_balance(self, bank_id=False):
        """One click: pay as much as is due and available from one bank account.

        The same click twice pays once: there is nothing left to pay, or no money.

        :param bank_id: id of a bank account of the client, False for none
        :return: whether money was taken
        """
        self.ensure_one()
        application = self.env["client.balance.application"]
        application._check_officer()
        self.check_access("read")
        posting = self.env["client.balance.posting"]
        bank = posting._browse_asked("res.partner.bank", bank_id)[:1]
        partner = self._check_client_balance_client()
        key = self.company_id, partner, bank, self.currency_id
        bank._check_client_balance_client(partner, active=False)
        if not self.env["client.balance"]._get_balance(*key):
            return False
        application._touch_keys([key])
        today = fields.Date.context_today(self)
        amount = min(
            self.env["client.balance"]._get_available(*key, today),
            self.amount_residual,
        )
        if self.currency_id.compare_amounts(amount, 0.0) <= 0:
            return False
        application._pay_invoice(self, {bank: amount}, today)
        return True

    def action_to_client_balance(self):
        """Open the dialog that puts open customer credits on the client's balance."""
        lines = self.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and line.amount_residual_currency < 0
            )
        )
        if not lines:
            raise UserError(
                self.env._(
                    "Nothing is left of %(document)s to put on the balance.",
                    document=self[:1].display_name or "",
                )
            )
        return lines.action_to_client_balance()

    # Undo -----------------------------------------------------------------------------

    def _filter_client_balance_applications(self):
        """:return: those entries by which our callers settled open items, and stand"""
        if not self.ids:
            return self.browse()
        # the ledger knows what an entry of ours is, whatever the user may read
        rows_sudo = (
            self.env["client.balance.settlement"]
            .sudo()
            .search(
                [
                    ("move_id", "in", self.ids),
                    ("is_live", "=", True),
                    ("reversed_by_id", "=", False),
                    ("payment_id", "=", False),
                    ("settlement_type", "in", ("write_off", "credit_note")),
                ]
            )
        )
        standing = self & rows_sudo.move_id.with_env(self.env)
        return standing | self._filter_client_balance_applied_now()

    def _filter_client_balance_applied_now(self):
        """:return: those of the running step, of which the ledger hears later"""
        touched = self.env["client.balance.gate"]._get_collector()
        if touched is None:
            return self.browse()
        return self.filtered(
            lambda move: any(
                touched.passes[line.id][0].settlement_type
                in ("write_off", "credit_note")
                for line in move._get_client_balance_posted_lines()
                if line.id in touched.passes and not move._get_client_balance_payment()
            )
        )

    def _get_client_balance_mirrors(self):
        """:return: the entries that reverse this one, as link and items both say"""
        # whoever undoes the entry need not see all of its items
        return self.sudo().reversal_move_ids.filtered(
            lambda move: move._mirrors_client_balance(self)
        )

    def _mirrors_client_balance(self, origin):
        """Anybody can name an entry as the reversed one: a link is a hint.

        :return: whether the items of this entry are the opposite of those of ``origin``
        """
        return self._count_client_balance_items(1) == (
            origin._count_client_balance_items(-1)
        )

    def _count_client_balance_items(self, sign):
        """:return: how often each item is there, amounts in the smallest units"""
        return Counter(
            (
                line.account_id,
                line.partner_id,
                line.client_balance_bank_id,
                line.currency_id,
                round(sign * line.amount_currency / line.currency_id.rounding),
                round(sign * line.balance / line.company_currency_id.rounding),
            )
            # whoever undoes the entry need not see all of its items
            for line in self.sudo().line_ids
            if line.account_id
        )

    def _undo_client_balance_application(self):
        """Reverse these entries: the money returns to where it came from."""
        touched = self.env["client.balance.gate"]._get_collector()
        moves = self._filter_client_balance_applications().filtered(
            lambda move: (
                move.id not in touched.reversing_ids
                # the running step has reversed it already
                and touched.line_ids.isdisjoint(
                    move._get_client_balance_mirrors()
                    ._get_client_balance_posted_lines()
                    .ids
                )
            )
        )
        if moves:
            self.env["client.balance.posting"]._reverse_moves(
                moves, {move: move.date for move in moves}
            )

    def write(self, vals):
        leaving = self.browse()
        if vals.get("state", "posted") != "posted":
            leaving = self.filtered(lambda move: move.state == "posted")
        if not leaving:
            return super().write(vals)
        with self.env["client.balance.gate"]._collecting():
            # core keeps the matches of drafts; the balance would be spent on nothing
            partials = leaving._get_client_balance_application_partials()
            res = super().write(vals)
            partials.unlink()
        return res

    def _reverse_moves(self, default_values_list=None, cancel=False):
        with self.env["client.balance.gate"]._collecting() as touched:
            # core unreconciles what it reverses: that must not reverse it once more
            reversing_ids = set(self.ids) - touched.reversing_ids if cancel else set()
            touched.reversing_ids |= reversing_ids
            moves = super()._reverse_moves(default_values_list, cancel)
            touched.reversing_ids -= reversing_ids
        return moves

    def _get_client_balance_application_partials(self):
        """:return: matches of these documents that a balance made"""
        # clients see in the portal what paid their invoice, not our entries
        Partial_sudo = self.env["account.partial.reconcile"].sudo()
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        if not account_ids:
            return Partial_sudo
        lines_sudo = self.sudo().line_ids.filtered(
            lambda line: line.account_id.id not in account_ids
        )
        partials = lines_sudo.matched_debit_ids | lines_sudo.matched_credit_ids
        entries = (
            partials.debit_move_id | partials.credit_move_id
        ).move_id._filter_client_balance_applications()
        return partials.filtered(
            lambda partial: (
                partial.debit_move_id.move_id in entries
                or partial.credit_move_id.move_id in entries
            )
        )
