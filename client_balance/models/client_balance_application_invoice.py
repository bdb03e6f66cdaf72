from odoo import models
from odoo.exceptions import UserError

from .client_balance_gate import Caller


class ClientBalanceApplication(models.AbstractModel):
    """An invoice paid from the balance."""

    _inherit = "client.balance.application"

    def _check_payable(self, invoices):
        """:raise UserError: which invoice cannot be paid from a balance, and why"""
        self._check_officer()
        invoices.check_access("read")
        # the officer may read the invoice; its items need no right of their own
        for invoice in invoices.sudo():
            if invoice.move_type not in ("out_invoice", "out_receipt"):
                raise UserError(
                    self.env._(
                        "%(document)s is not a customer invoice. Only customer"
                        " invoices are paid from a client balance.",
                        document=invoice.display_name,
                    )
                )
            if invoice.state != "posted":
                raise UserError(
                    self.env._(
                        "Invoice %(invoice)s is not confirmed. Confirm it first, then"
                        " pay it from the balance.",
                        invoice=invoice.display_name,
                    )
                )
            if not self._get_due_lines(invoice):
                raise UserError(
                    self.env._(
                        "Nothing is due on invoice %(invoice)s any more.",
                        invoice=invoice.display_name,
                    )
                )
            invoice._check_client_balance_client()

    def _check_payable_together(self, invoices):
        """:raise UserError: as ``_check_payable``, and for mixed currencies"""
        self._check_payable(invoices)
        if len(invoices.currency_id) > 1 or len(invoices.company_id.root_id) > 1:
            raise UserError(
                self.env._(
                    "Pay invoices of one currency and one company at a time: a balance"
                    " never pays another currency by itself."
                )
            )

    def _get_due_lines(self, invoice):
        """Hook. :return: the open receivable items of ``invoice``, first due first"""
        return invoice.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                # a program can write the currency of the invoice alone
                and line.currency_id == line.move_id.currency_id
                and not line.reconciled
                and line.amount_residual_currency > 0
            )
        ).sorted(lambda line: (line.date_maturity or line.date, line.id))

    def _pay_invoice(self, invoice, amounts, date, reference=None):
        """Take money from balances of the client and settle ``invoice`` with it.

        :param invoice: a posted customer invoice
        :param amounts: {bank account of the client (may be empty): amount in the
            currency of the invoice}
        :param date: accounting date of the entry
        :param reference: what makes the request unique: the same one never pays twice,
            it starts the external references of the settlements
        :return: the posted entry
        :raise UserError: where more than due or more than available is taken
        """
        client = invoice._get_client_balance_client()
        self._touch_keys(
            (invoice.company_id, client, bank, invoice.currency_id) for bank in amounts
        )
        self._check_payable(invoice)
        # as for every caller: the officer was checked, journals need no right
        invoice_sudo = invoice.sudo()
        amounts = self._round_amounts(amounts, invoice_sudo.currency_id)
        self._check_not_above_due(invoice_sudo, sum(amounts.values()))
        shares = self._get_shares(
            self._get_due_lines(invoice_sudo), sum(amounts.values())
        )
        caller = Caller(
            "write_off",
            invoice_ids=(invoice.id,),
            settles=tuple(line.id for line, _share in shares),
            by_bank=self._prepare_references(reference, amounts),
        )
        return self._post_application(
            self._prepare_payment_vals(invoice_sudo, amounts, shares, date),
            caller,
            shares,
            date,
        )

    def _prepare_references(self, reference, banks):
        """:return: {bank id: values that name the request on its settlement}"""
        if not reference:
            return {}
        return {
            bank.id: {"external_ref": f"{reference}:{bank.id or 0}"} for bank in banks
        }

    def _round_amounts(self, amounts, currency):
        """:return: {bank: positive rounded amount}, refused where there is none"""
        rounded = {
            bank: currency.round(amount)
            for bank, amount in amounts.items()
            if not currency.is_zero(amount)
        }
        if not rounded or min(rounded.values()) < 0:
            raise UserError(
                self.env._("Type the amount to take from the balance, above zero.")
            )
        return rounded

    def _check_not_above_due(self, invoice, amount):
        currency = invoice.currency_id
        due = currency.round(
            sum(self._get_due_lines(invoice).mapped("amount_residual_currency"))
        )
        if currency.compare_amounts(amount, due) > 0:
            raise UserError(
                self.env._(
                    "%(amount)s is more than the %(due)s due on invoice %(invoice)s."
                    " Take at most what is due.",
                    amount=currency.format(amount),
                    due=currency.format(due),
                    invoice=invoice.display_name,
                )
            )

    def _get_shares(self, lines, amount):
        """Spread ``amount`` over open items in their order.

        :return: [(item, positive share in the item's currency)]
        """
        shares = []
        for line in lines:
            share = min(amount, abs(line.amount_residual_currency))
            if line.currency_id.is_zero(share):
                continue
            shares.append((line, line.currency_id.round(share)))
            amount = line.currency_id.round(amount - share)
        return shares

    def _prepare_payment_vals(self, invoice, amounts, shares, date):
        """Hook. :return: values of the entry that pays ``invoice``"""
        label = self.env._("Paid from balance: %(invoice)s", invoice=invoice.name)
        return self._prepare_entry_vals(
            invoice.company_id,
            invoice._get_client_balance_client(),
            invoice.currency_id,
            date,
            label,
            {bank: -amount for bank, amount in amounts.items()},
            shares,
        )
