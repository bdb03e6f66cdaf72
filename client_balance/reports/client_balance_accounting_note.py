from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang


class ClientBalanceAccountingNote(models.AbstractModel):
    """The primary document of entries that no other document stands for.

    For manual settlements, transfers, exchanges and corrections. Payments, invoices
    and statements are documents themselves.
    """

    _name = "report.client_balance.accounting_note"
    _description = "Accounting note"

    def _get_report_values(self, docids, data=None):
        settlements = self.env["client.balance.settlement"].browse(docids)
        settlements.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": settlements._name,
            "docs": settlements,
            "notes": [
                self._prepare_note(group) for group in self._get_groups(settlements)
            ],
            "printed": fields.Datetime.now(),
        }

    def _get_groups(self, settlements):
        """An entry is printed once, also when several of its rows were chosen.

        :return: [settlements of one entry]
        """
        groups = {}
        for settlement in settlements:
            if settlement.payment_id or not settlement.move_id:
                raise UserError(
                    self.env._(
                        "Settlement %(name)s was made by %(document)s, which is its"
                        " document. An accounting note is printed for settlements by"
                        " hand, transfers and corrections.",
                        name=settlement.name,
                        document=settlement.payment_name or settlement.move_name or "",
                    )
                )
            groups.setdefault(settlement.move_id.id, settlement.browse())
            groups[settlement.move_id.id] |= settlement
        return list(groups.values())

    def _prepare_note(self, settlements):
        """Hook. :return: dict of one note, for the template"""
        settlement = settlements[:1]
        # people who see a settlement need no right on journal entries
        move_sudo = settlement.sudo().move_id
        replaced_sudo = settlement.sudo().replaces_id
        moves = [move_sudo]
        if replaced_sudo:
            moves.insert(0, replaced_sudo.reversed_by_id.move_id)
        clients = self._get_seen_clients(moves)
        rows = self._filter_rows(
            [row for move in moves for row in self._get_rows(move)], clients
        )
        currency = move_sudo.company_currency_id
        total = currency._sum_client_balance(row["amount"] for row in rows)
        return {
            "settlement": settlement,
            "company": move_sudo.company_id,
            "currency": currency,
            "move": move_sudo,
            "replaced": replaced_sudo,
            "clients": [
                ", ".join(filter(None, (client.name, client.company_registry)))
                for client in move_sudo.line_ids.filtered(
                    "account_id.is_client_balance"
                ).partner_id.commercial_partner_id
                if client in clients
            ],
            "rows": rows,
            "total": total,
            # what is less than before has no words of its own
            "in_words": self._get_words(total, currency) if total > 0 else False,
            "documents": settlement.sudo().attachment_ids.mapped("name"),
            "request": settlement.sudo().request_id,
            "prepared_by": settlement.sudo().request_id.requested_by_id
            or settlement.sudo().create_uid,
        }

    def _get_seen_clients(self, moves):
        """One entry may have opened the balances of many clients.

        :return: those whose settlements in these entries the reader may see
        """
        settlements = self.env["client.balance.settlement"].search(
            [("move_id", "in", [move.id for move in moves])]
        )
        return settlements.partner_id.sudo()  # to compare, and to print what was seen

    def _filter_rows(self, rows, clients):
        """Leave out the rows of clients whom the reader may not see, and their names.

        What belongs to nobody is left out with them: a share of it is theirs.

        :return: the rows that are printed
        """
        sides = ("debit", "credit")
        owners = [
            {side: row[side].partner_id.commercial_partner_id for side in sides}
            for row in rows
        ]
        if not any(owner - clients for pair in owners for owner in pair.values()):
            return rows
        shown = []
        for row, pair in zip(rows, owners, strict=True):
            own = [side for side in sides if pair[side] & clients]
            for side in sides:
                if pair[side] - clients:
                    row[f"{side}_owner"] = ""
            if own:
                shown.append({**row, "label": row[own[0]].name})
        return shown

    def _get_words(self, amount, currency):
        """Hook. :return: the amount in words, as documents want it

        Odoo knows the words of the numbers, not the forms of the hryvnia.
        """
        language = (self.env.lang or "en")[:2]
        if currency.name != "UAH" or language not in ("en", "uk"):
            return currency.amount_to_text(amount)
        words = currency._get_client_balance_words(amount, language)
        return words[:1].upper() + words[1:]

    def _get_rows(self, move):
        """Pair debits with credits in the order of the entry.

        :return: [{"debit": item, "credit": item, "amount": float}], amounts in the
            company's currency, negative ones in storno entries
        """
        sides = {"debit": [], "credit": []}
        for line in move.line_ids.sorted("id"):
            currency = line.company_currency_id
            for side, items in sides.items():
                if not currency.is_zero(line[side]):
                    items.append([line, line[side]])
        rows, currency = [], move.company_currency_id
        debits, credits = sides["debit"], sides["credit"]
        while debits and credits:
            amount = min(debits[0][1], credits[0][1], key=abs)
            rows.append(self._prepare_row(debits[0][0], credits[0][0], amount))
            for items in (debits, credits):
                items[0][1] = currency.round(items[0][1] - amount)
                if currency.is_zero(items[0][1]):
                    items.pop(0)
        return rows

    def _prepare_row(self, debit, credit, amount):
        """Hook. :return: dict of one row of a note"""
        return {
            "debit": debit,
            "credit": credit,
            "amount": amount,
            "debit_currency": self._get_currency_note(debit, amount),
            "credit_currency": self._get_currency_note(credit, amount),
            "debit_owner": self._get_owner(debit),
            "credit_owner": self._get_owner(credit),
            "label": (debit if debit.account_id.is_client_balance else credit).name,
        }

    def _get_owner(self, line):
        """:return: the client of an item and its bank account, as one text"""
        names = (
            line.partner_id.commercial_partner_id.name,
            line.client_balance_bank_id.acc_number,
        )
        return ", ".join(filter(None, names))

    def _get_currency_note(self, line, amount):
        """:return: the amount in the item's own currency and its rate, or False"""
        if line.currency_id == line.company_currency_id:
            return False
        share = amount / line.balance if line.balance else 0.0
        in_currency = line.currency_id.round(abs(line.amount_currency * share))
        rate = abs(line.balance / line.amount_currency) if line.amount_currency else 0.0
        return self.env._(
            "%(amount)s at %(rate)s",
            amount=formatLang(self.env, in_currency, currency_obj=line.currency_id),
            rate=formatLang(self.env, rate, digits=4),
        )
