from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command


class ClientBalancePosting(models.AbstractModel):
    """The journal entry of a settlement."""

    _inherit = "client.balance.posting"

    def _get_counterpart(self, vals):
        """Hook. :return: the account of the other side of the entry"""
        company = self._get_company(vals)
        account = self.env["account.account"].browse(vals.get("counterpart_account_id"))
        if not account and vals.get("reason_id"):
            account = (
                self.env["client.balance.reason"].browse(vals["reason_id"]).account_id
            )
        # the settings are the root company's, which a branch's user may not see
        if not account and vals["settlement_type"] == "opening":
            account = company.sudo().root_id.get_unaffected_earnings_account()
        return account or company.sudo().root_id.client_balance_clearing_account_id

    def _prepare_balance_item(self, key, amount, value, name):
        """Hook. What every item on a balance account says.

        Such an account has no taxes that would have to be taken off.

        :param key: (company, client, bank account, currency), records
        :param amount: + in the client's favour, in the currency of the key
        :param value: the same in the currency of the company
        :return: values of the journal item
        """
        company, partner, bank, currency = key
        # the account is a setting of the root company, read for everybody
        account = company.sudo()._get_client_balance_account(currency)
        return {
            "name": name,
            "account_id": account.id,
            "partner_id": partner.id,
            "currency_id": currency.id,
            "amount_currency": -amount,
            "balance": -value,
            "client_balance_bank_id": bank.id,
        }

    def _prepare_entry_vals(self, vals):
        """Hook. :return: values of the journal entry of a settlement"""
        company = self._get_company(vals)
        currency = self.env["res.currency"].browse(vals["currency_id"])
        counterpart = self._get_counterpart(vals)
        if not counterpart:
            raise UserError(
                self.env._(
                    "%(company)s has no clearing account for settlements without a"
                    " reason. Choose a reason, or set the account in Invoicing →"
                    " Configuration → Settings → Client balance.",
                    company=company.display_name,
                )
            )
        self._check_counterpart(counterpart)
        amount = vals["amount"]
        balance = self._get_company_value(vals)
        label = vals.get("description") or self._get_label(vals)
        key = (
            company,
            self.env["res.partner"].browse(vals["partner_id"]),
            self.env["res.partner.bank"].browse(vals["partner_bank_id"]),
            currency,
        )
        return {
            "move_type": "entry",
            "company_id": company.id,
            "journal_id": self._get_journal(company).id,
            "date": vals["date"],
            "ref": label,
            "line_ids": [
                Command.create(self._prepare_balance_item(key, amount, balance, label)),
                Command.create(
                    {
                        "name": label,
                        "partner_id": vals["partner_id"],
                        "currency_id": currency.id,
                        "account_id": counterpart.id,
                        "amount_currency": amount,
                        "balance": balance,
                        "tax_ids": [Command.clear()],
                    }
                ),
            ],
        }

    def _get_company_value(self, vals):
        """Hook. :return: the signed value of a settlement in the company's currency"""
        company = self._get_company(vals)
        currency = self.env["res.currency"].browse(vals["currency_id"])
        if vals["amount"] < 0:
            key = (
                company,
                self.env["res.partner"].browse(vals["partner_id"]),
                self.env["res.partner.bank"].browse(vals["partner_bank_id"]),
                currency,
            )
            return -self.env["client.balance"]._get_company_value_of(
                key, -vals["amount"], vals["date"]
            )
        return currency._convert(
            vals["amount"], company.currency_id, company, vals["date"]
        )

    def _get_label(self, vals):
        reason = self.env["client.balance.reason"].browse(vals.get("reason_id"))
        selection = self.env["client.balance.settlement"]._fields["settlement_type"]
        return (
            reason.name
            or dict(selection._description_selection(self.env))[vals["settlement_type"]]
        )

    def _get_journal(self, company):
        """:return: the journal of settlements of ``company``'s root"""
        # the setting is read for people without rights on journals
        journal = company.sudo().root_id.client_balance_journal_id
        if not journal:
            raise UserError(
                self.env._(
                    "%(company)s has no journal for client balances. Set it in"
                    " Invoicing → Configuration → Settings → Client balance.",
                    company=company.display_name,
                )
            )
        return journal

    def _prepare_values(self, vals):
        """Hook. :return: values of the settlement beyond its journal item"""
        names = (
            "reason_id",
            "counterpart_account_id",
            "description",
            "is_advance",
            "advance_date",
            "external_ref",
            "attachment_ids",
        )
        values = {name: vals[name] for name in names if vals.get(name)}
        values["settlement_type"] = vals["settlement_type"]
        if vals.get("_replaces_id"):
            values["replaces_id"] = vals["_replaces_id"]
        if reference := self._get_reference(vals):
            values["external_ref"] = reference[1]
        # The client reads the description: the label of the entry, which may be an
        # internal reason, does not stand in for it.
        values.setdefault("description", False)
        values.setdefault("counterpart_account_id", self._get_counterpart(vals).id)
        return values
