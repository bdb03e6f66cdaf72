from odoo import api, fields, models
from odoo.exceptions import UserError


class ClientBalanceSourceDialog(models.AbstractModel):
    """A dialog that takes money from a balance, at most what is available."""

    _name = "client.balance.source.dialog"
    _inherit = ["client.balance.dialog"]
    _description = "Dialog that takes money from a client balance"

    balance_id = fields.Many2one(
        "client.balance",
        string="From balance",
        required=True,
        domain="[('partner_id', '=', partner_id), ('amount', '!=', 0)]",
    )
    currency_id = fields.Many2one(related="balance_id.currency_id")
    balance_now = fields.Monetary(
        string="Balance now", related="balance_id.amount", related_sudo=False
    )
    available = fields.Monetary(
        string="Available balance",
        compute="_compute_available",
        help="The lowest balance of any day from the accounting date on, plus the"
        " overdraft limit.",
    )
    balance_after = fields.Monetary(
        string="Balance after", compute="_compute_balance_after"
    )

    @api.depends("balance_id", "date")
    def _compute_available(self):
        for dialog in self:
            balance = dialog.balance_id
            date = dialog.date or fields.Date.context_today(dialog)
            dialog.available = balance._get_available_on(date).get(balance.id, 0.0)

    @api.depends("balance_id", "amount")
    def _compute_balance_after(self):
        for dialog in self:
            dialog.balance_after = dialog.balance_id.amount - dialog.amount

    @api.model
    def default_get(self, fields):
        """Open on the balance that was asked for, else on the client's largest one."""
        values = super().default_get(fields)
        balance = self.env["client.balance"].browse(values.get("balance_id"))
        if not balance and values.get("partner_id"):
            balance = self._get_default_balance(values)
            values["balance_id"] = balance.id
        if balance:
            values["partner_id"] = balance.partner_id.id
            values["company_id"] = self._get_entry_company(balance.company_id).id
        return values

    def _get_default_balance(self, values):
        partner = self.env["res.partner"].browse(values["partner_id"])
        values["partner_id"] = partner.commercial_partner_id.id
        return self.env["client.balance"].search(
            [
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("company_id", "=", self.env.company.root_id.id),
                ("amount", ">", 0),
            ],
            order="amount desc",
            limit=1,
        )

    def _get_keys(self):
        balance = self.balance_id
        return [
            (
                balance.company_id,
                balance.partner_id,
                balance.partner_bank_id,
                balance.currency_id,
            )
        ]

    def _get_request_fields(self):
        return [*super()._get_request_fields(), "balance_id"]

    def _check(self):
        self._check_balance()
        super()._check()
        self._check_available()

    def _check_balance(self):
        balance = self.balance_id
        if (
            balance.partner_id != self.partner_id.commercial_partner_id
            or balance.company_id != self.company_id.root_id
        ):
            raise UserError(
                self.env._(
                    "Balance %(balance)s does not belong to %(client)s in %(company)s."
                    " Choose a balance of this client.",
                    balance=balance.display_name,
                    client=self.partner_id.display_name,
                    company=self.company_id.display_name,
                )
            )
        self.env["client.balance.posting"]._check_currency(balance.currency_id)

    def _check_available(self):
        # what was shown when the dialog opened may have been spent since
        self.env.invalidate_all()
        balance = self.balance_id
        available = balance._get_available_on(self.date)[balance.id]
        if self.currency_id.compare_amounts(self.amount, available) > 0:
            raise UserError(
                self.env._(
                    "Not enough money on the client balance %(balance)s: on %(date)s"
                    " %(available)s are available, %(wanted)s needed. Type a smaller"
                    " amount or a later date.",
                    balance=balance.display_name,
                    date=self.env["client.balance.gate"]._format_day(self.date),
                    available=balance._format(available),
                    wanted=balance._format(self.amount),
                )
            )
