from odoo import api, fields, models
from odoo.exceptions import UserError

VIEWER_GROUP = "client_balance.group_client_balance_own"


class AccountPayment(models.Model):
    """Show what a payment moved on a client balance and keep it through edits."""

    _inherit = "account.payment"

    client_balance_credited = fields.Monetary(
        string="Credited to the balance",
        compute="_compute_client_balance_amounts",
        compute_sudo=True,  # shown to people who may not read journal items
        groups=VIEWER_GROUP,
    )
    client_balance_spent = fields.Monetary(
        string="Paid from the balance",
        compute="_compute_client_balance_amounts",
        compute_sudo=True,  # see above
        groups=VIEWER_GROUP,
    )
    client_balance_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Client's bank account",
        compute="_compute_client_balance_amounts",
        compute_sudo=True,  # see above
        groups=VIEWER_GROUP,
    )

    @api.depends(
        "currency_id",
        "move_id.state",
        "move_id.line_ids.account_id",
        "move_id.line_ids.amount_currency",
        "move_id.line_ids.client_balance_bank_id",
    )
    def _compute_client_balance_amounts(self):
        for payment in self:
            lines = payment._get_client_balance_lines()
            amounts = lines.mapped("amount_currency")
            payment.client_balance_credited = -sum(a for a in amounts if a < 0)
            payment.client_balance_spent = sum(a for a in amounts if a > 0)
            payment.client_balance_bank_id = lines.client_balance_bank_id[:1]

    # -- CRUD --------------------------------------------------------------------------

    def write(self, vals):
        if vals.get("state") == "rejected":
            self._check_client_balance_stays()
        self._filter_client_balance_contradicted(vals)._check_client_balance_stays()
        # no list that comes through RPC is a frozenset
        former = frozenset(self._get_client_balance_liquidity(vals).ids)
        payments = self.with_context(client_balance_former_liquidity=former)
        return super(AccountPayment, payments if former else self).write(vals)

    # -- helpers -----------------------------------------------------------------------

    def _get_client_balance_liquidity(self, vals):
        """:return: accounts of the bank items of drafts whose journal ``vals`` changes

        By the accounts of the new journal nobody would know these items any more, and
        core would make the entry anew, without its balance part.
        """
        if not vals.keys() & {"journal_id", "payment_method_line_id"}:
            return self.env["account.account"]
        drafts = self.filtered(
            lambda payment: (
                payment.move_id.state == "draft"
                and payment._get_client_balance_kept_lines()
            )
        )
        return self.env["account.account"].union(
            *[payment._seek_for_lines()[0].account_id for payment in drafts]
        )

    def _get_valid_liquidity_accounts(self):
        accounts = super()._get_valid_liquidity_accounts()
        former = self.env.context.get("client_balance_former_liquidity")
        if isinstance(former, frozenset):
            accounts |= self.env["account.account"].browse(former)
        return accounts

    def _get_outstanding_account(self, payment_type):
        if self.company_id.root_id in self.env.user.company_ids:
            return super()._get_outstanding_account(payment_type)
        # The account is a setting of the root company: core enters it to look there,
        # which a person of a branch only may not.
        found = super(AccountPayment, self.sudo())._get_outstanding_account(
            payment_type
        )
        return found.with_env(self.env)

    def _get_client_balance_lines(self):
        """Return the journal items that move, or will move, a client balance."""
        return self.move_id.line_ids.filtered(
            lambda line: (
                line.account_id.is_client_balance
                and line.parent_state != "cancel"
                and not line.currency_id.is_zero(line.amount_currency)
            )
        )

    def _filter_client_balance_contradicted(self, vals):
        """:return: those that ``vals`` would make differ from their posted entry"""
        will_change = self.env["account.move"]._field_will_change
        return self.filtered(
            lambda payment: (
                payment.move_id.state == "posted"
                and any(
                    will_change(payment, vals, name)
                    for name in vals.keys()
                    & payment._get_client_balance_posted_fields()
                )
            )
        )

    def _get_client_balance_posted_fields(self):
        """Hook. :return: fields that core does not carry into a posted entry

        The bank account of a refund is where the money really goes.
        """
        names = {"amount", "currency_id", "partner_id", "partner_type", "payment_type"}
        if self.payment_type == "outbound":
            names.add("partner_bank_id")
        return names

    def _check_client_balance_stays(self):
        """The entry would stay posted as it is, and with it what it moved."""
        for payment in self:
            lines = payment._get_client_balance_lines()
            if lines and payment.move_id.state == "posted":
                raise UserError(
                    self.env._(
                        "The payment %(payment)s has changed the balance of %(client)s "
                        "and its journal entry would stay. Reset it to draft or cancel "
                        "it instead: the balance is then corrected.",
                        payment=payment.display_name,
                        client=lines.partner_id.commercial_partner_id[:1].display_name,
                    )
                )

    # -- a draft payment that is edited ------------------------------------------------

    def _synchronize_to_moves(self, changed_fields):
        """Leave the items that core would drop and merge into one account as they are.

        Core updates the liquidity and counterpart items and makes the write-off items
        anew, all in the first one's account and without their bank account. A payment
        with a balance part keeps each of its write-off items instead.
        """
        if changed_fields & self._get_client_balance_guarded_fields():
            self._check_client_balance_edit()
        keeping = self.filtered(
            lambda payment: (
                payment.move_id.state != "posted"
                and payment._get_client_balance_kept_lines()
            )
        ).with_context(client_balance_keep_lines=True)
        if not keeping:
            return super()._synchronize_to_moves(changed_fields)
        if "date" in changed_fields:
            keeping._update_client_balance_company_amounts()
        super(AccountPayment, keeping)._synchronize_to_moves(changed_fields)
        # what was computed on the way did not see the items that are kept
        self.env.add_to_compute(self._fields["is_reconciled"], keeping)
        return super(
            AccountPayment, self.browse(set(self.ids) - set(keeping.ids))
        )._synchronize_to_moves(changed_fields)

    @api.model
    def _get_client_balance_guarded_fields(self):
        """Hook. :return: fields whose change would give the balance part away"""
        return {
            "amount",
            "partner_id",
            "partner_type",
            "currency_id",
            "journal_id",
            "payment_type",
            "company_id",
        }

    def _check_client_balance_edit(self):
        """Refuse edits after which the balance part would belong to other money."""
        for payment in self.filtered(lambda pay: pay.move_id.state == "draft"):
            lines = payment._get_client_balance_kept_lines().filtered(
                "account_id.is_client_balance"
            )
            if lines and (
                payment.payment_type != "inbound"
                or payment.partner_type != "customer"
                or lines.currency_id != payment.currency_id
                or lines.partner_id.commercial_partner_id
                != payment.partner_id.commercial_partner_id
            ):
                raise UserError(
                    self.env._(
                        "A part of the payment %(payment)s belongs to the balance of "
                        "%(client)s in %(currency)s, so its client, currency and "
                        "direction cannot change. Delete this payment and register a "
                        "new one.",
                        payment=payment.move_id.name or payment.display_name,
                        client=lines.partner_id.commercial_partner_id[:1].display_name,
                        currency=lines.currency_id[:1].name,
                    )
                )
            if lines:
                payment._check_client_balance_part(lines)

    def _check_client_balance_part(self, lines):
        """The part that goes to a balance must have come with the payment.

        :param lines: items of the payment on balance accounts
        :raise UserError: how much of the payment belongs to the balance
        """
        credited = -sum(
            line.amount_currency for line in lines if line.amount_currency < 0
        )
        if self.currency_id.compare_amounts(self.amount, credited) < 0:
            raise UserError(
                self.env._(
                    "%(part)s of the payment %(payment)s belong to the balance of"
                    " %(client)s, so its amount cannot become %(amount)s. Delete this"
                    " payment and register a new one.",
                    part=self.currency_id.format(credited),
                    payment=self.move_id.name or self.display_name,
                    client=lines.partner_id.commercial_partner_id[:1].display_name,
                    amount=self.currency_id.format(self.amount),
                )
            )

    def _get_client_balance_kept_lines(self):
        """:return: the write-off items of an entry that has a balance part, or none"""
        self.ensure_one()
        plain = self.with_context(client_balance_keep_lines=False)
        liquidity, counterpart, write_off = plain._seek_for_lines()
        if (
            liquidity
            and counterpart
            and write_off.filtered("account_id.is_client_balance")
        ):
            return write_off.with_env(self.env)
        return self.env["account.move.line"]

    def _seek_for_lines(self):
        lines = super()._seek_for_lines()
        if (
            self.env.context.get("client_balance_keep_lines")
            and self._get_client_balance_kept_lines()
        ):
            lines[2] = self.env["account.move.line"]
        return lines

    def _prepare_move_line_default_vals(
        self, write_off_line_vals=None, force_balance=None
    ):
        kept = self.env["account.move.line"]
        if self.env.context.get("client_balance_keep_lines") and self.move_id:
            kept = self._get_client_balance_kept_lines()
        if not kept:
            return super()._prepare_move_line_default_vals(
                write_off_line_vals=write_off_line_vals, force_balance=force_balance
            )
        # they count for the counterpart, but stand already
        standing = [
            {"amount_currency": line.amount_currency, "balance": line.balance}
            for line in kept
        ]
        vals_list = super()._prepare_move_line_default_vals(
            write_off_line_vals=standing, force_balance=force_balance
        )
        return [
            vals for vals in vals_list if not any(vals is other for other in standing)
        ]

    def _update_client_balance_company_amounts(self):
        """Value what is kept in a foreign currency at the rate of the new date."""
        for payment in self:
            for line in payment._get_client_balance_kept_lines():
                if (
                    line.account_id.is_client_balance
                    and line.currency_id != line.company_currency_id
                ):
                    # the rest of the entry follows in core's own write
                    line.with_context(
                        check_move_validity=False,
                        skip_invoice_sync=True,
                    ).balance = payment._get_client_balance_company_amount(line)

    def _get_client_balance_company_amount(self, line):
        """Hook. :return: the value of a balance item on the payment's date"""
        if (
            line.amount_currency > 0
            and not self._pays_other_currency_from_client_balance()
        ):
            key = (
                self.company_id,
                line.partner_id,
                line.client_balance_bank_id,
                line.currency_id,
            )
            return self.env["client.balance"]._get_company_value_of(
                key, line.amount_currency, self.date
            )
        return line.currency_id._convert(
            line.amount_currency,
            self.company_id.currency_id,
            self.company_id,
            self.date,
        )

    def _pays_other_currency_from_client_balance(self):
        """:return: whether what is taken is worth the rate of the day, as in the dialog

        Core counts what pays another currency at that rate.
        """
        return bool(self.invoice_ids.currency_id - self.currency_id)
