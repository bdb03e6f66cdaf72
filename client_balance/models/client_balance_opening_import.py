import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.amounts import parse_amount


class ClientBalanceOpeningImport(models.AbstractModel):
    """Reads rows of a file into opening balances: all of them, or none.

    Every row is checked before anything is posted, so that one pass over the file
    names all its faults, each with its line.
    """

    _name = "client.balance.opening.import"
    _description = "Import of opening balances"

    def _load(self, names, data, limit=None):
        """Post the rows of ``data`` as opening balances.

        :param names: paths of fields, one per column, as base_import maps them
        :param limit: how many rows to take now
        :return: what ``load`` returns: ids or False, messages, nextrow
        """
        posting = self.env["client.balance.posting"]
        posting._check_manager()
        window = data[:limit] if limit else data
        rows = [dict(zip(names, row, strict=True)) for row in window]
        messages, ready = [], []
        parties = self._find_parties(rows)
        for index, row in enumerate(rows):
            if not any(row.values()):
                continue
            try:
                ready.append((index, self._prepare_vals(row, parties)))
            except UserError as error:
                messages.append(self._get_message(index, error))
        messages += self._check_rows(ready)
        result = {"ids": False, "messages": messages, "nextrow": 0}
        if messages:
            return result
        settlements = self.env["client.balance.settlement"].create(
            [vals for _index, vals in ready]
        )
        result["ids"] = settlements.ids
        result["nextrow"] = len(window) if len(data) > len(window) else 0
        return result

    def _get_message(self, index, error, name=None):
        """:return: message of base_import that names the line of the file"""
        line = index + 1 + (self.env.context.get("client_balance_import_offset") or 0)
        return {
            "type": "error",
            "message": self.env._(
                "Line %(line)s: %(error)s", line=line, error=error.args[0]
            ),
            "rows": {"from": index, "to": index},
            "record": line,
            "field": name,
        }

    # Who and what ---------------------------------------------------------------------

    def _find_parties(self, rows):
        """Everything that the file names, found with a few queries.

        :return: dict of lookups for ``_prepare_vals``
        """
        return {
            "partners": self._find_partners(rows),
            "banks": self._find_banks(rows),
            "currencies": {
                currency.name.upper(): currency
                for currency in self.env["res.currency"]
                .with_context(active_test=False)
                .search([])
            },
            "company": self.env.company,
        }

    def _get_partner_keys(self):
        """Hook. :return: fields by which a client may be named, the surest first"""
        return ("ref", "company_registry", "vat", "name")

    def _find_partners(self, rows):
        """:return: {field: {text in lower case: clients}}"""
        texts = {self._get_text(row.get("partner_id")) for row in rows} - {""}
        texts |= {text.zfill(8) for text in texts if text.isdigit()}
        wanted = list(texts | {f"UA{text}" for text in texts if text.isdigit()})
        found = {}
        for name in self._get_partner_keys():
            by_text = found[name] = {}
            domain = Domain(name, "in", wanted) & Domain(
                "company_id", "in", [False, *self.env.company.root_id.ids]
            )
            for partner in self.env["res.partner"].search(domain):
                key = partner[name].strip().lower()
                by_text.setdefault(key, self.env["res.partner"])
                by_text[key] |= partner.commercial_partner_id
        ids = {
            int(text)
            for row in rows
            if (text := self._get_text(row.get("partner_id/.id"))).isdecimal()
        }
        found[".id"] = {
            str(partner.id): partner
            for partner in self.env["res.partner"].browse(ids).exists()
        }
        return found

    def _find_banks(self, rows):
        """:return: {(client's id, number without spaces): bank account}"""
        numbers = {self._get_number(row.get("partner_bank_id")) for row in rows}
        banks = self.env["res.partner.bank"].search(
            [("sanitized_acc_number", "in", list(numbers - {""}))]
        )
        return {
            (bank.partner_id.commercial_partner_id.id, bank.sanitized_acc_number): bank
            for bank in banks
        }

    def _get_text(self, value):
        """:return: what a cell says, without the spaces around it"""
        return str(value if value not in (None, False) else "").strip()

    def _get_number(self, value):
        return re.sub(r"\W+", "", self._get_text(value)).upper()

    # One row --------------------------------------------------------------------------

    def _prepare_vals(self, row, parties):
        """Hook. :return: values of the settlement of a row
        :raise UserError: what is wrong with the row"""
        partner = self._get_partner(row, parties["partners"])
        currency = self._get_currency(row, parties["currencies"])
        bank = self._get_bank(row, partner, parties["banks"])
        vals = {
            "settlement_type": "opening",
            "partner_id": partner.id,
            "partner_bank_id": bank.id,
            "currency_id": currency.id,
            "amount": self._get_amount(row),
            "description": self._get_text(row.get("description")) or False,
            "external_ref": self._get_text(row.get("external_ref"))
            or self._get_default_reference(partner, bank, currency),
            "is_advance": self._is_yes(row.get("is_advance")),
        }
        for name in ("date", "advance_date"):
            if date := self._get_date(row.get(name)):
                vals[name] = date
        return vals

    def _get_default_reference(self, partner, bank, currency):
        """A balance is opened once, so its key can stand in for a reference."""
        return f"opening:{partner.id}:{bank.id or 0}:{currency.name}"

    def _get_partner(self, row, partners):
        if database_id := self._get_text(row.get("partner_id/.id")):
            partner = partners[".id"].get(database_id)
            if partner:
                return partner.commercial_partner_id
        if xmlid := self._get_text(row.get("partner_id/id")):
            partner = self.env.ref(xmlid, raise_if_not_found=False)
            if partner and partner._name == "res.partner":
                return partner.commercial_partner_id
        text = self._get_text(row.get("partner_id"))
        if not (text or database_id or row.get("partner_id/id")):
            raise UserError(self.env._("no client. Fill in the client of this line."))
        for name in self._get_partner_keys():
            for key in (text, text.zfill(8), f"UA{text}"):
                found = partners[name].get(key.lower())
                if found and len(found) > 1:
                    raise UserError(
                        self.env._(
                            "%(count)s clients are called “%(client)s”. Use the"
                            " client's reference, company ID or tax ID instead.",
                            count=len(found),
                            client=text,
                        )
                    )
                if found:
                    return found
        raise UserError(
            self.env._(
                "client “%(client)s” is not found. Type the name, the reference, the"
                " company ID or the tax ID of an existing client, or create it first.",
                client=text or database_id or row.get("partner_id/id"),
            )
        )

    def _get_currency(self, row, currencies):
        text = self._get_text(row.get("currency_id"))
        if not text:
            return self.env.company.currency_id
        currency = currencies.get(text.upper())
        if not currency:
            raise UserError(
                self.env._(
                    "“%(currency)s” is not a currency. Type its code, for example UAH.",
                    currency=text,
                )
            )
        return currency

    def _get_bank(self, row, partner, banks):
        number = self._get_number(row.get("partner_bank_id"))
        if not number:
            return self.env["res.partner.bank"]
        bank = banks.get((partner.id, number))
        if not bank:
            raise UserError(
                self.env._(
                    "%(client)s has no bank account %(bank)s. Add it to the client"
                    " first, or leave the cell empty.",
                    client=partner.display_name,
                    bank=self._get_text(row.get("partner_bank_id")),
                )
            )
        return bank

    def _get_amount(self, row):
        """:return: float or the text as it stands, which the posting refuses"""
        text = self._get_text(row.get("amount"))
        try:
            return parse_amount(text)
        except ValueError:
            return text or 0.0

    def _get_date(self, value):
        text = self._get_text(value)
        try:
            return fields.Date.to_date(text[:10]) if text else False
        except ValueError:
            raise UserError(
                self.env._(
                    "“%(date)s” is not a date. Choose the date format beside the"
                    " file, or type the date as 2026-12-31.",
                    date=text,
                )
            ) from None

    @api.model
    def _is_yes(self, value):
        words = {"1", "true", "yes", "y", "+", "x", "так", "т"}
        return self._get_text(value).lower() in words

    # All rows -------------------------------------------------------------------------

    def _check_rows(self, ready):
        """What the posting would refuse, row by row.

        :param ready: [(index, values)]
        :return: messages
        """
        posting = self.env["client.balance.posting"]
        vals_list = [vals for _index, vals in ready]
        known = posting._get_known_references(vals_list)
        undone = self._get_undone(
            self.env["client.balance.settlement"].union(*known.values())
        )
        checked = posting._find_known(vals_list)
        messages, seen, new = [], {}, []
        for index, vals in ready:
            try:
                reference = posting._get_reference(vals)
                if reference in known:
                    self._check_stands(known[reference], undone)
                    posting._check_same(known[reference], vals)
                    continue
                posting._check_vals(vals, checked)
                self._check_open(vals)
                if reference in seen:
                    self._refuse_twice(seen[reference])
                seen[reference] = index
                new.append((index, vals))
            except UserError as error:
                messages.append(self._get_message(index, error))
        return messages + self._check_covered(new) + self._check_alone(new)

    def _check_alone(self, ready):
        """One person may move so much with all lines together.

        :return: messages, on the line with the largest amount
        """
        try:
            self.env["client.balance.approval"]._check_amounts(
                self.env.company,
                [
                    (
                        self.env["res.partner"].browse(vals["partner_id"]),
                        self.env["res.currency"].browse(vals["currency_id"]),
                        vals["amount"],
                    )
                    for _index, vals in ready
                ],
                max(
                    (vals["date"] for _index, vals in ready if vals.get("date")),
                    default=False,
                ),
                self.env._("This file"),
            )
        except UserError as error:
            index = max(ready, key=lambda row: abs(row[1]["amount"]))[0]
            return [self._get_message(index, error)]
        return []

    def _get_undone(self, settlements):
        """:return: those whose money neither they nor a successor put on the balance

        The successors: an item that was posted again, and a correction.
        """
        undone = settlements.filtered("reversed_by_id")
        if not undone:
            return undone
        again = settlements.search(
            [
                ("move_line_ref", "in", undone.mapped("move_line_ref")),
                ("is_live", "=", True),
                ("reversed_by_id", "=", False),
            ]
        ).mapped("move_line_ref")
        undone = undone.filtered(lambda row: row.move_line_ref not in again)
        corrections = settlements.search(
            [("replaces_id", "in", undone.ids), ("reversal_of_id", "=", False)]
        )
        return undone - (corrections - self._get_undone(corrections)).replaces_id

    def _check_stands(self, settlement, undone):
        """Neither bring back what a person undid, nor pass over it in silence."""
        if settlement in undone:
            raise UserError(
                self.env._(
                    "this line was recorded before, as %(name)s, which was reversed"
                    " since. Remove the line; or, to record it once more, give it an"
                    " external reference of its own.",
                    name=settlement.name,
                )
            )

    def _refuse_twice(self, index):
        line = index + 1 + (self.env.context.get("client_balance_import_offset") or 0)
        raise UserError(
            self.env._(
                "this balance is already on line %(line)s. Give each line its own"
                " external reference, or keep one of them.",
                line=line,
            )
        )

    def _check_open(self, vals):
        date = vals.get("date")
        if date:
            self.env["client.balance.posting"]._check_open(self.env.company, date)

    def _check_covered(self, ready):
        """An opening debt needs a limit on the balance: say so before posting."""
        totals, last = {}, {}
        for index, vals in ready:
            key = vals["partner_id"], vals["partner_bank_id"], vals["currency_id"]
            totals[key] = totals.get(key, 0.0) + vals["amount"]
            last[key] = index
        messages = []
        for key, total in totals.items():
            if total >= 0:
                continue
            partner, bank, currency = (
                self.env[model].browse(record_id or None)
                for model, record_id in zip(
                    ("res.partner", "res.partner.bank", "res.currency"),
                    key,
                    strict=True,
                )
            )
            balance = self.env["client.balance"]._get_balance(
                self.env.company, partner, bank, currency
            )
            room = balance.amount + balance.overdraft_limit
            if currency.compare_amounts(total + room, 0.0) < 0:
                error = UserError(
                    self.env._(
                        "%(amount)s would take the balance of %(client)s below its"
                        " limit. A debt of a client belongs to invoices; to open a"
                        " balance below zero, grant it an overdraft limit first.",
                        amount=currency.format(total),
                        client=partner.display_name,
                    )
                )
                messages.append(self._get_message(last[key], error))
        return messages
