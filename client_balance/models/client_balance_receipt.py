import re
from typing import NamedTuple

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import html2plaintext

from .client_balance_gate import Caller

_IBAN = re.compile(r"UA\d{27}")
_COMPANY_ID = re.compile(r"(?<!\d)(?:\d{8}|\d{10}|\d{12})(?!\d)")


class Proposal(NamedTuple):
    """Whose money a bank line is, and how we know."""

    partner: models.BaseModel
    bank: models.BaseModel
    #: "reference", "iban", "company_id", "partner" or False
    evidence: str | bool


class ClientBalanceReceipt(models.AbstractModel):
    """The caller for lines of bank statements that go to client balances."""

    _name = "client.balance.receipt"
    _description = "Bank statement lines on client balances"

    # Whose money it is ----------------------------------------------------------------

    def _get_proposals(self, lines):
        """Client and bank account of bank lines, with a few queries for all of them.

        The payment reference is the surest, then the IBAN, then the company ID
        (ЄДРПОУ), then the partner of the line.

        :return: {line: Proposal}
        """
        texts = {line: self._get_text(line) for line in lines}
        banks = self._find_banks(
            {number for line in lines for number in self._get_ibans(line, texts[line])}
        )
        partners = self._find_partners(
            {code for text in texts.values() for code in _COMPANY_ID.findall(text)}
            - self._get_own_codes(lines)
        )
        return {
            line: self._get_proposal(line, texts[line], banks, partners)
            for line in lines
        }

    def _get_text(self, line):
        """Hook. :return: everything that a bank line says"""
        parts = (
            line.payment_ref,
            line.ref,
            line.partner_name,
            html2plaintext(line.narration or ""),
        )
        return " ".join(part for part in parts if part)

    def _get_ibans(self, line, text):
        number = re.sub(r"\W+", "", line.account_number or "").upper()
        found = _IBAN.findall(re.sub(r"\s+", "", text).upper())
        return [number, *found] if number else found

    def _find_banks(self, numbers):
        """:return: {number: bank account}, only where one client has it"""
        banks = self.env["res.partner.bank"].search(
            [
                ("sanitized_acc_number", "in", list(numbers)),
                ("partner_id.active", "=", True),
                ("company_id", "in", [False, *self.env.companies.ids]),
            ]
        )
        own = self.env.companies.root_id.partner_id
        by_number = {}
        for bank in banks:
            if bank.partner_id.commercial_partner_id not in own:
                by_number.setdefault(bank.sanitized_acc_number, []).append(bank)
        return {
            number: found[0] for number, found in by_number.items() if len(found) == 1
        }

    def _find_partners(self, codes):
        """:return: {company ID or tax ID: client}, only where one client has it"""
        wanted = list(codes | {f"UA{code}" for code in codes})
        partners = self.env["res.partner"].search(
            (Domain("company_registry", "in", wanted) | Domain("vat", "in", wanted))
            & Domain("company_id", "in", [False, *self.env.companies.ids])
        )
        by_code = {}
        for partner in partners:
            for code in {partner.company_registry, partner.vat} - {False, ""}:
                key = code.removeprefix("UA")
                by_code.setdefault(key, self.env["res.partner"])
                by_code[key] |= partner.commercial_partner_id
        return {code: found for code, found in by_code.items() if len(found) == 1}

    def _get_own_codes(self, lines):
        """:return: codes of our own companies, which banks repeat in each line"""
        # the codes of our companies are printed on every invoice
        own = lines.company_id.sudo().partner_id
        codes = set(own.mapped("company_registry")) | set(own.mapped("vat"))
        return {code.removeprefix("UA") for code in codes if code}

    def _get_proposal(self, line, text, banks, partners):
        """:return: the Proposal for one line"""
        none = self.env["res.partner.bank"]
        partner, bank = self.env["client.balance"]._find_by_payment_reference(
            text, line.company_id
        )
        if partner:
            return Proposal(partner, bank, "reference")
        chosen = line.partner_id.commercial_partner_id
        for number in self._get_ibans(line, text):
            bank = banks.get(number, none)
            owner = bank.partner_id.commercial_partner_id
            if owner and chosen in (owner, self.env["res.partner"]):
                return Proposal(owner, bank, "iban")
        if chosen:
            bank = chosen._get_client_balance_bank()
            return Proposal(chosen, bank, "partner")
        found = self.env["res.partner"].union(
            *[partners[code] for code in _COMPANY_ID.findall(text) if code in partners]
        )
        if len(found) == 1:
            return Proposal(found, found._get_client_balance_bank(), "company_id")
        return Proposal(self.env["res.partner"], none, False)

    # Posting --------------------------------------------------------------------------

    def _get_open_amount(self, line):
        """:return: what of a bank line met nothing yet: + received, − paid out"""
        # officers put bank lines on balances without a right on journals
        _liquidity, suspense, _others = line.sudo()._seek_for_lines()
        return -sum(suspense.mapped("amount_currency"))

    def _get_currency(self, line):
        """:return: the currency in which a bank line is open"""
        # officers put bank lines on balances without a right on journals
        _liquidity, suspense, _others = line.sudo()._seek_for_lines()
        return suspense.currency_id[:1] or line.foreign_currency_id or line.currency_id

    def _check_rights(self, amount):
        """:raise AccessError: received money is for officers, paid-out for managers"""
        if amount < 0:
            self.env["client.balance.posting"]._check_manager()
        else:
            self.env["client.balance.application"]._check_officer()

    def _put_on_balance(self, line, amount, partner, bank, is_advance=True):
        """Put a bank line, or a part of its remainder, on a client's balance.

        What the bank has paid out is gone: at most what is available leaves the
        balance, the rest is a receivable of the client, and a person is told.

        :param line: an ``account.bank.statement.line``
        :param amount: + received, − paid out (a refund), in the line's currency
        :param partner: the client
        :param bank: bank account of the client, may be empty
        :param is_advance: whether received money is an advance
        :return: the settlement, empty where nothing was on the balance
        :raise UserError: where more than the remainder is taken, or nothing is left
        """
        line.ensure_one()
        self._check_rights(amount)
        line.check_access("read")
        # as for every caller: the officer was checked, bank entries need no right
        line_sudo = line.sudo()
        partner = partner.commercial_partner_id
        currency = self._get_currency(line)
        self._check_line(line_sudo, amount, partner, currency)
        application = self.env["client.balance.application"]
        application._touch_keys([(line_sudo.company_id, partner, bank, currency)])
        if not line_sudo.partner_id and line_sudo.currency_id.is_zero(
            line_sudo.amount_residual + line_sudo.amount
        ):
            # nothing is matched yet: core may still rewrite the whole entry
            line_sudo.partner_id = partner
        moved = self._get_moved(line_sudo, amount, partner, bank, currency)
        is_advance = is_advance and amount > 0
        caller = Caller(
            "top_up" if amount > 0 else "refund",
            is_advance=is_advance,
            advance_date=is_advance and line_sudo.date,
            description=line_sudo.payment_ref or False,
        )
        before = line_sudo.move_id.line_ids
        move = line_sudo.move_id.with_context(
            client_balance_caller=caller,
            force_delete=True,
            skip_account_move_synchronization=True,
            skip_invoice_sync=True,
            skip_readonly_check=True,
        )
        missing = currency.round(amount - moved)
        with self.env["client.balance.gate"]._collecting():
            if not currency.is_zero(moved):
                commands = self._prepare_commands(line_sudo, moved, partner, bank)
                move.write({"line_ids": commands})
            if not currency.is_zero(missing):
                commands = self._prepare_owed_commands(line_sudo, missing, partner)
                move.write({"line_ids": commands})
        if not currency.is_zero(missing):
            self._warn_of_missing(line_sudo, amount, missing, partner, currency)
        items = (line_sudo.move_id.line_ids - before)._filter_client_balance()
        return self.env["client.balance.posting"]._get_settlements(items)

    def _get_moved(self, line, amount, partner, bank, currency):
        """:return: what of ``amount`` moves the balance"""
        if amount > 0:
            return amount
        available = self.env["client.balance"]._get_available(
            line.company_id, partner, bank, currency, line.move_id.date
        )
        return -currency.round(min(-amount, max(available, 0.0)))

    def _warn_of_missing(self, line, amount, missing, partner, currency):
        user = line.company_id._get_client_balance_responsible(partner)
        told = self.with_context(lang=user.lang)
        line.move_id.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=told.env._("Spent money was charged back"),
            note=told.env._(
                "The bank took back %(amount)s of %(client)s (%(line)s), of which"
                " %(missing)s are not on the balance any more. The client owes them"
                " now: ask for the money.",
                amount=currency.format(-amount),
                client=partner.display_name,
                line=line.payment_ref or line.move_id.name or "",
                missing=currency.format(-missing),
            ),
            user_id=user.id,
        )

    def _check_line(self, line, amount, partner, currency):
        """:raise UserError: why the line cannot go to the balance"""
        if not partner:
            raise UserError(
                self.env._(
                    "Choose the client whose money is bank line “%(line)s”.",
                    line=line.payment_ref or line.move_id.name or "",
                )
            )
        self.env["client.balance.posting"]._check_amount(amount, currency, partner)
        left = self._get_open_amount(line)
        if amount * left <= 0 or currency.compare_amounts(abs(amount), abs(left)) > 0:
            raise UserError(
                self.env._(
                    "%(amount)s of bank line “%(line)s” cannot go to the balance of"
                    " %(client)s: %(left)s of it are left.",
                    amount=currency.format(amount),
                    line=line.payment_ref or line.move_id.name or "",
                    client=partner.display_name,
                    left=currency.format(left),
                )
            )

    def _prepare_commands(self, line, amount, partner, bank):
        """Hook. :return: commands that turn the remainder into the balance's item"""
        key = line.company_id, partner, bank, self._get_currency(line)
        value = self._get_part_value(line, amount)
        posting = self.env["client.balance.posting"]
        return self._prepare_part_commands(
            line, posting._prepare_balance_item(key, amount, value, line.payment_ref)
        )

    def _prepare_owed_commands(self, line, amount, partner):
        """:return: commands that turn the remainder into what the client owes"""
        client = partner.with_company(line.company_id)
        return self._prepare_part_commands(
            line,
            {
                "name": line.payment_ref,
                "account_id": client.property_account_receivable_id.id,
                "partner_id": partner.id,
                "currency_id": self._get_currency(line).id,
                "amount_currency": -amount,
                "balance": -self._get_part_value(line, amount),
                "tax_ids": [Command.clear()],
            },
        )

    def _get_part_value(self, line, amount):
        """:return: ``amount`` of the remainder in the currency of the company"""
        _liquidity, suspense, _others = line._seek_for_lines()
        share = amount / -suspense.amount_currency
        return line.company_id.currency_id.round(-suspense.balance * share)

    def _prepare_part_commands(self, line, vals):
        """:return: commands that turn a part of the remainder into an item"""
        _liquidity, suspense, _others = line._seek_for_lines()
        currency = suspense.currency_id
        rest = currency.round(suspense.amount_currency - vals["amount_currency"])
        item = Command.create(vals)
        if currency.is_zero(rest):
            return [Command.delete(suspense.id), item]
        left = {
            "amount_currency": rest,
            "balance": suspense.balance - vals["balance"],
        }
        return [Command.update(suspense.id, left), item]

    # Without a person -----------------------------------------------------------------

    def _put_references_on_balances(self, lines):
        """Post received lines that carry a payment reference, where the company wants.

        A line that cannot be posted stays open for people: statements are imported
        whatever a client wrote into the purpose.
        """
        wanted = lines.filtered(
            lambda line: (
                line.company_id.root_id.client_balance_auto_top_up
                and line.amount > 0
                and not line.is_reconciled
            )
        )
        if not wanted:
            return
        for line, proposal in self._get_proposals(wanted).items():
            chosen = line.partner_id.commercial_partner_id
            if proposal.evidence != "reference" or (
                chosen and chosen != proposal.partner
            ):
                continue
            try:
                with self.env.cr.savepoint():
                    self._put_on_balance(
                        line,
                        self._get_open_amount(line),
                        proposal.partner,
                        proposal.bank,
                    )
            except UserError as error:
                line.move_id._message_log(body=str(error.args[0]))
