from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class ClientBalancePay(models.TransientModel):
    """Dialog: pay invoices from the balances of their clients."""

    _name = "client.balance.pay"
    _inherit = ["client.balance.asked", "client.balance.primary"]
    _description = "Pay from balance"

    invoice_ids = fields.Many2many("account.move", required=True, readonly=True)
    company_id = fields.Many2one("res.company", compute="_compute_invoices")
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        help="The currency in which the dialog was opened and its amounts were typed.",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    amount_due = fields.Monetary(string="Due", compute="_compute_invoices")
    amount = fields.Monetary(string="To take", compute="_compute_amount")
    amount_left = fields.Monetary(string="Left to pay", compute="_compute_amount")
    line_ids = fields.One2many(
        "client.balance.pay.line",
        "pay_id",
        string="Balances",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    discount_names = fields.Char(
        string="Invoices with a discount", compute="_compute_discount_names"
    )
    is_done = fields.Boolean(readonly=True)

    @api.depends("invoice_ids")
    def _compute_invoices(self):
        for pay in self:
            pay.company_id = pay.invoice_ids.company_id.root_id[:1]
            invoices = pay.invoice_ids
            pay.amount_due = invoices.currency_id[:1]._sum_client_balance(
                invoices.mapped("amount_residual")
            )

    @api.depends("invoice_ids")
    def _compute_currency_id(self):
        for pay in self:
            pay.currency_id = pay.invoice_ids.currency_id[:1]

    @api.depends("invoice_ids", "date")
    def _compute_discount_names(self):
        for pay in self:
            day = pay.date or fields.Date.context_today(pay)
            discounted = pay.invoice_ids._filter_client_balance_discount(day)
            pay.discount_names = ", ".join(discounted.mapped("name"))

    @api.depends("line_ids.amount", "amount_due")
    def _compute_amount(self):
        for pay in self:
            pay.amount = sum(pay.line_ids.mapped("amount"))
            pay.amount_left = pay.amount_due - pay.amount

    @api.depends("invoice_ids")
    def _compute_line_ids(self):
        for pay in self:
            pay.line_ids = [Command.clear()] + [
                Command.create(vals) for vals in pay._prepare_lines()
            ]

    def _prepare_lines(self):
        """Hook. :return: one row per balance, proposing what is available and due

        Money that arrives on a later day has a row as well: the date can be changed.
        """
        balances = self.invoice_ids._get_client_balances()
        available = balances._get_available_on(fields.Date.context_today(self))
        rows = []
        for partner in self.invoice_ids._get_client_balance_clients():
            invoices = self._get_invoices(partner)
            left = invoices.currency_id[:1]._sum_client_balance(
                invoices.mapped("amount_residual")
            )
            for balance in invoices[0]._sort_client_balances(balances):
                room = max(available[balance.id], 0.0)
                if balance.currency_id.is_zero(max(room, balance.amount, 0.0)):
                    continue
                amount = min(room, left)
                left = balance.currency_id.round(left - amount)
                rows.append(
                    {
                        "partner_id": partner.id,
                        "partner_bank_id": balance.partner_bank_id.id,
                        "amount": balance.currency_id.round(amount),
                    }
                )
        return rows

    def _get_invoices(self, partner):
        """:return: the invoices of one client, first due first"""
        return self.invoice_ids._filter_client_balance_of(partner).sorted(
            lambda invoice: (invoice.invoice_date_due or invoice.date, invoice.id)
        )

    def action_confirm(self):
        """Post one entry per invoice. The same dialog confirmed twice pays once.

        :raise UserError: where more than due or more than available is taken
        """
        self.ensure_one()
        application = self.env["client.balance.application"]
        application._check_officer()
        if not self.is_done:
            self._check_currency()
        lines = self.line_ids.filtered(
            lambda line: not self.currency_id.is_zero(line.amount)
        )
        application._touch_keys(
            (self.company_id, line.partner_id, line.partner_bank_id, self.currency_id)
            for line in lines
        )
        self.invalidate_recordset(["is_done"])
        if not self.is_done:
            application._check_payable_together(self.invoice_ids)
            self._check_amounts(lines)
            for invoice, amounts in self._get_allocation(lines).items():
                application._pay_invoice(invoice, amounts, self.date)
            self.is_done = True
        return {"type": "ir.actions.act_window_close"}

    def _check_currency(self):
        """:raise UserError: the invoices are no longer those that the dialog showed"""
        if self.currency_id not in self.invoice_ids.currency_id:
            raise UserError(
                self.env._(
                    "The invoices of this dialog were deleted, or their currency was"
                    " changed, after it was opened. Nothing was taken from the balance."
                    " Close the dialog and open it again."
                )
            )

    def _check_amounts(self, lines):
        """:raise UserError: what was typed cannot be taken"""
        if not lines:
            raise UserError(
                self.env._("Type the amount to take from the balance, above zero.")
            )
        for partner in lines.partner_id:
            typed = lines.filtered(
                lambda line, partner=partner: line.partner_id == partner
            )
            amount = sum(typed.mapped("amount"))
            due = self.currency_id._sum_client_balance(
                self._get_invoices(partner).mapped("amount_residual")
            )
            if (
                min(typed.mapped("amount")) < 0
                or self.currency_id.compare_amounts(amount, due) > 0
            ):
                raise UserError(
                    self.env._(
                        "%(amount)s was typed for %(client)s, whose invoices need"
                        " %(due)s. Type amounts above zero, at most what is due.",
                        amount=self.currency_id.format(amount),
                        client=partner.display_name,
                        due=self.currency_id.format(due),
                    )
                )

    def _get_allocation(self, lines):
        """Spread the typed amounts over the invoices of each client, first due first.

        :return: {invoice: {bank account: amount}}
        """
        allocation = {}
        for partner in lines.partner_id:
            purse = [
                [line.partner_bank_id, line.amount]
                for line in lines
                if line.partner_id == partner
            ]
            for invoice in self._get_invoices(partner):
                left = invoice.amount_residual
                for item in purse:
                    share = self.currency_id.round(min(item[1], left))
                    if self.currency_id.is_zero(share):
                        continue
                    amounts = allocation.setdefault(invoice, {})
                    amounts[item[0]] = amounts.get(item[0], 0.0) + share
                    item[1] = self.currency_id.round(item[1] - share)
                    left = self.currency_id.round(left - share)
        return allocation
