from odoo import api, fields, models
from odoo.exceptions import UserError


class ClientBalanceTransfer(models.TransientModel):
    """Move money to another bank account of the client, or to another client."""

    _name = "client.balance.transfer"
    _inherit = ["client.balance.entry.dialog"]
    _description = "Transfer between client balances"

    partner_to_id = fields.Many2one(
        "res.partner",
        string="To client",
        compute="_compute_partner_to_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    is_other_client = fields.Boolean(compute="_compute_is_other_client")
    bank_to_id = fields.Many2one(
        "res.partner.bank",
        string="To bank account",
        compute="_compute_bank_to_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('partner_id.commercial_partner_id', '=', partner_to_id)]",
        help="Empty: the balance without a bank account.",
    )
    target_now = fields.Monetary(string="Target now", compute="_compute_target")
    target_after = fields.Monetary(string="Target after", compute="_compute_target")

    @api.depends("partner_id")
    def _compute_partner_to_id(self):
        for dialog in self:
            dialog.partner_to_id = dialog.partner_id

    @api.depends("partner_id", "partner_to_id")
    def _compute_is_other_client(self):
        for dialog in self:
            dialog.is_other_client = (
                dialog.partner_to_id.commercial_partner_id
                != dialog.partner_id.commercial_partner_id
            )

    @api.depends("partner_to_id")
    def _compute_needs_approval(self):
        return super()._compute_needs_approval()

    @api.depends("partner_to_id", "balance_id")
    def _compute_bank_to_id(self):
        for dialog in self:
            partner = dialog.partner_to_id.commercial_partner_id
            bank = partner._get_client_balance_bank()
            if bank == dialog.balance_id.partner_bank_id:
                bank = (partner.bank_ids - bank)[:1]
            dialog.bank_to_id = bank

    @api.depends("partner_to_id", "bank_to_id", "balance_id", "amount")
    def _compute_target(self):
        for dialog in self:
            target = self.env["client.balance"]._get_balance(*dialog._get_target_key())
            dialog.target_now = target.amount
            dialog.target_after = target.amount + dialog.amount

    # Confirmation ---------------------------------------------------------------------

    def _get_settlement_type(self):
        return "transfer"

    def _get_amounts(self):
        target = self._get_target_key()[1]
        return [
            (self.partner_id, self.currency_id, -self.amount),
            (target, self.currency_id, self.amount),
        ]

    def _get_request_fields(self):
        return [*super()._get_request_fields(), "partner_to_id", "bank_to_id"]

    def _get_target_key(self):
        return (
            self.balance_id.company_id,
            self.partner_to_id.commercial_partner_id,
            self.bank_to_id,
            self.currency_id,
        )

    def _get_keys(self):
        return [*super()._get_keys(), self._get_target_key()]

    def _check_balance(self):
        super()._check_balance()
        self._check_target()

    def _check_target(self):
        posting = self.env["client.balance.posting"]
        partner = self.partner_to_id.commercial_partner_id
        self.bank_to_id._check_client_balance_client(partner)
        [source_key, target_key] = self._get_keys()
        if source_key == target_key:
            raise UserError(
                self.env._(
                    "The money of %(balance)s is already there. Choose another bank"
                    " account or another client.",
                    balance=self.balance_id.display_name,
                )
            )
        posting._check_client_active(partner)
        posting._check_client_company(partner, self.company_id)
        if self.is_other_client and not (self.description or "").strip():
            raise UserError(
                self.env._(
                    "Money of %(client)s goes to %(other)s. Write the reason, for"
                    " example the number of the letter or of the assignment.",
                    client=self.partner_id.display_name,
                    other=partner.display_name,
                )
            )

    def _get_label(self):
        if self.is_other_client:
            return self.env._(
                "Transfer from %(client)s to %(other)s",
                client=self.partner_id.commercial_partner_id.name,
                other=self.partner_to_id.commercial_partner_id.name,
            )
        nowhere = self.env._("No bank account")
        return self.env._(
            "Transfer from %(bank)s to %(other)s",
            bank=self.balance_id.partner_bank_id.acc_number or nowhere,
            other=self.bank_to_id.acc_number or nowhere,
        )

    def _prepare_lines(self):
        lines = []
        [source_key, target_key] = self._get_keys()
        for sources in self._get_source_groups():
            amount = self.currency_id._sum_client_balance(p.amount for p in sources)
            value = self.company_currency_id._sum_client_balance(
                part.value for part in sources
            )
            values = self._prepare_settlement_values(sources[0])
            lines.append(
                (
                    self._prepare_balance_item_vals(source_key, -amount, value),
                    self._prepare_settlement_values(sources[0], first=not lines),
                )
            )
            lines.append(
                (self._prepare_balance_item_vals(target_key, amount, value), values)
            )
        return lines
