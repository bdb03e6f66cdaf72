from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ClientBalanceBatch(models.TransientModel):
    """Clients who owe us while their money lies on the balance."""

    _inherit = "client.balance.batch"

    kind = fields.Selection(
        selection_add=[("offset", "Debts while money lies on the balance")],
        ondelete={"offset": "cascade"},
    )

    @api.model
    def action_open_offset(self):
        """Propose to pay what is due from the balances, as far as they go."""
        self._check_rights("offset")
        lines = self._prepare_offset_lines()
        if not lines:
            raise UserError(
                self.env._(
                    "Nobody owes anything while money lies on the balance: there is"
                    " nothing to offset."
                )
            )
        return self._open("offset", lines)

    def _get_offset_domain(self, balances):
        """Hook. :return: domain of the invoices that balances could pay

        Not those with a discount that a payment from the balance would give up.
        """
        return ~self._get_offset_discount_domain() & Domain(
            [
                ("company_id", "child_of", self.env.company.root_id.id),
                ("company_id", "in", self.env.companies.ids),
                ("partner_id.commercial_partner_id", "in", balances.partner_id.ids),
                ("currency_id", "in", balances.currency_id.ids),
                ("move_type", "in", ("out_invoice", "out_receipt")),
                ("state", "=", "posted"),
                ("payment_state", "in", ("not_paid", "partial")),
                ("amount_residual", ">", 0),
            ]
        )

    def _get_offset_discount_domain(self):
        """:return: domain of the invoices whose early payment discount is open"""
        return Domain(
            [
                ("payment_state", "=", "not_paid"),
                ("invoice_payment_term_id.early_discount", "=", True),
                ("line_ids.discount_date", ">=", fields.Date.context_today(self)),
            ]
        )

    def _prepare_offset_lines(self):
        """Hook. :return: values of one proposal per balance that can pay something"""
        balances = self.env["client.balance"].search(
            [("company_id", "=", self.env.company.root_id.id), ("amount", ">", 0)]
        )
        owed = defaultdict(float)
        for invoice in self.env["account.move"].search(
            self._get_offset_domain(balances)
        ):
            key = invoice._get_client_balance_client(), invoice.currency_id
            owed[key] += invoice.amount_residual
        available = balances._get_available_on(fields.Date.context_today(self))
        lines = []
        for balance in balances.sorted(lambda row: (row.partner_id.name or "", row.id)):
            key, currency = (
                (balance.partner_id, balance.currency_id),
                balance.currency_id,
            )
            room = min(available[balance.id], balance.amount)
            amount = currency.round(min(room, owed[key]))
            if currency.compare_amounts(amount, 0.0) <= 0:
                continue
            lines.append(
                {
                    "partner_id": balance.partner_id.id,
                    "partner_bank_id": balance.partner_bank_id.id,
                    "currency_id": currency.id,
                    "amount_owed": owed[key],
                    "amount_max": room,
                    "amount": amount,
                }
            )
            owed[key] -= amount
        return lines


class ClientBalanceBatchLine(models.TransientModel):
    _inherit = "client.balance.batch.line"

    def _run_offset(self):
        """Pay the client's invoices from this balance, first due first."""
        application = self.env["client.balance.application"]
        invoices = (
            self.env["account.move"]
            .search(self._get_offset_invoice_domain())
            ._filter_client_balance_of(self.partner_id)
        )
        left = self.amount
        for invoice in invoices.sorted(
            lambda move: (move.invoice_date_due or move.date, move.id)
        ):
            share = self.currency_id.round(min(left, invoice.amount_residual))
            if self.currency_id.is_zero(share):
                break
            application._pay_invoice(
                invoice, {self.partner_bank_id: share}, self.batch_id.date
            )
            left = self.currency_id.round(left - share)
        if self.currency_id.compare_amounts(left, 0.0) > 0:
            raise UserError(
                self.env._(
                    "%(client)s owes %(left)s less than when the list was made. Open"
                    " the list again.",
                    client=self.partner_id.display_name,
                    left=self.currency_id.format(left),
                )
            )

    def _get_offset_invoice_domain(self):
        """:return: domain of the invoices that this line may pay"""
        balance = self.env["client.balance"]._get_balance(
            self.batch_id.company_id,
            self.partner_id,
            self.partner_bank_id,
            self.currency_id,
        )
        return self.batch_id._get_offset_domain(balance)
