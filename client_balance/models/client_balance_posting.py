from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .client_balance_gate import Caller


class ClientBalancePosting(models.AbstractModel):
    """The caller for settlements that people or programs record by themselves."""

    _name = "client.balance.posting"
    _description = "Posting of manual settlements"

    def _check_manager(self):
        """:raise AccessError: for everybody but managers and the superuser"""
        if not self.env.su and not self.env.user.has_group(
            "client_balance.group_client_balance_manager"
        ):
            raise AccessError(
                self.env._(
                    "Only a manager of client balances may record, correct or reverse"
                    " settlements. Ask your accountant."
                )
            )

    def _post(self, vals_list):
        """Post one settlement per dict, see ``client.balance.settlement.create``."""
        self._check_manager()
        # names with an underscore are the services' own
        vals_list = [
            {name: value for name, value in vals.items() if not name.startswith("_")}
            for vals in vals_list
        ]
        known = self._get_known_references(vals_list)
        settlements, todo, slots = [], [], {}
        for vals in vals_list:
            reference = self._get_reference(vals)
            if reference and reference in known:
                self._check_same(known[reference], vals)
                settlements.append(known[reference])
            elif reference and reference in slots:
                self._check_same_vals(vals_list[slots[reference][0]], vals)
                settlements.append(slots[reference][1])
            else:
                if reference:
                    slots[reference] = (len(settlements), len(todo))
                settlements.append(len(todo))
                todo.append(vals)
        lines = self._post_entries(todo)
        made = list(self._get_settlements(lines))
        return self.env["client.balance.settlement"].union(
            *[made[item] if isinstance(item, int) else item for item in settlements]
        )

    def _get_settlements(self, lines):
        """:return: the live settlements of ``lines``, in the order of the lines"""
        settlements = self.env["client.balance.settlement"].search(
            [("move_line_ref", "in", lines.ids), ("is_live", "=", True)]
        )
        by_line = {settlement.move_line_ref: settlement for settlement in settlements}
        return settlements.browse([by_line[line.id].id for line in lines])

    # The same request twice -----------------------------------------------------------

    def _get_reference(self, vals):
        """:return: (root company's id, external reference), or None without one"""
        reference = vals.get("external_ref")
        if not reference:
            return None
        return self._get_company(vals).root_id.id, str(reference)

    def _get_known_references(self, vals_list):
        """:return: {reference of ``_get_reference``: settlement}, also reversed ones"""
        references = set(filter(None, map(self._get_reference, vals_list)))
        if not references:
            return {}
        settlements = self.env["client.balance.settlement"].search(
            [
                ("company_id", "in", [company_id for company_id, _ref in references]),
                ("external_ref", "in", [reference for _id, reference in references]),
            ]
        )
        return {
            (settlement.company_id.id, settlement.external_ref): settlement
            for settlement in settlements
        }

    def _check_same(self, settlement, vals):
        """:raise UserError: if a value that is given differs from the settlement"""
        for name in self._get_compared_fields():
            if name not in vals:
                continue
            given = settlement._fields[name].convert_to_cache(vals[name], settlement)
            stored = settlement._fields[name].convert_to_cache(
                settlement[name], settlement
            )
            if name == "amount":
                same = settlement.currency_id.compare_amounts(given, stored) == 0
            elif name == "partner_id":
                partner = self.env["res.partner"].browse(vals[name])
                same = partner.commercial_partner_id == settlement.partner_id
            else:
                same = (given or False) == (stored or False)
            if not same:
                self._refuse_reference(settlement.external_ref)

    def _check_same_vals(self, first, second):
        if any(first.get(name) != second.get(name) for name in second):
            self._refuse_reference(second["external_ref"])

    def _refuse_reference(self, reference):
        raise UserError(
            self.env._(
                "External reference %(reference)s was already used for a settlement"
                " with other values. Use a new reference, or send the same values.",
                reference=reference,
            )
        )

    def _get_compared_fields(self):
        """Hook. :return: fields that must agree when a reference comes again"""
        return (
            "partner_id",
            "partner_bank_id",
            "currency_id",
            "amount",
            "date",
            "settlement_type",
        )

    # Entries --------------------------------------------------------------------------

    def _get_company(self, vals):
        """:return: the company in which the entry of ``vals`` is posted"""
        return (
            self.env["res.company"].browse(vals.get("company_id")) or self.env.company
        )

    def _post_entries(self, vals_list):
        """Create and post one journal entry per dict.

        :return: the items on the balance accounts, in the order of ``vals_list``
        """
        Line = self.env["account.move.line"]
        if not vals_list:
            return Line
        checked = [self._check_vals(vals) for vals in vals_list]
        self._check_alone(checked)
        self._touch_first(checked)
        approval = self.env["client.balance.approval"]
        settlement_types = {vals["settlement_type"] for vals in checked}
        # Managers of balances need no right on journals: the entry is checked above.
        Move_sudo = self.env["account.move"].sudo()
        moves_sudo = Move_sudo.with_context(
            client_balance_caller=approval._issue_pass(next(iter(settlement_types)))
        ).create([self._prepare_entry_vals(vals) for vals in checked])
        by_move = {
            move.id: self._prepare_values(vals)
            for move, vals in zip(moves_sudo, checked, strict=True)
        }
        moves_sudo.with_context(
            client_balance_caller=approval._issue_pass(
                next(iter(settlement_types)), by_move=by_move
            ),
        )._post(soft=False)
        for move, vals in zip(moves_sudo, checked, strict=True):
            if move.date != vals["date"] and vals.get("_date_given"):
                self._refuse_locked(move, vals["date"])
        return Line.browse(
            [
                move.line_ids.filtered("account_id.is_client_balance")[:1].id
                for move in moves_sudo
            ]
        )

    def _refuse_locked(self, move, date):
        raise UserError(
            self.env._(
                "%(date)s is in a locked period of %(company)s. The first open date is"
                " %(open)s.",
                date=self.env["client.balance.gate"]._format_day(date),
                company=move.company_id.display_name,
                open=self.env["client.balance.gate"]._format_day(move.date),
            )
        )

    def _check_vals(self, vals):
        """:return: complete values
        :raise UserError: what is wrong with them"""
        company = self._get_company(vals)
        self._check_own_company(company)
        partner = self.env["res.partner"].browse(vals.get("partner_id")).exists()
        if not partner:
            raise UserError(
                self.env._("A settlement needs a client: choose one and try again.")
            )
        partner = partner.commercial_partner_id
        currency = (
            self.env["res.currency"].browse(vals.get("currency_id")).exists()
            or company.currency_id
        )
        self._check_currency(currency)
        bank = self.env["res.partner.bank"].browse(vals.get("partner_bank_id")).exists()
        self._check_bank(bank, partner)
        amount = self._check_amount(vals.get("amount"), currency, partner)
        reason = self.env["client.balance.reason"].browse(vals.get("reason_id"))
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

    def _check_alone(self, vals_list):
        """:raise UserError: for settlements that need a second person"""
        approval = self.env["client.balance.approval"]
        for vals in vals_list:
            approval._check_alone(
                self._get_company(vals),
                self.env["res.partner"].browse(vals["partner_id"]),
                self.env["res.currency"].browse(vals["currency_id"]),
                vals["amount"],
                vals["date"],
            )

    def _touch_first(self, vals_list):
        """One settlement, as a person or a shop records it, claims its balance first.

        The loser of a race has not worked in vain then. A batch of several balances
        is left to the gate, which moves them in one order.
        """
        keys = {
            (
                self._get_company(vals),
                self.env["res.partner"].browse(vals["partner_id"]),
                self.env["res.partner.bank"].browse(vals["partner_bank_id"]),
                self.env["res.currency"].browse(vals["currency_id"]),
            )
            for vals in vals_list
        }
        if len(keys) == 1:
            self.env["client.balance"]._touch(*keys.pop())

    def _check_own_company(self, company):
        """Entries are posted as superuser: the company must be one of the user's."""
        if not self.env.su and company not in self.env.user.company_ids:
            raise AccessError(
                self.env._(
                    "You do not work in the company of this settlement. Choose one of"
                    " your own companies."
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

    def _check_bank(self, bank, partner):
        if not bank:
            return
        if bank.partner_id.commercial_partner_id != partner:
            raise UserError(
                self.env._(
                    "Bank account %(bank)s does not belong to %(client)s. Choose a bank"
                    " account of this client, or none.",
                    bank=bank.acc_number,
                    client=partner.display_name,
                )
            )
        if not bank.active:
            raise UserError(
                self.env._(
                    "Bank account %(bank)s of %(client)s is archived. Choose another"
                    " one, or restore it.",
                    bank=bank.acc_number,
                    client=partner.display_name,
                )
            )

    def _check_amount(self, amount, currency, partner):
        """:return: ``amount`` as a float in ``currency``"""
        try:
            value = float(amount or 0.0)
        except (TypeError, ValueError):
            value = float("nan")
        if not abs(value) < self._get_largest_amount():
            raise UserError(
                self.env._(
                    "“%(amount)s” is not an amount that can be settled with"
                    " %(client)s. Type a number, for example 159.00.",
                    amount=amount,
                    client=partner.display_name,
                )
            )
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
            raise UserError(
                self.env._(
                    "%(amount)s has more decimal places than %(currency)s has. Type the"
                    " amount with %(places)s decimal places.",
                    amount=amount,
                    currency=currency.name,
                    places=currency.decimal_places,
                )
            )
        return currency.round(value)

    def _get_largest_amount(self):
        """Hook. :return: float, amounts from here on are typing errors"""
        return 1e12

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

    def _get_counterpart(self, vals):
        """Hook. :return: the account of the other side of the entry"""
        company = self._get_company(vals)
        account = self.env["account.account"].browse(vals.get("counterpart_account_id"))
        if not account and vals.get("reason_id"):
            account = (
                self.env["client.balance.reason"].browse(vals["reason_id"]).account_id
            )
        if not account and vals["settlement_type"] == "opening":
            account = company.sudo().root_id.get_unaffected_earnings_account()
        return account or company.sudo().root_id.client_balance_clearing_account_id

    def _prepare_entry_vals(self, vals):
        """Hook. :return: values of the journal entry of a settlement"""
        company = self._get_company(vals)
        currency = self.env["res.currency"].browse(vals["currency_id"])
        account = company.sudo()._get_client_balance_account(currency)
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
        if counterpart.is_client_balance:
            raise UserError(
                self.env._(
                    "Account %(account)s is a balance account itself and cannot be the"
                    " other side of a settlement. Use a transfer instead.",
                    account=counterpart.display_name,
                )
            )
        amount = vals["amount"]
        balance = self._get_company_value(vals)
        label = vals.get("description") or self._get_label(vals)
        common = {
            "name": label,
            "partner_id": vals["partner_id"],
            "currency_id": currency.id,
        }
        return {
            "move_type": "entry",
            "company_id": company.id,
            "journal_id": self._get_journal(company).id,
            "date": vals["date"],
            "ref": label,
            "line_ids": [
                Command.create(
                    {
                        **common,
                        "account_id": account.id,
                        "client_balance_bank_id": vals["partner_bank_id"],
                        "client_balance_type": vals["settlement_type"],
                        "amount_currency": -amount,
                        "balance": -balance,
                        "tax_ids": [Command.clear()],
                    }
                ),
                Command.create(
                    {
                        **common,
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
        if vals.get("_replaces_id"):
            values["replaces_id"] = vals["_replaces_id"]
        if reference := self._get_reference(vals):
            values["external_ref"] = reference[1]
        # The client reads the description: the label of the entry, which may be an
        # internal reason, does not stand in for it.
        values.setdefault("description", False)
        values.setdefault("counterpart_account_id", self._get_counterpart(vals).id)
        return values

    # Undo -----------------------------------------------------------------------------

    def _get_open_date(self, company, date):
        """:return: ``date`` if entries may be posted on it, else the first open date"""
        journal = self._get_journal(company)
        violated = company.sudo()._get_violated_lock_dates(date, False, journal)
        if not violated:
            return date
        return max(lock_date for lock_date, _name in violated) + timedelta(days=1)

    def _reverse_moves(self, moves, dates):
        """Reverse entries of settlements, each on its date or the first open one."""
        # As for posting: the manager of balances was checked, journals need no right.
        moves_sudo = moves.sudo()
        values = [
            {
                "date": self._get_open_date(move.company_id, dates[move]),
                "ref": self.env._("Reversal of %(name)s", name=move.name),
            }
            for move in moves_sudo
        ]
        caller = Caller("reversal")
        return moves_sudo.with_context(client_balance_caller=caller)._reverse_moves(
            values, cancel=True
        )
