from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: Context value of core's rewriting of a payment's entry: no object comes through RPC.
SYNC = object()


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    client_balance_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Client's bank account",
        ondelete="restrict",
        index="btree_not_null",
        help="The bank account of the client to whose balance this item belongs.",
    )
    client_balance_type = fields.Selection(
        selection=lambda self: (
            self.env["client.balance.settlement"]
            ._fields["settlement_type"]
            ._description_selection(self.env)
        ),
        string="Settlement type",
        readonly=True,
        copy=False,
        help="Set by the dialogs of client balances; it proves that they made the"
        " item.",
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

    def _is_client_balance_pass(self):
        """:return: whether the running step may stamp items as ours"""
        return self.env.su or bool(self.env["client.balance.gate"]._get_caller())

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
        if not self._is_client_balance_pass():
            for vals in vals_list:
                if vals.get("client_balance_type"):
                    self._refuse_client_balance_stamp()
            # the context's defaults come from whoever asks
            vals_list = [{**vals, "client_balance_type": False} for vals in vals_list]
        with self.env["client.balance.gate"]._collecting() as touched:
            lines = super().create(vals_list)
            touched.touch(lines.sudo()._filter_client_balance(), self.env)
            lines._drop_client_balance_stamps_beside()
        lines.move_id._check_client_balance_autopost()
        return lines

    def write(self, vals):
        self._check_client_balance_copies(vals)
        if not vals.keys() & (
            self._get_client_balance_weight_fields() | {"client_balance_type"}
        ):
            return super().write(vals)
        self._check_client_balance_write(vals)
        with self.env["client.balance.gate"]._collecting() as touched:
            # the gate must see every item, whatever the user may read
            touched.touch(self.sudo()._filter_client_balance(), self.env)
            vals = self._drop_client_balance_stamp(vals)
            changed = self._filter_client_balance_changed(vals)
            changed._drop_client_balance_stamps_beside()
            res = super().write(vals)
            if "move_id" in vals:
                changed._drop_client_balance_stamps_beside()
            # as above
            touched.touch(self.sudo()._filter_client_balance(), self.env)
        self.move_id._check_client_balance_autopost()
        return res

    def unlink(self):
        with self.env["client.balance.gate"]._collecting() as touched:
            # the gate must see every item, whatever the user may read
            touched.touch(self.sudo()._filter_client_balance(), self.env)
            self._drop_client_balance_stamps_beside()
            return super().unlink()

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
        if vals.get("client_balance_type") and not self._is_client_balance_pass():
            self._refuse_client_balance_stamp()
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

    def _drop_client_balance_stamp(self, vals):
        """What a person changes by hand is no longer the work of our dialogs."""
        if self._is_client_balance_pass() or not (
            vals.keys() & self._get_client_balance_weight_fields()
        ):
            return vals
        stamped = self.filtered("client_balance_type")
        if stamped._filter_client_balance_changed(vals):
            return {**vals, "client_balance_type": False}
        return vals

    def _filter_client_balance_changed(self, vals, names=None):
        """:return: those of these items that ``vals`` would make weigh otherwise"""
        if names is None:
            names = vals.keys() & self._get_client_balance_weight_fields()
        will_change = self.env["account.move"]._field_will_change
        return self.filtered(
            lambda line: any(will_change(line, vals, name) for name in names)
        )

    def _drop_client_balance_stamps_beside(self):
        """What stands against a stamped item decides whose money moves.

        With another account on the other side, an entry of ours would be a plain one:
        accountants may post it, officers may not.
        """
        gate = self.env["client.balance.gate"]
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        if not account_ids or self._is_client_balance_pass() or gate._may_post():
            return
        if self.env.context.get("client_balance_sync") is SYNC:
            # core carries a payment's own fields into its draft entry
            return
        # the stamps count, whatever the user may read
        entries_sudo = self.sudo().move_id.filtered(lambda m: m.move_type == "entry")
        beside_sudo = entries_sudo.line_ids - self.sudo()
        types = gate._get_officer_types()
        stamped_sudo = beside_sudo.filtered(
            lambda line: line.client_balance_type in types
        )
        for line in stamped_sudo._filter_client_balance():
            raise AccessError(
                self.env._(
                    "Journal entry %(entry)s moved the balance of %(client)s. Only an"
                    " accountant may change or undo it.",
                    entry=line.move_name,
                    client=line.partner_id.display_name,
                )
            )
        stamped_sudo.client_balance_type = False

    def _refuse_client_balance_stamp(self):
        raise AccessError(
            self.env._(
                "The settlement type of a journal item is set by the dialogs of client"
                " balances only."
            )
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
