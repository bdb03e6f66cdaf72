import math

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .account_account import NO_COUNTERPART_TYPES

#: Fields whose records must exist.
FOUND = (
    "partner_id",
    "currency_id",
    "partner_bank_id",
    "reason_id",
    "counterpart_account_id",
)


class ClientBalancePosting(models.AbstractModel):
    """What a settlement must say before its entry is made."""

    _inherit = "client.balance.posting"

    def _check_many(self, vals_list):
        """:return: complete values of each, see ``_check_vals``"""
        known = self._find_known(vals_list)
        return [self._check_vals(vals, known) for vals in vals_list]

    def _find_known(self, vals_list):
        """:return: ``{field: {id: record}}``: one query per model, not one per row;
        ``seen``: ids of the clients that the user may see
        """
        found = {}
        for name in FOUND:
            model = self._get_model(name)
            ids = {vals.get(name) for vals in vals_list} - {None, False}
            records = model.browse(ids).exists()
            found[name] = {record.id: record for record in records}
        clients = self.env["res.partner"].browse(found["partner_id"])
        found["seen"] = set(clients._filtered_access("read").ids)
        return found

    def _get_model(self, name):
        field = self.env["client.balance.settlement"]._fields[name]
        return self.env[field.comodel_name]

    def _find(self, name, vals, known):
        """:return: the record that field ``name`` of ``vals`` means, or an empty one
        :raise UserError: where it does not exist: an empty one would mean something
            else, the balance without a bank account or the company's currency
        """
        model, record_id = self._get_model(name), vals.get(name)
        if not record_id:
            return model
        if known is None:
            record = model.browse(record_id).exists()
        else:
            record = known[name].get(record_id)
        if not record:
            field = self.env["client.balance.settlement"]._fields[name]
            raise UserError(
                self.env._(
                    "There is no record with the number %(number)s for “%(label)s”"
                    " (%(field)s), or it was deleted. Choose another one.",
                    number=record_id,
                    label=field._description_string(self.env),
                    field=name,
                )
            )
        return record

    def _check_vals(self, vals, known=None):
        """:param known: existing records as ``{field: {id: record}}``, to save queries
        :return: complete values
        :raise UserError: what is wrong with them"""
        company = self._get_company(vals)
        self._check_own_company(company)
        partner = self._find("partner_id", vals, known)
        if not partner:
            raise UserError(
                self.env._("A settlement needs a client: choose one and try again.")
            )
        self._check_client_seen(partner, known)
        partner = partner.commercial_partner_id
        currency = self._find("currency_id", vals, known) or company.currency_id
        self._check_currency(currency)
        bank = self._find("partner_bank_id", vals, known)
        bank._check_client_balance_client(partner)
        amount = self._check_amount(vals.get("amount"), currency, partner)
        if amount > 0:
            # what is there already may leave, wherever the client is now
            self._check_client_active(partner)
            self._check_client_company(partner, company)
        reason = self._find("reason_id", vals, known)
        counterpart = self._find("counterpart_account_id", vals, known)
        self._check_counterpart(counterpart or reason.account_id)
        self._check_reason(reason, amount, vals)
        settlement_type = vals.get("settlement_type") or "manual"
        if settlement_type not in self._get_recordable_types():
            raise UserError(
                self.env._(
                    "Settlements of this type are made by their documents (payments,"
                    " invoices, entries). Record a manual or an opening settlement."
                )
            )
        return {
            **vals,
            "company_id": company.id,
            "partner_id": partner.id,
            "partner_bank_id": bank.id,
            "currency_id": currency.id,
            "amount": amount,
            "date": fields.Date.to_date(vals.get("date"))
            or fields.Date.context_today(self),
            "_date_given": bool(vals.get("date")),
            "settlement_type": settlement_type,
            "is_advance": vals.get("is_advance", reason.is_advance),
        }

    def _check_own_company(self, company):
        """Entries are posted as superuser: the company must be one of the user's."""
        if not self.env.su and company not in self.env.user.company_ids:
            raise AccessError(
                self.env._(
                    "You do not work in the company of this settlement. Choose one of"
                    " your own companies."
                )
            )

    def _check_client_seen(self, partner, known):
        """A client was given to another company, in books of before or by a program."""
        if known is None:
            is_seen = partner.has_access("read")
        else:
            is_seen = partner.id in known["seen"]
        if not is_seen:
            # nothing is said of it but what the user has said
            raise AccessError(
                self.env._(
                    "The client with the number %(number)s belongs to a company in"
                    " which you do not work, or you may not see it. Ask an"
                    " administrator to clear the company on the client card, and try"
                    " again. What is recorded already can still be reversed.",
                    number=partner.id,
                )
            )

    def _check_client_active(self, partner):
        if not partner.active:
            raise UserError(
                self.env._(
                    "%(client)s is archived. Choose another client, or restore this"
                    " one.",
                    client=partner.display_name,
                )
            )

    def _check_client_company(self, partner, company):
        """Entries are posted as superuser: the client must be one of the company's."""
        owner = partner.company_id
        if owner and owner.root_id != company.root_id:
            # a branch's users need not see its root company: they get the name only
            raise UserError(
                self.env._(
                    "%(client)s belongs to %(other)s and can have no balance in"
                    " %(company)s. Choose another client.",
                    client=partner.display_name,
                    other=owner.sudo().display_name,
                    company=company.sudo().display_name,
                )
            )

    def _get_recordable_types(self):
        """Hook. :return: types that ``create`` accepts"""
        return {"manual", "opening"}

    def _check_currency(self, currency):
        if not currency.active:
            raise UserError(
                self.env._(
                    "Currency %(currency)s is not active. Activate it, or choose"
                    " another currency.",
                    currency=currency.name,
                )
            )

    def _check_amount(self, amount, currency, partner):
        """:return: ``amount`` as a float in ``currency``"""
        try:
            value = float(amount or 0.0)
        except (TypeError, ValueError, OverflowError):
            value = float("nan")
        if not math.isfinite(value):
            raise UserError(
                self.env._(
                    "“%(amount)s” is not an amount that can be settled with"
                    " %(client)s. Type a number, for example 159.00.",
                    amount=amount,
                    client=partner.display_name,
                )
            )
        currency._check_client_balance_amount(value, partner)
        if currency.is_zero(value):
            raise UserError(
                self.env._(
                    "The amount of a settlement with %(client)s cannot be zero. Type an"
                    " amount above or below zero.",
                    client=partner.display_name,
                )
            )
        if (
            currency.compare_amounts(currency.round(value), value)
            or abs(currency.round(value) - value) > currency.rounding / 1000
        ):
            self._refuse_finer(amount, currency, currency.round(value))
        return currency.round(value)

    def _refuse_finer(self, amount, currency, nearest):
        """:raise UserError: ``amount`` is finer than ``currency``, and what is not"""
        places = currency.decimal_places
        if round(currency.rounding * 10**places) == 1:
            raise UserError(
                self.env._(
                    "%(amount)s has more decimal places than %(currency)s has. Type the"
                    " amount with %(places)s decimal places.",
                    amount=amount,
                    currency=currency.name,
                    places=places,
                )
            )
        # as francs in cash: the places are right, the last of them is not
        raise UserError(
            self.env._(
                "%(amount)s cannot be settled in %(currency)s, whose amounts are"
                " multiples of %(rounding)s. Type a multiple of it: the nearest is"
                " %(nearest)s.",
                amount=amount,
                currency=currency.name,
                rounding=f"{currency.rounding:g}",
                nearest=f"{nearest:.{places}f}",
            )
        )

    def _check_counterpart(self, account):
        """What the screens do not offer, a program cannot name either.

        Also not through a reason or a setting of before.

        :raise UserError: what may not stand against a balance, and what to do
        """
        if account.is_client_balance:
            raise UserError(
                self.env._(
                    "Account %(account)s is a balance account itself and cannot be the"
                    " other side of a settlement. Use a transfer instead.",
                    account=account.display_name,
                )
            )
        if account.account_type in NO_COUNTERPART_TYPES:
            raise UserError(
                self.env._(
                    "Account %(account)s is a bank, cash or off-balance account and"
                    " cannot be the other side of a settlement. Choose another account,"
                    " or register a payment if money was received or paid.",
                    account=account.display_name,
                )
            )

    def _check_reason(self, reason, amount, vals):
        if not reason:
            return
        if (reason.direction == "in") == (amount < 0) and reason.direction != "both":
            raise UserError(
                self.env._(
                    "Reason “%(reason)s” does not fit the direction of the amount."
                    " Change the direction or choose another reason.",
                    reason=reason.name,
                )
            )
        if reason.needs_document and not vals.get("attachment_ids"):
            raise UserError(
                self.env._(
                    "Reason “%(reason)s” needs a document: attach the client's letter.",
                    reason=reason.name,
                )
            )
