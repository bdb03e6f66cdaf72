from odoo import api, fields, models
from odoo.exceptions import UserError


class ClientBalanceDeposit(models.TransientModel):
    """Dialog: put open credits of a client on the client's balance."""

    _name = "client.balance.deposit"
    _inherit = ["client.balance.asked", "client.balance.primary"]
    _description = "To client balance"

    line_ids = fields.Many2many(
        "account.move.line", string="Open credits", required=True, readonly=True
    )
    company_id = fields.Many2one("res.company", compute="_compute_credits")
    partner_id = fields.Many2one(
        "res.partner", string="Client", compute="_compute_credits"
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_credits")
    amount_open = fields.Monetary(string="Open", compute="_compute_credits")
    partner_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Bank account",
        compute="_compute_partner_bank_id",
        store=True,
        readonly=False,
        help="To whose balance the money goes. Empty: no bank account.",
    )
    amount = fields.Monetary(
        string="To the balance",
        compute="_compute_amount",
        store=True,
        readonly=False,
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    is_advance = fields.Boolean(
        string="Advance",
        compute="_compute_is_advance",
        store=True,
        readonly=False,
        help="The client paid for goods or services still to come.",
    )
    is_done = fields.Boolean(readonly=True)

    @api.depends("line_ids")
    def _compute_credits(self):
        for deposit in self:
            lines = deposit.line_ids
            deposit.company_id = lines.company_id[:1]
            deposit.partner_id = lines._get_client_balance_clients()[:1]
            deposit.currency_id = lines.currency_id[:1]
            deposit.amount_open = -sum(lines.mapped("amount_residual_currency"))

    @api.depends("line_ids")
    def _compute_partner_bank_id(self):
        for deposit in self:
            invoices = deposit.line_ids.move_id.filtered("client_balance_bank_id")
            deposit.partner_bank_id = deposit.partner_id._get_client_balance_bank(
                invoices[:1]
            )

    @api.depends("line_ids")
    def _compute_amount(self):
        for deposit in self:
            deposit.amount = deposit.amount_open

    @api.depends("line_ids")
    def _compute_is_advance(self):
        for deposit in self:
            # money of a payment that met no invoice came in advance
            deposit.is_advance = bool(deposit.line_ids) and all(
                line.move_id.origin_payment_id for line in deposit.line_ids
            )

    def action_confirm(self):
        """Post one entry per credit, oldest first. Confirmed twice, it counts once.

        :raise UserError: where more than what is open is put on the balance
        """
        self.ensure_one()
        application = self.env["client.balance.application"]
        application._check_officer()
        if not self.line_ids and not self.is_done:
            raise UserError(
                self.env._(
                    "The document of this credit was deleted after the dialog was"
                    " opened. Nothing was put on the balance. Close the dialog."
                )
            )
        application._touch_keys(
            [(self.company_id, self.partner_id, self.partner_bank_id, self.currency_id)]
        )
        self.invalidate_recordset(["is_done"])
        if not self.is_done:
            application._check_open_credits_together(self.line_ids)
            self._check_amount()
            lines = self.line_ids.sorted(lambda line: (line.date, line.id))
            for line, share in application._get_shares(lines, self.amount):
                application._put_on_balance(
                    line, share, self.partner_bank_id, self.date, self.is_advance
                )
            self.is_done = True
        return {"type": "ir.actions.act_window_close"}

    def _check_amount(self):
        """:raise UserError: what was typed cannot be put on the balance"""
        currency = self.currency_id
        if (
            currency.compare_amounts(self.amount, 0.0) <= 0
            or currency.compare_amounts(self.amount, self.amount_open) > 0
        ):
            raise UserError(
                self.env._(
                    "%(amount)s cannot be put on the balance of %(client)s: type an"
                    " amount above zero, at most the %(open)s that are open.",
                    amount=currency.format(self.amount),
                    client=self.partner_id.display_name,
                    open=currency.format(self.amount_open),
                )
            )
