from contextlib import nullcontext

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: What a match says: which items, and how much of them.
MATCHED = {
    "debit_move_id",
    "credit_move_id",
    "amount",
    "debit_amount_currency",
    "credit_amount_currency",
}


class AccountPartialReconcile(models.Model):
    """Matches on a balance account stay within a key; undone, they give money back."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        self._check_client_balance_keys(
            (vals.get("debit_move_id"), vals.get("credit_move_id"))
            for vals in vals_list
        )
        partials = super().create(vals_list)
        self._forget_client_balance_matches()
        return partials

    def write(self, vals):
        if MATCHED & vals.keys():
            self._check_client_balance_rewritten(vals)
        return super().write(vals)

    def unlink(self):
        if not self:
            # core asks so at each change of an item, reconciled or not
            return super().unlink()
        self._forget_client_balance_matches()
        entries = self._get_client_balance_applications()
        gate = self.env["client.balance.gate"]
        with gate._collecting() if entries else nullcontext():
            self._remember_client_balance_paid()
            res = super().unlink()
            entries.exists()._undo_client_balance_application()
        return res

    def _check_client_balance_rewritten(self, vals):
        """What a balance has paid is unreconciled, and never becomes another match.

        Core makes and removes matches; only a program rewrites one that is there.
        """
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        will_change = self.env["account.move"]._field_will_change
        changed = self.filtered(
            lambda partial: any(
                will_change(partial, vals, name) for name in MATCHED & vals.keys()
            )
        )
        if not account_ids or not changed:
            return
        # whoever writes need not see what is matched
        Item_sudo = self.env["account.move.line"].sudo()
        given = [vals.get(name) for name in ("debit_move_id", "credit_move_id")]
        items_sudo = changed.sudo().debit_move_id | changed.sudo().credit_move_id
        items_sudo |= Item_sudo.browse(filter(None, given)).exists()
        for move in items_sudo.move_id:
            if not account_ids.isdisjoint(move.line_ids.account_id.ids):
                raise UserError(
                    self.env._(
                        "%(entry)s moves a client balance, so what it is matched with"
                        " is not rewritten. Unreconcile it instead, and the money"
                        " returns.",
                        entry=move.name or move.ref or "",
                    )
                )

    # Within a key ---------------------------------------------------------------------

    def _check_client_balance_keys(self, pairs):
        """Money of one key never pays what another one has spent.

        :param pairs: ids (debit item, credit item) of matches
        :raise UserError: whose items would be matched
        """
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        if not account_ids:
            return
        # whoever matches need not see whose money the items are
        Item_sudo = self.env["account.move.line"].sudo()
        for pair in pairs:
            debit, credit = (Item_sudo.browse(item_id) for item_id in pair)
            accounts = debit.account_id | credit.account_id
            if account_ids.isdisjoint(accounts.ids):
                continue
            if len(accounts) > 1 or not self._is_client_balance_key_shared(
                debit, credit
            ):
                self._refuse_client_balance_match(debit, credit)

    def _is_client_balance_key_shared(self, *items):
        keys = {
            item._get_client_balance_key()
            for item in items
            # what is worth nothing and nobody's makes no settlement
            if item.partner_id or not item.currency_id.is_zero(item.amount_currency)
        }
        return len(keys) < 2

    def _refuse_client_balance_match(self, debit, credit):
        raise UserError(
            self.env._(
                "“%(debit)s” (%(spender)s) and “%(credit)s” (%(owner)s) cannot be"
                " matched. On a balance account a match stays within one client, bank"
                " account and currency: transfer the money between the balances"
                " instead.",
                debit=debit.move_id.name or debit.move_id.ref or "",
                credit=credit.move_id.name or credit.move_id.ref or "",
                spender=self._describe_client_balance_key(debit),
                owner=self._describe_client_balance_key(credit),
            )
        )

    def _describe_client_balance_key(self, item):
        """:return: whose money ``item`` moves, as far as the user may know"""
        _company, client, bank, currency = item._get_client_balance_key()
        # read with the rights of whoever matches
        user_env = self.env(su=False)
        known = client.with_env(user_env)._filtered_access("read")
        account = bank.with_env(user_env)._filtered_access("read").acc_number
        if not account:
            account = (
                self.env._("a bank account") if bank else self.env._("No bank account")
            )
        name = known.name or self.env._("another client")
        return f"{name}, {account}, {currency.name or ''}"

    @api.model
    def _get_client_balance_stray_sql(self, accounts):
        """:param accounts: SQL with the ids of accounts
        :return: SQL of the ids of the matches on them that leave a key
        """
        key = SQL(
            """
            SELECT item.id, item.account_id, item.currency_id,
                   item.client_balance_bank_id AS bank_id,
                   split_part(company.parent_path, '/', 1) AS root_id,
                   client.commercial_partner_id AS client_id,
                   -- what is worth nothing and nobody's makes no settlement
                   client.id IS NULL AND item.amount_currency = 0 AS is_value
              FROM account_move_line item
              JOIN res_company company ON company.id = item.company_id
         LEFT JOIN res_partner client ON client.id = item.partner_id
            """
        )
        return SQL(
            """
            SELECT partial.id
              FROM account_partial_reconcile partial
              JOIN (%(key)s) debit ON debit.id = partial.debit_move_id
              JOIN (%(key)s) credit ON credit.id = partial.credit_move_id
             WHERE (debit.account_id IN (%(accounts)s)
                    OR credit.account_id IN (%(accounts)s))
               AND NOT debit.is_value AND NOT credit.is_value
               AND (debit.account_id, debit.currency_id, debit.bank_id, debit.root_id,
                    debit.client_id)
                   IS DISTINCT FROM
                   (credit.account_id, credit.currency_id, credit.bank_id,
                    credit.root_id, credit.client_id)
            """,
            key=key,
            accounts=accounts,
        )

    # Undone ---------------------------------------------------------------------------

    def _remember_client_balance_paid(self):
        """Remember what a credit paid: the gate names it when the undo is refused.

        Only inside a step of the gate: what a person unmatches by hand stays so.
        """
        touched = self.env["client.balance.gate"]._get_collector()
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        if touched is not None and account_ids:
            # the ledger follows whoever undoes the entry, whatever he may read
            for partial in self.sudo().exists():
                if partial.credit_move_id.account_id.id in account_ids:
                    partial._remember_client_balance(touched)

    def _remember_client_balance(self, touched):
        """Collect who was paid, and the balances that must be matched again."""
        credit, debit = self.credit_move_id, self.debit_move_id
        settlements = self.env["client.balance.settlement"].search(
            [("move_line_ref", "in", (credit.id, debit.id)), ("is_live", "=", True)]
        )
        touched.balance_ids.update(settlements.balance_id.ids)
        if self.credit_currency_id.is_zero(self.credit_amount_currency):
            # an exchange difference spends nothing, and goes with its match
            return
        paid = settlements.filtered(lambda row: row.move_line_ref == debit.id)
        name = ", ".join(paid.invoice_ids.mapped("display_name"))
        touched.paid[credit.id].append(
            (
                name or debit.move_id.display_name,
                self.credit_amount_currency,
                self.credit_currency_id,
            )
        )

    def _get_client_balance_applications(self):
        """:return: entries by which a balance settled what is unreconciled here"""
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        if not account_ids:
            return self.env["account.move"]
        # the ledger follows whoever unreconciles, whatever he may read
        partials_sudo = self.sudo().exists()
        lines = (partials_sudo.debit_move_id | partials_sudo.credit_move_id).filtered(
            lambda line: line.account_id.id not in account_ids
        )
        return lines.move_id._filter_client_balance_applications()

    def _forget_client_balance_matches(self):
        """``client.balance.match`` is a view on these rows: read it again."""
        self.env["client.balance.match"].invalidate_model()
        self.env["client.balance.settlement"].invalidate_model(
            ["used_credit_ids", "paid_ids", "amount_matched", "amount_left"],
            flush=False,
        )
