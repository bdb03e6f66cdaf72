from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    client_balance_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Client's bank account",
        ondelete="restrict",
        index="btree_not_null",
        help="The bank account of the client to whose balance this item belongs.",
    )

    def _get_client_balance_weight_fields(self):
        """Hook. :return: fields that decide what an item weighs on a balance"""
        return {
            "account_id",
            "partner_id",
            "currency_id",
            "amount_currency",
            "balance",
            "debit",
            "credit",
            "client_balance_bank_id",
            "move_id",
        }

    def _get_client_balance_copied_fields(self):
        """Hook. :return: copies of the entry's own fields, which the gate trusts"""
        return {"company_id", "date", "parent_state"}

    def _get_client_balance_carrying_value(self, amount):
        """What a part of an open credit is worth, at the rate of the credit itself.

        :param amount: float in the item's currency, at most what is open
        :return: float in the company's currency
        """
        self.ensure_one()
        if not self.currency_id.compare_amounts(amount, -self.amount_residual_currency):
            return -self.amount_residual
        value = amount * self.balance / self.amount_currency
        return min(self.company_currency_id.round(value), -self.amount_residual)

    def _get_client_balance_key(self):
        """:return: (company, client, bank account, currency): whose money it moves"""
        return (
            self.company_id.root_id,
            self.partner_id.commercial_partner_id,
            self.client_balance_bank_id,
            self.currency_id,
        )

    def _get_client_balance_pairs(self):
        """:return: these items with what they are matched with, in that order

        Without exchange differences: core makes them anew.
        """
        partials = (self.matched_debit_ids | self.matched_credit_ids).sorted("id")
        return [
            partial.debit_move_id | partial.credit_move_id
            for partial in partials
            if not (
                (partial.debit_move_id | partial.credit_move_id).move_id
                & partials.exchange_move_id
            )
        ]

    def _filter_client_balance(self):
        """:return: those of these items that weigh on a balance now"""
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        if not account_ids:
            return self.browse()
        return self.filtered(
            lambda line: (
                line.account_id.id in account_ids and line.parent_state == "posted"
            )
        )

    @api.model_create_multi
    def create(self, vals_list):
        with self.env["client.balance.gate"]._collecting():
            lines = super().create(vals_list)
            lines._check_client_balance_entry()
            lines._touch_client_balance_entry()
        lines.move_id._check_client_balance_autopost()
        return lines

    def write(self, vals):
        self._check_client_balance_copies(vals)
        if not vals.keys() & self._get_client_balance_weight_fields():
            return super().write(vals)
        self._check_client_balance_write(vals)
        if not self._is_client_balance_owner_named(vals):
            self._filter_client_balance_changed(vals)._check_client_balance_entry()
        with self.env["client.balance.gate"]._collecting():
            self._touch_client_balance_entry()
            res = super().write(vals)
            self._touch_client_balance_entry()
        self.move_id._check_client_balance_autopost()
        return res

    def unlink(self):
        self._check_client_balance_entry()
        with self.env["client.balance.gate"]._collecting():
            self._touch_client_balance_entry()
            moves = self.move_id
            res = super().unlink()
            moves.exists().line_ids._touch_client_balance_entry()
        return res

    def _is_client_balance_owner_named(self, vals):
        """:return: whether core gives items the name of a client's new owner only"""
        touched = self.env["client.balance.gate"]._get_collector()
        return bool(touched and touched.moves_owner) and vals.keys() == {"partner_id"}

    def _get_client_balance_entry_lines(self):
        """:return: items on balance accounts of the posted entries of these items

        What stands against such an item decides whose money moves: each item counts.
        """
        # the gate must see every item, whatever the user may read
        lines_sudo = self.sudo()
        if not self.env["account.account"]._get_client_balance_account_ids():
            return lines_sudo.browse()
        posted = lines_sudo.filtered(lambda line: line.parent_state == "posted")
        return posted.move_id.line_ids._filter_client_balance()

    def _touch_client_balance_entry(self):
        """Tell the gate that the entries of these items change."""
        touched = self.env["client.balance.gate"]._get_collector()
        touched.touch(self._get_client_balance_entry_lines(), self.env)

    def _check_client_balance_entry(self):
        """:raise UserError: for items of entries that our dialogs have posted"""
        self._get_client_balance_entry_lines().move_id._check_client_balance_own_entries()

    def _check_client_balance_copies(self, vals):
        """No screen writes them here, but a program can, past the entry itself."""
        names = vals.keys() & self._get_client_balance_copied_fields()
        account_ids = names and (
            self.env["account.account"]._get_client_balance_account_ids()
        )
        if not account_ids:
            return
        # the guard must see every item, whatever the user may read
        items = self.sudo().filtered(lambda line: line.account_id.id in account_ids)
        for line in items._filter_client_balance_changed(vals, names):
            raise UserError(
                self.env._(
                    "Date, company and state of an item on a balance account are those"
                    " of its entry. Change entry %(entry)s instead.",
                    entry=line.move_id.name or line.move_id.ref or "",
                )
            )

    def _check_client_balance_write(self, vals):
        """The bank account of a posted item changes through a transfer only."""
        if "client_balance_bank_id" not in vals:
            return
        # the guard must see every item, whatever the user may read
        for line in self.sudo()._filter_client_balance():
            if line.client_balance_bank_id.id != (
                vals["client_balance_bank_id"] or False
            ):
                raise UserError(
                    self.env._(
                        "The client's bank account of posted entry %(entry)s cannot be"
                        " changed. Transfer the money between the bank accounts"
                        " instead.",
                        entry=line.move_id.name,
                    )
                )

    def _filter_client_balance_changed(self, vals, names=None):
        """:return: those of these items that ``vals`` would make weigh otherwise"""
        if names is None:
            names = vals.keys() & self._get_client_balance_weight_fields()
        will_change = self.env["account.move"]._field_will_change
        return self.filtered(
            lambda line: any(will_change(line, vals, name) for name in names)
        )

    def reconcile(self):
        """An entry and its reversal have items of several balances on one account."""
        if "move_reverse_cancel" not in self.env.context:
            return super().reconcile()
        # whoever reverses need not see whose money the items are
        by_key = self.sudo().grouped(lambda item: item._get_client_balance_key())
        if len(by_key) < 2 or not self._filter_client_balance():
            return super().reconcile()
        return self._reconcile_plan(
            [items.with_env(self.env) for items in by_key.values()]
        )

    def _reconcile_plan(self, reconciliation_plan):
        """Balances that wait for this reconciliation are matched in the same one."""
        caller = self.env["client.balance.gate"]._get_caller()
        if not (caller and caller.waiting_ids) or any(
            isinstance(part, list) for part in reconciliation_plan
        ):
            return super()._reconcile_plan(reconciliation_plan)
        # The credits of the client may belong to a branch that the user does not see;
        # the caller has checked that he may spend them.
        lines_sudo = self.sudo()
        waiting = lines_sudo.env["client.balance.matching"]._take_waiting_plan(caller)
        plan = [*(lines.sudo() for lines in reconciliation_plan), *waiting]
        lines_sudo.union(*plan)._read_client_balance_documents()
        return super(AccountMoveLine, lines_sudo)._reconcile_plan(plan)

    def _read_client_balance_documents(self):
        """Read what the matches of these items lead to, before they are made.

        The ORM follows each new match to the entries, payments and bank lines that show
        it. What it does not find in its cache it asks for on the way, and before each
        such question it computes and writes all that is pending.
        """
        entries = self.move_id
        entries.line_ids.mapped("matched_debit_ids")
        entries.line_ids.mapped("matched_credit_ids")
        entries.mapped("statement_line_ids")
        entries.mapped("payment_ids")
        entries.mapped("reconciled_payment_ids")

    def _prepare_exchange_difference_move_vals(
        self, amounts_list, company=None, exchange_date=None, **kwargs
    ):
        """Exchange differences belong to the balance whose item they complete."""
        res = super()._prepare_exchange_difference_move_vals(
            amounts_list, company=company, exchange_date=exchange_date, **kwargs
        )
        if res:
            for line, sequence in res["to_reconcile"]:
                if line.client_balance_bank_id:
                    res["move_values"]["line_ids"][sequence][2][
                        "client_balance_bank_id"
                    ] = line.client_balance_bank_id.id
        return res
