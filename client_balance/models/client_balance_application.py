from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .client_balance_gate import Caller


class ClientBalanceApplication(models.AbstractModel):
    """The caller for balances that meet open items, without any bank money.

    An invoice is paid from the balance (balance / receivable), an open credit is put
    on it (receivable / balance). The receivable item is reconciled at once; when that
    is undone, the entry is reversed and the money returns to where it came from.
    """

    _name = "client.balance.application"
    _description = "Client balances applied to open items"

    def _check_officer(self):
        """:raise AccessError: for everybody but officers and the superuser"""
        if not self.env.su and not self.env.user.has_group(
            "client_balance.group_client_balance_officer"
        ):
            raise AccessError(
                self.env._(
                    "Only officers of client balances may pay invoices from a balance"
                    " or put credits on it. Ask your accountant."
                )
            )

    def _touch_keys(self, keys):
        """Claim balances in one global order, before any other work.

        :param keys: tuples (company, partner, bank, currency)
        """
        Balance = self.env["client.balance"]
        keys = set(keys)
        for _company, partner, bank, _currency in keys:
            self._check_bank(bank, partner)
        for key in sorted(keys, key=lambda key: [item.id or 0 for item in key]):
            Balance._touch(*key)

    def _check_bank(self, bank, partner):
        """:raise UserError: where ``bank`` is a stranger's; archived ones may pay"""
        if bank and bank.partner_id.commercial_partner_id != (
            partner.commercial_partner_id
        ):
            raise UserError(
                self.env._(
                    "Bank account %(bank)s does not belong to %(client)s. Choose a bank"
                    " account of this client, or none.",
                    bank=bank.acc_number,
                    client=partner.commercial_partner_id.display_name,
                )
            )

    # An invoice paid from the balance -------------------------------------------------

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
                and not line.reconciled
                and line.amount_residual_currency > 0
            )
        ).sorted(lambda line: (line.date_maturity or line.date, line.id))

    def _pay_invoice(self, invoice, amounts, date):
        """Take money from balances of the client and settle ``invoice`` with it.

        :param invoice: a posted customer invoice
        :param amounts: {bank account of the client (may be empty): amount in the
            currency of the invoice}
        :param date: accounting date of the entry
        :return: the posted entry
        :raise UserError: where more than due or more than available is taken
        """
        self._touch_keys(
            (
                invoice.company_id,
                invoice.commercial_partner_id,
                bank,
                invoice.currency_id,
            )
            for bank in amounts
        )
        self._check_payable(invoice)
        # as for every caller: the officer was checked, journals need no right
        invoice_sudo = invoice.sudo()
        amounts = self._round_amounts(amounts, invoice_sudo.currency_id)
        self._check_not_above_due(invoice_sudo, sum(amounts.values()))
        shares = self._get_shares(
            self._get_due_lines(invoice_sudo), sum(amounts.values())
        )
        caller = Caller("write_off", invoice_ids=(invoice.id,))
        return self._post_application(
            self._prepare_payment_vals(invoice_sudo, amounts, shares, date),
            caller,
            shares,
            date,
        )

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
            invoice.commercial_partner_id,
            invoice.currency_id,
            date,
            label,
            "write_off",
            {bank: -amount for bank, amount in amounts.items()},
            shares,
        )

    # An open credit put on the balance ------------------------------------------------

    def _check_open_credits(self, lines):
        """:raise UserError: which item is no open credit of a client"""
        self._check_officer()
        lines.check_access("read")
        # the officer may read the items; accounts and partners need no own right
        for line in lines.sudo():
            if (
                line.parent_state != "posted"
                or line.account_id.account_type != "asset_receivable"
                or line.account_id.is_client_balance
                or not line.partner_id
                or line.currency_id.compare_amounts(line.amount_residual_currency, 0)
                >= 0
            ):
                raise UserError(
                    self.env._(
                        "%(item)s is not an open credit of a client. Only confirmed"
                        " credit notes and payments with money left can be put on the"
                        " balance.",
                        item=line.move_id.display_name,
                    )
                )

    def _check_open_credits_together(self, lines):
        """:raise UserError: as ``_check_open_credits``, and for mixed owners"""
        self._check_open_credits(lines)
        if not self._belong_together(lines):
            raise UserError(
                self.env._(
                    "Put credits of one client, one currency and one company on the"
                    " balance at a time."
                )
            )

    def _belong_together(self, lines):
        """:return: whether one dialog can put these credits on one balance"""
        clients = lines.partner_id.commercial_partner_id
        return max(map(len, (clients, lines.currency_id, lines.company_id))) <= 1

    def _put_on_balance(self, line, amount, bank, date, is_advance=False):
        """Put an open receivable credit on the client's balance.

        :param line: an open credit item of a credit note, a payment or an entry
        :param amount: positive, at most what is open, in the currency of the item
        :param bank: bank account of the client, may be empty
        :param date: accounting date of the entry
        :param is_advance: whether the money is an advance of the client
        :return: the posted entry
        """
        partner = line.partner_id.commercial_partner_id
        self._touch_keys([(line.company_id, partner, bank, line.currency_id)])
        self._check_open_credits(line)
        # as for every caller: the officer was checked, journals need no right
        line_sudo = line.sudo()
        currency = line_sudo.currency_id
        amount = self._round_amounts({bank: amount}, currency)[bank]
        left = -line_sudo.amount_residual_currency
        if currency.compare_amounts(amount, left) > 0:
            raise UserError(
                self.env._(
                    "%(amount)s is more than the %(left)s left of %(credit)s. Put at"
                    " most what is left on the balance.",
                    amount=currency.format(amount),
                    left=currency.format(left),
                    credit=line_sudo.move_id.display_name,
                )
            )
        caller = Caller(
            "credit_note",
            invoice_ids=line_sudo.move_id.filtered(
                lambda move: move.is_invoice(include_receipts=True)
            )._ids,
            is_advance=is_advance,
            advance_date=is_advance and line_sudo.date,
        )
        shares = [(line_sudo, amount)]
        label = self.env._("To client balance: %(credit)s", credit=line_sudo.move_name)
        vals = self._prepare_entry_vals(
            line_sudo.company_id,
            partner,
            currency,
            date,
            label,
            "credit_note",
            {bank: amount},
            shares,
        )
        return self._post_application(vals, caller, shares, date)

    # Entries --------------------------------------------------------------------------

    def _prepare_entry_vals(
        self, company, partner, currency, date, label, kind, amounts, shares
    ):
        """Hook. What the entry says.

        :param kind: type of the settlements
        :param amounts: {bank: amount put on (+) or taken from (−) the balance}
        :param shares: open items and the share of each that is settled
        :return: values of the entry
        """
        common = {
            "name": label,
            "partner_id": partner.id,
            "currency_id": currency.id,
            "tax_ids": [Command.clear()],
        }
        account = company.sudo()._get_client_balance_account(currency)
        lines, value = [], 0.0
        for bank, amount in amounts.items():
            balance = self._get_value((company, partner, bank, currency), amount, date)
            value += balance
            lines.append(
                {
                    **common,
                    "account_id": account.id,
                    "client_balance_bank_id": bank.id,
                    "client_balance_type": kind,
                    "amount_currency": -amount,
                    "balance": -balance,
                }
            )
        lines += self._prepare_counterpart_vals(
            common, company, currency.round(sum(amounts.values())), value, shares
        )
        return {
            "move_type": "entry",
            "company_id": company.id,
            "journal_id": self.env["client.balance.posting"]._get_journal(company).id,
            "date": date,
            "ref": label,
            "line_ids": [Command.create(vals) for vals in lines],
        }

    def _get_value(self, key, amount, date):
        """:return: ``amount`` in the company's currency; what leaves a balance is worth
        what the company's valuation of advances says"""
        company, _partner, _bank, currency = key
        if amount < 0:
            return -self.env["client.balance"]._get_company_value_of(key, -amount, date)
        return currency._convert(amount, company.currency_id, company, date)

    def _prepare_counterpart_vals(self, common, company, amount, value, shares):
        """One receivable item per account of the settled items.

        :param amount: what the balances gain, in the currency of the entry
        :param value: the same in the currency of the company
        """
        by_account = {}
        for line, share in shares:
            by_account[line.account_id] = by_account.get(line.account_id, 0.0) + share
        sign = 1 if amount > 0 else -1
        left, lines = company.currency_id.round(value), []
        for index, (account, share) in enumerate(by_account.items(), 1):
            part = left
            if index < len(by_account):
                part = company.currency_id.round(value * share / abs(amount))
            left -= part
            lines.append(
                {
                    **common,
                    "account_id": account.id,
                    "amount_currency": sign * share,
                    "balance": part,
                }
            )
        return lines

    def _post_application(self, vals, caller, shares, date):
        """Post an entry and reconcile it with the items that it settles."""
        date = fields.Date.to_date(date)
        company = self.env["res.company"].browse(vals["company_id"])
        self._check_open_date(company, date)
        # Officers need no right on journals: everything was checked by our callers.
        Move_sudo = (
            self.env["account.move"].sudo().with_context(client_balance_caller=caller)
        )
        with self.env["client.balance.gate"]._collecting():
            move_sudo = Move_sudo.create(vals)
            move_sudo._post(soft=False)
        plan = []
        for line, _share in shares:
            own = move_sudo.line_ids.filtered(
                lambda item, line=line: item.account_id == line.account_id
            )
            plan.append(own | line.sudo())
        self.env["account.move.line"].sudo()._reconcile_plan(plan)
        return move_sudo.sudo(self.env.su)

    def _check_open_date(self, company, date):
        """:raise UserError: if nothing may be posted on ``date`` any more"""
        posting = self.env["client.balance.posting"]
        open_date = posting._get_open_date(company, date)
        if open_date != date:
            gate = self.env["client.balance.gate"]
            raise UserError(
                self.env._(
                    "%(date)s is in a locked period of %(company)s. The first open"
                    " date is %(open)s.",
                    date=gate._format_day(date),
                    company=company.display_name,
                    open=gate._format_day(open_date),
                )
            )
