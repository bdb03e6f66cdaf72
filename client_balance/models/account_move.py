from collections import defaultdict
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, formatLang


class AccountMove(models.Model):
    _inherit = "account.move"

    client_balance_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Client's bank account",
        domain="[('partner_id', '=', commercial_partner_id)]",
        ondelete="restrict",
        copy=False,
        index="btree_not_null",
        help="Where the client's overpayment goes, and from where a shortfall is taken."
        " Empty: the default bank account of the client card.",
    )
    client_balance_settlement_ids = fields.Many2many(
        "client.balance.settlement",
        string="Settlements",
        compute="_compute_client_balance_settlement_ids",
        search="_search_client_balance_settlement_ids",
        readonly=True,
        copy=False,
        groups="client_balance.group_client_balance_own",
    )
    client_balance_available = fields.Monetary(
        string="Available client balance",
        compute="_compute_client_balance_available",
        groups="client_balance.group_client_balance_own",
        help="On all bank accounts of the client, in the invoice's currency.",
    )
    client_balance_spent = fields.Char(
        string="From the client balance",
        compute="_compute_client_balance_movements",
        groups="client_balance.group_client_balance_own",
        help="What was paid from the client balance, in the currency of the balance.",
    )
    client_balance_credited = fields.Char(
        string="To the client balance",
        compute="_compute_client_balance_movements",
        groups="client_balance.group_client_balance_own",
        help="What went to the client balance, in the currency of the payment.",
    )

    @api.depends(
        "partner_id",
        "commercial_partner_id",
        "line_ids.partner_id",
        "currency_id",
        "company_id",
    )
    def _compute_client_balance_available(self):
        balances = self._get_client_balances()
        for move in self:
            own = move._sort_client_balances(balances)
            move.client_balance_available = sum(
                max(available, 0.0) for available in own.mapped("available")
            )

    def _compute_client_balance_settlement_ids(self):
        """What the ledger says of these documents, never what they say themselves."""
        found = defaultdict(list)
        Settlement = self.env["client.balance.settlement"]
        rows = self.ids and Settlement.search_fetch(
            [("invoice_ids", "in", self.ids)],
            # with what the record rules will ask of each of them
            ["invoice_ids", "company_id", "partner_id"],
        )
        for row in rows:
            for invoice_id in row.invoice_ids.ids:
                found[invoice_id].append(row.id)
        for move in self:
            rows = Settlement.browse(found.get(move._origin.id, ()))
            move.client_balance_settlement_ids = rows

    def _search_client_balance_settlement_ids(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        rows = Domain(value) if operator == "any" else Domain("id", "in", value)
        found = Domain("id", "in", self._select_client_balance_documents(rows))
        if operator == "in" and False in value:
            every = self._select_client_balance_documents(Domain.TRUE)
            found |= ~Domain("id", "in", every)
        return found

    def _select_client_balance_documents(self, domain):
        """:return: SQL of the documents of those settlements that the user may see"""
        settlements = self.env["client.balance.settlement"]._search(domain)
        return SQL(
            "SELECT invoice_id FROM client_balance_settlement_invoice_rel"
            " WHERE settlement_id IN %s",
            settlements.subselect(),
        )

    @api.model
    def _get_client_balance_ledger_fields(self):
        """:return: fields that show what the ledger says, read anew when it grows"""
        return [
            "client_balance_settlement_ids",
            "client_balance_spent",
            "client_balance_credited",
        ]

    @api.depends("client_balance_settlement_ids")
    def _compute_client_balance_movements(self):
        for move in self:
            standing = move.client_balance_settlement_ids.filtered(
                lambda row: not (row.reversed_by_id or row.reversal_of_id)
            )
            spent = standing.filtered(lambda row: row.amount < 0)
            move.client_balance_spent = move._format_client_balance_sums(spent)
            credited = standing - spent
            move.client_balance_credited = move._format_client_balance_sums(credited)

    def _format_client_balance_sums(self, settlements):
        """:return: sums per currency with the invoices that share them, or False"""
        sums = [
            formatLang(self.env, abs(sum(rows.mapped("amount"))), currency_obj=currency)
            for currency, rows in settlements.grouped("currency_id").items()
        ]
        others = settlements.invoice_ids - self
        if sums and others:
            return self.env._(
                "%(amounts)s (together with %(invoices)s)",
                amounts="; ".join(sums),
                invoices=", ".join(others.mapped("display_name")),
            )
        return "; ".join(sums) or False

    @api.onchange("partner_id")
    def _onchange_client_balance_bank_id(self):
        """The bank account of the former client is none of the new one."""
        owner = self.client_balance_bank_id.partner_id.commercial_partner_id
        if owner and owner._origin != self.partner_id.commercial_partner_id._origin:
            self.client_balance_bank_id = False

    def copy_data(self, default=None):
        """The same client's next invoice or credit note is of the same bank account."""
        vals_list = super().copy_data(default)
        for move, vals in zip(self, vals_list, strict=True):
            bank = move.client_balance_bank_id.filtered("active")
            if bank and vals.get("partner_id") == move.partner_id.id:
                vals.setdefault("client_balance_bank_id", bank.id)
        return vals_list

    # Hooks of the gate --------------------------------------------------------------

    def _get_client_balance_posted_lines(self):
        """:return: the items of these entries that weigh on a balance now"""
        if not self.env["account.account"]._get_client_balance_account_ids():
            return self.env["account.move.line"]
        # the gate must see every item, whatever the user may read
        return self.sudo().line_ids._filter_client_balance()

    def _get_client_balance_payment(self):
        """:return: the payment whose entry this is, as both say: a link is a hint"""
        self.ensure_one()
        payment = self.origin_payment_id
        return payment if payment.move_id == self else payment.browse()

    def _get_client_balance_bank_line(self):
        """:return: the bank line whose entry this is, as both say: a link is a hint"""
        self.ensure_one()
        bank_line = self.statement_line_id
        return bank_line if bank_line.move_id == self else bank_line.browse()

    def _check_client_balance_own_entries(self):
        """What our dialogs have posted stays as it is, for everybody.

        :raise UserError: what to do instead
        """
        lines_sudo = self._get_client_balance_posted_lines()
        if not lines_sudo:
            return
        gate_sudo = lines_sudo.env["client.balance.gate"]
        for settlement in gate_sudo._get_own_settlements(lines_sudo):
            settlement._refuse_own_entry()

    def _check_draftable(self):
        res = super()._check_draftable()
        self._check_client_balance_own_entries()
        return res

    def _get_client_balance_watched_fields(self):
        """Hook. :return: fields of an entry that can change what its items weigh"""
        return {
            "state",
            "date",
            "partner_id",
            "currency_id",
            "company_id",
            "journal_id",
            "line_ids",
            "invoice_line_ids",
        }

    def write(self, vals):
        if "client_balance_settlement_ids" in vals:
            raise UserError(
                self.env._(
                    "Which settlements belong to %(document)s the ledger of client"
                    " balances says. Pay the document, or undo its payment, and this"
                    " follows.",
                    document=self[:1].display_name or "",
                )
            )
        checks_autopost = {"auto_post", "transaction_ids"} & vals.keys()
        if not self._get_client_balance_watched_fields() & vals.keys():
            res = super().write(vals)
            if checks_autopost:
                self._check_client_balance_autopost()
            return res
        leaves = vals.get("state", "posted") != "posted"
        if leaves:
            self._check_client_balance_own_entries()
        with self.env["client.balance.gate"]._collecting() as touched:
            lines = self._get_client_balance_posted_lines()
            touched.touch(lines, self.env)
            if leaves:
                # core keeps matches of drafts: the next spend would find no credit
                lines.remove_move_reconcile()
            res = super().write(vals)
            touched.touch(self._get_client_balance_posted_lines(), self.env)
        if checks_autopost:
            self._check_client_balance_autopost()
        return res

    def _is_client_balance_posted_by_superuser(self):
        """Hook. :return: whether this draft will be posted without any person"""
        self.ensure_one()
        return self.auto_post != "no" or any(
            not transaction.is_post_processed for transaction in self.transaction_ids
        )

    def _check_client_balance_autopost(self):
        """The cron posts as superuser: who prepares it must have the right himself."""
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        gate = self.env["client.balance.gate"]
        if not account_ids or self.env.su or gate._get_caller():
            return
        # the user may lack access to other items of the entry
        for move in self.sudo():
            if (
                move.state == "draft"
                and not account_ids.isdisjoint(move.line_ids.account_id.ids)
                and move._is_client_balance_posted_by_superuser()
                and not gate._may_post()
            ):
                raise AccessError(
                    self.env._(
                        "Journal entry %(entry)s is posted automatically and moves a"
                        " client balance. Only an accountant may prepare it.",
                        entry=move.name or move.ref or "",
                    )
                )

    @contextmanager
    def _check_balanced(self, container):
        """Reconciliation screens rewrite an entry inside this: judge the result."""
        with (
            self.env["client.balance.gate"]._collecting(),
            super()._check_balanced(container),
        ):
            yield

    def _post(self, soft=True):
        # whichever button posts it
        self.origin_payment_id._check_client_balance_recipient()
        self._align_client_balance_client()
        # judged at the end: core matches reversed entries by itself after posting
        with self.env["client.balance.gate"]._collecting():
            return super()._post(soft)

    def _reverse_moves(self, default_values_list=None, cancel=False):
        with self.env["client.balance.gate"]._collecting():
            return super()._reverse_moves(default_values_list, cancel)

    def unlink(self):
        with self.env["client.balance.gate"]._collecting():
            return super().unlink()
