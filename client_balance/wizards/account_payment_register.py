from odoo import api, fields, models
from odoo.tools.misc import clean_context

from ..models.client_balance_gate import Caller


class AccountPaymentRegister(models.TransientModel):
    """Put an overpayment on the client's balance, or take a shortfall from it."""

    _inherit = "account.payment.register"

    client_balance_state = fields.Selection(
        [("over", "Overpayment"), ("under", "Shortfall")],
        compute="_compute_client_balance_state",
        help="Which way the received amount differs from what is due; empty where the "
        "client balance can take no part.",
    )
    client_balance_difference = fields.Monetary(
        string="Payment difference",
        compute="_compute_client_balance_state",
    )
    client_balance_discount_lost = fields.Boolean(
        compute="_compute_client_balance_discount_lost",
    )
    client_balance_partner_id = fields.Many2one(
        "res.partner",
        string="Client",
        compute="_compute_client_balance_partner_id",
    )
    to_client_balance = fields.Boolean(
        string="Credit the difference to the client balance",
        compute="_compute_to_client_balance",
        store=True,
        readonly=False,
    )
    from_client_balance = fields.Boolean(
        string="Write off from the client balance",
        compute="_compute_from_client_balance",
        store=True,
        readonly=False,
    )
    client_balance_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Client's bank account",
        compute="_compute_client_balance_bank_id",
        store=True,
        readonly=False,
        check_company=True,
        domain="[('partner_id.commercial_partner_id', '=', client_balance_partner_id)]",
        help="The bank account of the client whose balance changes.",
    )
    client_balance_available = fields.Monetary(
        string="Available balance",
        compute="_compute_client_balance_available",
        help="What can be taken from the balance of this client and bank account on "
        "the payment date, in the currency of the payment.",
    )
    client_balance_amount = fields.Monetary(
        string="Amount to write off",
        compute="_compute_client_balance_amount",
        store=True,
        readonly=False,
        help="What is taken from the balance. The invoice stays open by the rest.",
    )
    client_balance_amount_typed = fields.Boolean(
        compute="_compute_client_balance_amount_typed",
        store=True,
        readonly=False,
        help="The amount was typed by a person, so it is never changed.",
    )
    client_balance_payment_id = fields.Many2one(
        "account.payment",
        readonly=True,
        copy=False,
        help="The payment that this dialog has made: a repeated request returns it.",
    )

    # -- computes ----------------------------------------------------------------------

    @api.depends("line_ids")
    def _compute_client_balance_partner_id(self):
        for wizard in self:
            lines = wizard.line_ids._origin
            clients = {line._get_client_balance_client() for line in lines}
            wizard.client_balance_partner_id = len(clients) == 1 and clients.pop()

    @api.depends(
        "payment_difference",
        "payment_type",
        "partner_type",
        "partner_id",
        "currency_id",
        "can_edit_wizard",
        "can_group_payments",
        "group_payment",
        "early_payment_discount_mode",
        "is_register_payment_on_draft",
    )
    def _compute_client_balance_state(self):
        for wizard in self:
            difference = wizard.payment_difference
            sign = wizard.currency_id and wizard.currency_id.compare_amounts(
                difference, 0.0
            )
            if not sign or wizard._get_client_balance_obstacle():
                wizard.client_balance_state = False
                wizard.client_balance_difference = 0.0
            else:
                wizard.client_balance_state = "under" if sign > 0 else "over"
                wizard.client_balance_difference = wizard.currency_id.round(
                    abs(difference)
                )

    @api.depends("from_client_balance", "amount", "payment_date", "currency_id")
    def _compute_client_balance_discount_lost(self):
        for wizard in self:
            wizard.client_balance_discount_lost = bool(
                wizard.from_client_balance
                and wizard.payment_date
                and wizard._get_total_amounts_to_pay(wizard.batches)["epd_applied"]
            )

    @api.depends("client_balance_state")
    def _compute_to_client_balance(self):
        for wizard in self:
            wizard.to_client_balance = (
                wizard.to_client_balance and wizard.client_balance_state == "over"
            )

    @api.depends("client_balance_state")
    def _compute_from_client_balance(self):
        for wizard in self:
            wizard.from_client_balance = (
                wizard.from_client_balance and wizard.client_balance_state == "under"
            )

    @api.depends("client_balance_partner_id", "line_ids")
    def _compute_client_balance_bank_id(self):
        for wizard in self:
            client = wizard.client_balance_partner_id
            wizard.client_balance_bank_id = client._get_client_balance_bank(
                wizard._get_client_balance_bank_invoice()
            )

    @api.depends(
        "company_id",
        "client_balance_partner_id",
        "client_balance_bank_id",
        "currency_id",
        "payment_date",
        "client_balance_state",
    )
    @api.depends_context("uid")
    def _compute_client_balance_available(self):
        for wizard in self:
            wizard.client_balance_available = (
                wizard._get_client_balance_available()
                if wizard.client_balance_state and wizard._may_use_client_balance()
                else 0.0
            )

    @api.depends("from_client_balance")
    def _compute_client_balance_amount_typed(self):
        """Unticking forgets what was typed: a new tick brings a new proposal."""
        for wizard in self:
            wizard.client_balance_amount_typed = (
                wizard.client_balance_amount_typed and wizard.from_client_balance
            )

    @api.depends(
        "from_client_balance",
        "client_balance_amount_typed",
        "client_balance_available",
        "client_balance_difference",
    )
    def _compute_client_balance_amount(self):
        for wizard in self:
            if wizard.client_balance_amount_typed:
                wizard.client_balance_amount = wizard.client_balance_amount
            else:
                wizard.client_balance_amount = wizard._get_client_balance_proposal()

    @api.depends("to_client_balance", "from_client_balance")
    def _compute_show_payment_difference(self):
        """Hide core's own choice for the difference while ours is made."""
        super()._compute_show_payment_difference()
        self.filtered(
            lambda wizard: wizard._uses_client_balance()
        ).show_payment_difference = False

    @api.depends("to_client_balance", "from_client_balance")
    def _compute_payment_difference_handling(self):
        """Ticking a box takes core's choice back: both would take the difference."""
        return super()._compute_payment_difference_handling()

    @api.depends("payment_date", "currency_id")
    def _compute_payment_difference(self):
        """Core forgets that the rate of another day changes the difference."""
        return super()._compute_payment_difference()

    @api.onchange("client_balance_amount")
    def _onchange_client_balance_amount(self):
        self.client_balance_amount_typed = self.from_client_balance and bool(
            self.currency_id.compare_amounts(
                self.client_balance_amount, self._get_client_balance_proposal()
            )
        )

    # -- helpers -----------------------------------------------------------------------

    def _uses_client_balance(self):
        return self.to_client_balance or self.from_client_balance

    def _get_client_balance_document_names(self):
        return ", ".join(self.line_ids.move_id.mapped("display_name"))

    def _get_client_balance_invoices(self):
        """Return the invoices that the settlement is linked to."""
        return self.line_ids.move_id.filtered(
            lambda move: move.move_type in ("out_invoice", "out_receipt")
        )

    def _get_client_balance_bank_invoice(self):
        """Return the invoice that names the client's bank account.

        Invoices that name different ones decide nothing: the default is taken then.
        """
        naming = self._get_client_balance_invoices().filtered("client_balance_bank_id")
        return naming[:1] if len(naming.client_balance_bank_id) == 1 else None

    def _get_client_balance_available(self):
        """Return what can be spent on the payment date in the payment's currency."""
        self.ensure_one()
        if not (self.currency_id and self.payment_date and self.company_id):
            return 0.0
        # sudo: the amount is shown to officers only (see the caller), but a rule may
        # hide the balance row itself, e.g. the one of the root company from a branch.
        return (
            self.env["client.balance"]
            .sudo()
            ._get_available(
                self.company_id,
                self.client_balance_partner_id,
                self.client_balance_bank_id,
                self.currency_id,
                self.payment_date,
            )
        )

    def _get_client_balance_proposal(self):
        """Return the amount proposed to take from the balance."""
        self.ensure_one()
        if not self.from_client_balance or self.client_balance_state != "under":
            return 0.0
        missing = min(
            self.client_balance_difference, self._get_client_balance_instalment_rest()
        )
        proposal = max(min(self.client_balance_available, missing), 0.0)
        return self.currency_id.round(proposal)

    def _get_client_balance_instalment_rest(self):
        """Return what is missing to the end of the instalment this payment reaches."""
        self.ensure_one()
        lines = self.batches[0]["lines"]
        if len(lines) == 1 or len(lines.move_id) > 1:
            return self.client_balance_difference
        reached = self._get_total_amounts_to_pay(self.batches)["amount_by_default"]
        if self.currency_id.compare_amounts(reached, self.amount) > 0:
            return reached - self.amount
        reached = 0.0
        for line in lines.sorted(lambda line: line.date_maturity or line.date):
            reached += self._convert_to_wizard_currency(
                [
                    {
                        "line": line,
                        "amount_residual": line.amount_residual,
                        "amount_residual_currency": line.amount_residual_currency,
                    }
                ]
            )
            if self.currency_id.compare_amounts(reached, self.amount) > 0:
                return reached - self.amount
        return self.client_balance_difference

    def _get_client_balance_company_amount(self, amount_currency):
        """Return the value of a balance line in company currency.

        Money that leaves a balance is worth what the settings say, money that arrives
        the rate of the day. So is money that pays another currency, since core counts
        what is paid at that rate; the exchange difference of the advance is its own.

        :param amount_currency: signed amount in the currency of the payment
        """
        if amount_currency > 0 and self.currency_id == self.source_currency_id:
            key = (
                self.company_id,
                self.client_balance_partner_id,
                self.client_balance_bank_id,
                self.currency_id,
            )
            return self.env["client.balance"]._get_company_value_of(
                key, amount_currency, self.payment_date
            )
        return self.currency_id._convert(
            amount_currency,
            self.company_id.currency_id,
            self.company_id,
            self.payment_date,
        )

    # -- business methods --------------------------------------------------------------

    def _create_payments(self):
        """Make the payment and the movement of the balance as one entry."""
        self.ensure_one()
        if not self._uses_client_balance():
            return super()._create_payments()
        self._check_client_balance_rights()
        if self.client_balance_payment_id:
            return self.client_balance_payment_id
        self._check_client_balance_key()
        # First of all, so that the loser of a race has not worked in vain.
        claimed = self.env["client.balance"]._touch(
            (
                self.company_id,
                self.client_balance_partner_id,
                self.client_balance_bank_id,
                self.currency_id,
            )
        )
        self._check_client_balance()
        context = self._prepare_client_balance_context(claimed)
        # the defaults in it come from whoever asks
        wizard = self.with_context(clean_context(self.env.context), **context)
        payments = super(AccountPaymentRegister, wizard)._create_payments()
        # the matching is the gate's own work: the user need not see every credit
        wizard.env["client.balance.matching"].sudo()._match_waiting()
        self._check_client_balance_entry(payments)
        self.client_balance_payment_id = payments
        return payments.with_env(self.env)

    def _prepare_client_balance_context(self, claimed):
        """Return the context under which the payment is created and posted.

        :param claimed: {Key: balance id} of the balance that it moves
        """
        context = {
            "client_balance_caller": Caller(
                self._get_client_balance_type(),
                invoice_ids=tuple(self._get_client_balance_invoices().ids),
                settles=tuple(self.line_ids.ids),
                waiting_ids=set(),
                claimed=claimed,
            ),
        }
        if not self.payment_method_line_id.payment_account_id:
            # Without an outstanding account there may be no entry to carry our part.
            # Where one is set it stands: core would replace it by the chart's.
            context["force_payment_move"] = True
        return context

    def _get_client_balance_type(self):
        return "overpayment" if self.to_client_balance else "write_off"

    def _create_payment_vals_from_wizard(self, batch_result):
        payment_vals = super()._create_payment_vals_from_wizard(batch_result)
        if self._uses_client_balance():
            payment_vals["write_off_line_vals"].append(
                self._prepare_client_balance_line_vals()
            )
        return payment_vals

    def _prepare_client_balance_line_vals(self):
        """Return the values of the journal item on the balance account."""
        self.ensure_one()
        amount_currency = self.currency_id.round(
            -self.client_balance_difference
            if self.to_client_balance
            else self.client_balance_amount
        )
        return self.env["client.balance.posting"]._prepare_balance_item(
            (
                self.company_id,
                self.client_balance_partner_id,
                self.client_balance_bank_id,
                self.currency_id,
            ),
            -amount_currency,
            -self._get_client_balance_company_amount(amount_currency),
            self._get_client_balance_line_name(),
        )

    def _get_client_balance_line_name(self):
        """Return the label of the journal item on the balance account."""
        names = self._get_client_balance_document_names()
        if self.to_client_balance:
            return self.env._("To the client balance: %s", names)
        return self.env._("From the client balance: %s", names)
