from odoo import models
from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# What the set-up creates: name, type of account, and the references to take over from
# a chart when nothing is posted there. Codes would not do: charts pad them.
ACCOUNTS = {
    "client_balance_account_id": {
        "xmlid": "account",
        "name": _lt("Client balances"),
        "chart": {"ua_psbo": "ua_psbp_6811"},
        "near": {"ua_psbo": "ua_psbp_6811"},
    },
    "client_balance_foreign_account_id": {
        "xmlid": "foreign_account",
        "name": _lt("Client balances in foreign currencies"),
        "chart": {"ua_psbo": "ua_psbp_6812"},
        "near": {"ua_psbo": "ua_psbp_6812"},
    },
    "client_balance_clearing_account_id": {
        "xmlid": "clearing_account",
        "name": _lt("Client balance clearing"),
        "chart": {},
        "near": {"ua_psbo": "ua_psbp_6851"},
    },
}

JOURNAL_NAME = _lt("Client balance")

# ``chart``: references in a chart, the first that exists; ``types``: where to look in
# other charts; ``receivable``: the default account of clients. A reason without an
# account uses the clearing account.
REASONS = {
    "receivable": {
        "name": _lt("Overpayment transferred from receivables"),
        "names": {"ua_psbo": _lt("Overpayment transferred from 361")},
        "direction": "in",
        "chart": {"ua_psbo": ["ua_psbp_361"]},
        "receivable": True,
        "is_advance": True,
    },
    "bonus": {
        "name": _lt("Bonus or compensation to the client"),
        "direction": "in",
        "chart": {"ua_psbo": ["ua_psbp_93", "ua_psbp_949"]},
        "types": ["expense_other", "expense"],
    },
    "penalty": {
        "name": _lt("Penalty withheld"),
        "direction": "out",
        "chart": {"ua_psbo": ["ua_psbp_715"]},
        "types": ["income_other", "income"],
    },
    "limitation": {
        "name": _lt("Written off after the limitation period"),
        "direction": "out",
        "chart": {"ua_psbo": ["ua_psbp_717"]},
        "types": ["income_other", "income"],
        "needs_document": True,
    },
    "correction": {
        "name": _lt("Correction of errors"),
        "direction": "both",
    },
}


class ClientBalanceSetup(models.AbstractModel):
    """Prepares a company: finds or creates accounts, journal and reasons.

    Running it again changes nothing that is there.
    """

    _name = "client.balance.setup"
    _description = "Client balance set-up"

    def _set_up(self, company):
        """Prepare one root company that has a chart."""
        # The sources of names are English; the set-up runs with the rights of the
        # chart loader, who needs none in accounting.
        setup = self.sudo().with_company(company).with_context(lang="en_US")
        company = company.with_env(setup.env)
        setup._set_up_accounts(company)
        setup._set_up_journal(company)
        setup._set_up_reasons(company)
        setup._translate(company)

    def _get_xmlid(self, company, suffix):
        return f"client_balance.{company.id}_{suffix}"

    def _load(self, model, company, suffix, vals):
        """Create the record under its own reference, or return what is there."""
        return self.env[model]._load_records(
            [
                {
                    "xml_id": self._get_xmlid(company, suffix),
                    "values": vals,
                    "noupdate": True,
                }
            ]
        )

    # Accounts

    def _get_account_fields(self, company):
        """Return the settings to fill. A foreign account emptied by hand stays so."""
        names = ["client_balance_clearing_account_id"]
        if not company.client_balance_account_id:
            names.append("client_balance_account_id")
            foreign = ACCOUNTS["client_balance_foreign_account_id"]
            if company.chart_template in foreign["chart"]:
                names.append("client_balance_foreign_account_id")
        return [name for name in names if not company[name]]

    def _set_up_accounts(self, company):
        names = self._get_account_fields(company)
        vals = {name: self._find_or_create_account(company, name).id for name in names}
        if vals:
            company.write(vals)

    def _find_or_create_account(self, company, name):
        return self._find_account(company, name) or self._load(
            "account.account",
            company,
            ACCOUNTS[name]["xmlid"],
            self._prepare_account_vals(company, name),
        )

    def _find_account(self, company, name):
        """Return the chart's own account for this, unless something is posted there."""
        xmlid = ACCOUNTS[name]["chart"].get(company.chart_template)
        account = self._get_chart_account(company, xmlid)
        if not account or not account.active:
            return self.env["account.account"]
        if account.is_client_balance:
            return account
        if account._has_client_balance_items():
            return self.env["account.account"]
        if not account.reconcile:
            account.reconcile = True
        if account._get_client_balance_problem():
            return self.env["account.account"]
        return account

    def _get_chart_account(self, company, xmlid):
        """Return the account that a chart calls so, or none."""
        none = self.env["account.account"]
        if not xmlid:
            return none
        template = self.env["account.chart.template"].with_company(company)
        return template.ref(xmlid, raise_if_not_found=False) or none

    def _prepare_account_vals(self, company, name):
        """Return the values of a new account."""
        return {
            "name": ACCOUNTS[name]["name"]._source,
            "code": self._get_free_code(company, name),
            "account_type": "liability_current",
            "reconcile": True,
            "company_ids": [(6, 0, company.ids)],
        }

    def _get_free_code(self, company, name):
        """Return the next free code after a related account, in the chart's length."""
        xmlid = ACCOUNTS[name]["near"].get(company.chart_template)
        neighbour = self._get_chart_account(company, xmlid) or self._search_account(
            company, ("liability_current",)
        )
        code = neighbour.code or "2" + "0" * (self._get_code_digits(company) - 1)
        return self.env["account.account"]._search_new_account_code(code)

    def _get_code_digits(self, company):
        accounts = self.env["account.account"]
        account = accounts.search(accounts._check_company_domain(company), limit=1)
        return len(account.code or "000000")

    def _search_account(self, company, account_types):
        """Return the first account of the first of these types that the chart has."""
        Account = self.env["account.account"]
        for account_type in account_types:
            account = Account.search(
                self._get_account_domain(company, account_type), order="code", limit=1
            )
            if account:
                return account
        return Account

    def _get_account_domain(self, company, account_type):
        """Return the domain of counterpart accounts of a type."""
        special = (
            company.income_currency_exchange_account_id
            | company.expense_currency_exchange_account_id
            | company.default_cash_difference_income_account_id
            | company.default_cash_difference_expense_account_id
            | company.account_journal_early_pay_discount_gain_account_id
            | company.account_journal_early_pay_discount_loss_account_id
        )
        return (
            Domain(self.env["account.account"]._check_company_domain(company))
            & Domain("account_type", "=", account_type)
            & Domain("is_client_balance", "=", False)
            & Domain("non_trade", "=", False)
            & Domain("id", "not in", special.ids)
        )

    # Journal

    def _set_up_journal(self, company):
        if not company.client_balance_journal_id:
            company.client_balance_journal_id = self._find_journal(
                company
            ) or self._load(
                "account.journal",
                company,
                "journal",
                self._prepare_journal_vals(company),
            )

    def _find_journal(self, company):
        """Return the journal that an earlier installation has left."""
        return self.env["account.journal"].search(
            [
                ("company_id", "=", company.id),
                ("code", "=", "CBAL"),
                ("type", "=", "general"),
            ],
            limit=1,
        )

    def _prepare_journal_vals(self, company):
        """Return the values of the new journal."""
        return {
            "name": JOURNAL_NAME._source,
            "code": self._get_journal_code(company),
            "type": "general",
            "company_id": company.id,
            "show_on_dashboard": False,
        }

    def _get_journal_code(self, company):
        journals = self.env["account.journal"].with_context(active_test=False)
        taken = journals.search([("company_id", "=", company.id)]).mapped("code")
        codes = ["CBAL", *(f"CBAL{number}" for number in range(2, 10))]
        return next(code for code in codes if code not in taken)

    # Reasons

    def _set_up_reasons(self, company):
        for sequence, suffix in enumerate(REASONS, start=1):
            xmlid = self._get_xmlid(company, f"reason_{suffix}")
            reason = self.env.ref(xmlid, raise_if_not_found=False)
            if not reason:
                vals = self._prepare_reason_vals(company, suffix, sequence * 10)
                self._load("client.balance.reason", company, f"reason_{suffix}", vals)
            elif not reason.account_id and not company._existing_accounting():
                # Loading another chart has deleted the account of the first one.
                reason.account_id = self._find_reason_account(company, suffix)

    def _prepare_reason_vals(self, company, suffix, sequence):
        """Return the values of a default reason."""
        spec = REASONS[suffix]
        return {
            "name": self._get_reason_name(company, suffix)._source,
            "company_id": company.id,
            "sequence": sequence,
            "direction": spec["direction"],
            "account_id": self._find_reason_account(company, suffix).id,
            "is_advance": spec.get("is_advance", False),
            "needs_document": spec.get("needs_document", False),
        }

    def _get_reason_name(self, company, suffix):
        spec = REASONS[suffix]
        return spec.get("names", {}).get(company.chart_template, spec["name"])

    def _find_reason_account(self, company, suffix):
        spec = REASONS[suffix]
        for xmlid in spec.get("chart", {}).get(company.chart_template, ()):
            if account := self._get_chart_account(company, xmlid):
                return account
        if spec.get("receivable"):
            partners = self.env["res.partner"].with_company(company)
            field = partners._fields["property_account_receivable_id"]
            return field.get_company_dependent_fallback(partners)
        return self._search_account(company, spec.get("types", ()))

    # Names in the installed languages

    def _get_named_records(self, company):
        """Return pairs of xmlid and source of what this set-up has created."""
        yield self._get_xmlid(company, "journal"), JOURNAL_NAME
        for spec in ACCOUNTS.values():
            yield self._get_xmlid(company, spec["xmlid"]), spec["name"]
        for suffix in REASONS:
            name = self._get_reason_name(company, suffix)
            yield self._get_xmlid(company, f"reason_{suffix}"), name

    def _translate(self, company, langs=None):
        """Give the records their names in these or all installed languages.

        A name that somebody has changed stays as it is.
        """
        installed = [code for code, _name in self.env["res.lang"].get_installed()]
        for lang in set(langs or installed) & set(installed) - {"en_US"}:
            for xmlid, source in self._get_named_records(company):
                record = self.env.ref(xmlid, raise_if_not_found=False)
                if record:
                    # whoever installs a language need not have a right on journals
                    self._translate_name(record.sudo(), source, lang)

    def _translate_name(self, record, source, lang):
        translated = record.with_context(lang=lang)
        if translated.name == source._source:
            # Writing the field would change the English name too, where English is
            # not installed.
            record.update_field_translations("name", {lang: translated.env._(source)})
