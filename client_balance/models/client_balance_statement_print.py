from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang


class ClientBalanceStatement(models.Model):
    """The act as a document: PDF, spreadsheet, portal."""

    _inherit = "client.balance.statement"

    # Parties --------------------------------------------------------------------------

    def _get_parties(self):
        """:return: {"company": dict, "client": dict}, as they were when it was sent"""
        self.ensure_one()
        return self.parties_data or self._prepare_parties()

    def _prepare_parties(self):
        """Hook. :return: {"company": dict, "client": dict}, see ``_prepare_party``"""
        self.ensure_one()
        # clients and salespeople need not see our company's bank accounts
        act_sudo = self.sudo()
        client = act_sudo.partner_id
        bank = client.client_balance_bank_id
        return {
            "company": act_sudo._prepare_party(act_sudo.company_id.partner_id),
            "client": act_sudo._prepare_party(client, bank),
        }

    def _prepare_party(self, partner, bank=None):
        """Hook. :return: plain values of one party: name, codes, bank and address"""
        self.ensure_one()
        bank = bank or self._get_bank(partner)
        return {
            "name": partner.name,
            "codes": self._get_codes(partner),
            "iban": bank.acc_number or "",
            "bank": bank.bank_id.name or "",
            "address": self._get_address(partner),
            # countries have names of their own in each language of the act
            "addresses": {
                lang: self._get_address(partner.with_context(lang=lang))
                for lang in self._get_languages().values()
            },
        }

    def _get_address(self, partner):
        """:return: the address in one line, in the language of the context"""
        lines = (partner._display_address(True) or "").splitlines()
        return ", ".join(filter(None, map(str.strip, lines)))

    def _get_bank(self, partner):
        """:return: the party's bank account in the currency of the act, or its first"""
        banks = partner.bank_ids
        return (banks.filtered(lambda b: b.currency_id == self.currency_id) or banks)[
            :1
        ]

    def _get_codes(self, partner):
        """:return: [[kind, number]] of the party's codes; kinds as ``_get_code_labels``

        A Ukrainian company has eight digits of ЄДРПОУ, an entrepreneur (ФОП) ten of
        РНОКПП; foreign parties have a registration number and a tax number.
        """
        registry = (partner.company_registry or "").strip()
        vat = (partner.vat or "").strip()
        ukrainian = partner.country_id.code in (False, "UA")
        codes = []
        if registry:
            kind = {8: "edrpou", 10: "rnokpp"}.get(len(registry), "registry")
            if not ukrainian or not registry.isdigit():
                kind = "registry"
            codes.append([kind, registry])
        if vat and vat != registry:
            person = ukrainian and not registry and vat.isdigit() and len(vat) == 10
            kind = "ipn" if ukrainian else "tax_id"
            codes.append(["rnokpp" if person else kind, vat])
        return codes

    def _get_code_labels(self):
        """Hook. :return: {kind of code: label in the user's language}"""
        return {
            "edrpou": self.env._("EDRPOU code"),
            "rnokpp": self.env._("RNOKPP"),
            "registry": self.env._("Registration number"),
            "ipn": self.env._("VAT payer's number"),
            "tax_id": self.env._("Tax number"),
        }

    # The document ---------------------------------------------------------------------

    def _get_print_languages(self):
        """:return: codes of the languages in which the act is printed, one or two"""
        self.ensure_one()
        installed = self._get_languages()
        wanted = {"both": ["uk", "en"]}.get(self.print_language, [self.print_language])
        missing = [language for language in wanted if language not in installed]
        if missing:
            raise UserError(
                self.env._(
                    "%(act)s is to be printed in a language that is not installed."
                    " Install it in Settings → Languages, or choose another one.",
                    act=self.display_name,
                )
            )
        return [installed[language] for language in wanted]

    def _get_print_data(self, lang):
        """:return: all values and texts of the act in one language

        :param lang: code of the language, as of ``_get_print_languages``
        """
        self.ensure_one()
        act = self.with_context(lang=lang)
        parties = act._get_parties()
        return {
            "act": act,
            "company": act._prepare_printed_party(parties["company"]),
            "client": act._prepare_printed_party(parties["client"]),
            "preamble": act._get_preamble(parties),
            "sections": [
                act._prepare_printed_section(section, title)
                for section, title in act._get_section_titles()
            ],
            "client_totals": act._get_client_totals(),
            "money": act._format_amount,
            "day": lambda date: format_date(act.env, date) if date else "",
            "conclusions": act._get_conclusions(parties),
        }

    def _get_preamble(self, parties):
        """Hook. :return: the sentence, with marked names, that the table follows"""
        company = self._get_signing_party(
            parties["company"], self.company_position, self.company_signatory
        )
        client = self._get_signing_party(
            parties["client"], self.client_position, self.client_signatory
        )
        return self.env._(
            "We, the undersigned, %(company)s, on the one side, and %(client)s, on the"
            " other side, have drawn up this act to state that the mutual settlements"
            " are as follows:",
            company=company,
            client=client,
        )

    def _get_signing_party(self, party, position, signatory):
        name = Markup("<strong>%s</strong>") % party["name"]
        if not signatory:
            return name
        return self.env._(
            "%(party)s, represented by %(signatory)s",
            party=name,
            signatory=" ".join(filter(None, [position, signatory])),
        )

    def _get_section_titles(self):
        """Hook. :return: [(section, title or False)] in the order of the act"""
        if not self.include_purchases:
            return [("sales", False)]
        titles = {
            "sales": self.env._("Sales"),
            "purchases": self.env._("Purchases"),
        }
        return list(titles.items())

    def _prepare_printed_party(self, party):
        labels = self._get_code_labels()
        codes = [f"{labels[kind]} {number}" for kind, number in party["codes"]]
        iban = party["iban"] and self.env._("IBAN %(number)s", number=party["iban"])
        details = [*codes, " ".join(filter(None, [iban, party["bank"]]))]
        addresses = party.get("addresses") or {}
        return {
            **party,
            "address": addresses.get(self.env.lang) or party["address"],
            "details": ", ".join(filter(None, details)),
        }

    def _prepare_printed_section(self, section, title):
        """Hook. :return: rows and totals of one section, for our half"""
        lines = self.line_ids.filtered(lambda line: line.section == section)
        return {
            "title": title,
            "lines": lines,
            **self._get_section_totals(section),
        }

    def _get_client_totals(self):
        """:return: totals of the client's half, for both sections; None if empty"""
        if not self.has_client_half:
            return None
        total = self.currency_id._sum_client_balance
        return {
            "opening": self.client_opening_balance,
            "debit": total(self.line_ids.mapped("client_debit")),
            "credit": total(self.line_ids.mapped("client_credit")),
            "closing": self.client_closing_balance,
        }

    def _format_amount(self, amount):
        """:return: the amount without the currency's sign; nothing for no amount"""
        return formatLang(
            self.env, amount, digits=self.currency_id.decimal_places, grouping=True
        )

    def _get_conclusions(self, parties):
        """:return: sentences with the debts, in figures and in words"""
        if not self.include_purchases:
            return [self._get_conclusion(self.closing_balance, parties)]
        return [
            self.env._("Sales")
            + ": "
            + self._get_conclusion(self.closing_balance, parties),
            self.env._("Purchases")
            + ": "
            + self._get_conclusion(self.purchase_closing_balance, parties),
        ]

    def _get_conclusion(self, closing, parties):
        """:return: one sentence on a closing balance (+ the client owes us)"""
        company, client = parties["company"]["name"], parties["client"]["name"]
        day = format_date(self.env, self.date_to)
        if self.currency_id.is_zero(closing):
            return self.env._(
                "By the books of %(company)s there is no debt on %(date)s.",
                company=company,
                date=day,
            )
        return self.env._(
            "By the books of %(company)s the debt in favour of %(creditor)s on %(date)s"
            " amounts to %(amount)s (%(words)s).",
            company=company,
            creditor=company if closing > 0 else client,
            date=day,
            amount=formatLang(self.env, abs(closing), currency_obj=self.currency_id),
            words=self.currency_id._get_client_balance_words(
                closing, "uk" if (self.env.lang or "").startswith("uk") else "en"
            ),
        )

    def _get_report_base_filename(self):
        self.ensure_one()
        return self.env._(
            "Act of reconciliation %(number)s %(client)s %(currency)s",
            number=self.display_name.replace("/", "-"),
            client=(self.partner_id.name or "").replace("/", "-"),
            currency=self.currency_id.name,
        )

    def action_print(self):
        """Print the act; a draft is taken from the books anew."""
        self.check_access("read")
        drafts = self.filtered(lambda act: act.state == "draft")
        if drafts and drafts.has_access("write"):
            drafts._fill()
        return self.env.ref(
            "client_balance.action_report_client_balance_statement"
        ).report_action(self)

    @api.readonly
    def action_download_xlsx(self):
        """Download the act as a spreadsheet."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/client_balance/statement/{self.id}/xlsx",
            "target": "self",
        }
