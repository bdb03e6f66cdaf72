from odoo import api, fields, models
from odoo.exceptions import UserError

VIEWER_GROUP = "client_balance.group_client_balance_own"


class AccountPayment(models.Model):
    """Show what a payment moved on a client balance and keep its entry."""

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
        self._check_client_balance_fixed(vals)
        return super().write(vals)

    def _synchronize_to_moves(self, changed_fields):
        """Leave entries with a balance part as they are, also in draft.

        Core would merge their write-off items into one.
        """
        payments = self
        if changed_fields & set(self._get_trigger_fields_to_synchronize()):
            payments = self.filtered(lambda pay: not pay._get_client_balance_part())
        return super(AccountPayment, payments)._synchronize_to_moves(changed_fields)

    # -- helpers -----------------------------------------------------------------------

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
        return self._get_client_balance_part().filtered(
            lambda line: line.parent_state != "cancel"
        )

    def _get_client_balance_part(self):
        """:return: items of the entry on balance accounts, also of a cancelled one"""
        return self.move_id.line_ids.filtered(
            lambda line: (
                line.account_id.is_client_balance
                and not line.currency_id.is_zero(line.amount_currency)
            )
        )

    def _get_client_balance_fixed_fields(self):
        """Hook. :return: fields that stay while the entry has a balance part

        All that core carries into a draft entry, but for words.
        """
        names = {
            name
            for name in self._get_trigger_fields_to_synchronize()
            if self._fields[name].type != "char"
        }
        if self.payment_type == "inbound":
            # the company's own account, which core lets one change on a posted one
            names.discard("partner_bank_id")
        return names | {"company_id", "payment_method_line_id"}

    def _check_client_balance_fixed(self, vals):
        """Refuse what would make a payment differ from its entry."""
        for payment in self:
            names = vals.keys() & payment._get_client_balance_fixed_fields()
            lines = names and payment._get_client_balance_part()
            changed = lines and payment._filter_changed_fields(vals, names)
            if changed:
                raise UserError(
                    self.env._(
                        "The payment %(payment)s moves the balance of %(client)s, so"
                        " its field “%(field)s” cannot change. Delete this payment"
                        " and register a new one.",
                        payment=payment.move_id.name or payment.display_name,
                        client=lines.partner_id.commercial_partner_id[:1].display_name,
                        field=changed[0]._description_string(self.env),
                    )
                )

    def _filter_changed_fields(self, vals, names):
        """:return: list of those fields to which ``vals`` gives another value"""
        fields_ = [self._fields[name] for name in sorted(names)]
        return [
            field
            for field in fields_
            if field.type in ("one2many", "many2many")
            or field.convert_to_cache(vals[field.name], self)
            != field.convert_to_cache(self[field.name], self)
        ]

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

    def _pays_other_currency_from_client_balance(self):
        """:return: whether what is taken is worth the rate of the day, as in the dialog

        Core counts what pays another currency at that rate.
        """
        return bool(self.invoice_ids.currency_id - self.currency_id)
