from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .account_account import COUNTERPART_DOMAIN, NO_COUNTERPART_TYPES


class ClientBalanceReason(models.Model):
    """Why a person moves a balance by hand, and which account stands against it."""

    _name = "client.balance.reason"
    _description = "Client balance reason"
    _order = "sequence, id"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company.root_id,
        index=True,
        help="Leave empty to offer the reason in every company; the clearing account "
        "of the company is then used.",
    )
    direction = fields.Selection(
        [
            ("in", "In the client's favour (+)"),
            ("out", "Takes from the client (−)"),
            ("both", "Both ways"),
        ],
        required=True,
        default="both",
    )
    account_id = fields.Many2one(
        "account.account",
        string="Counterpart account",
        check_company=True,
        domain=COUNTERPART_DOMAIN,
        ondelete="set null",
        help="The account that stands against the balance in the journal entry. "
        "Without one the clearing account of the company is used.",
    )
    is_advance = fields.Boolean(
        string="Advance",
        help="The money was paid in advance for something not yet delivered: it counts "
        "in ageing and for VAT on advances.",
    )
    needs_document = fields.Boolean(
        help="A settlement with this reason is refused until a document is attached."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # Settlements that the user does not see need their reason just as well.
        settlement_sudo = (
            self.env["client.balance.settlement"]
            .sudo()
            .search([("reason_id", "in", self.ids)], limit=1)
        )
        if settlement_sudo:
            raise UserError(
                self.env._(
                    "Settlement %(settlement)s gives the reason “%(reason)s”, so it "
                    "cannot be deleted. Archive it instead.",
                    settlement=settlement_sudo.name,
                    reason=settlement_sudo.reason_id.name,
                )
            )

    @api.constrains("account_id", "company_id")
    def _check_account_id(self):
        for reason in self.filtered("account_id"):
            if not reason.company_id:
                raise ValidationError(
                    self.env._(
                        "The reason “%(reason)s” is shared by all companies, so it "
                        "cannot name the account %(account)s. Choose a company, or "
                        "leave the account empty.",
                        reason=reason.name,
                        account=reason.account_id.display_name,
                    )
                )
            if reason.account_id.is_client_balance:
                raise ValidationError(
                    self.env._(
                        "The account %(account)s of the reason “%(reason)s” is a "
                        "balance account itself. Choose another one; money moves "
                        "between balances by a transfer.",
                        reason=reason.name,
                        account=reason.account_id.display_name,
                    )
                )
            if reason.account_id.account_type in NO_COUNTERPART_TYPES:
                raise ValidationError(
                    self.env._(
                        "The account %(account)s of the reason “%(reason)s” is a bank, "
                        "cash or off-balance account. Choose another one; money that "
                        "the client pays or gets is recorded as a payment.",
                        reason=reason.name,
                        account=reason.account_id.display_name,
                    )
                )
