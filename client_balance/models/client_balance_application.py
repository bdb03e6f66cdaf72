from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.fields import Command


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
        """Claim balances before any other work.

        :param keys: tuples (company, partner, bank, currency)
        """
        # where nobody's documents are meant, the checks that follow say so
        keys = {key for key in keys if key[1]}
        for _company, partner, bank, _currency in keys:
            # archived ones may still pay
            bank._check_client_balance_client(partner, active=False)
        if keys:
            self.env["client.balance"]._touch(*keys)

    # Entries --------------------------------------------------------------------------

    def _prepare_entry_vals(
        self, company, partner, currency, date, label, amounts, shares
    ):
        """Hook. What the entry says.

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
        posting = self.env["client.balance.posting"]
        lines, value = [], 0.0
        for bank, amount in amounts.items():
            key = company, partner, bank, currency
            balance = self._get_value(key, amount, date, shares)
            value += balance
            item = posting._prepare_balance_item(key, amount, balance, label)
            # said, core need not look for taxes
            lines.append({**common, **item})
        lines += self._prepare_counterpart_vals(
            common, company, currency.round(sum(amounts.values())), value, shares
        )
        return {
            "move_type": "entry",
            "company_id": company.id,
            "journal_id": posting._get_journal(company).id,
            "date": date,
            "ref": label,
            "line_ids": [Command.create(vals) for vals in lines],
        }

    def _get_value(self, key, amount, date, shares):
        """:return: ``amount`` in the company's currency; what leaves a balance, and the
        credits put on it, are worth what the company's valuation of advances says"""
        company, _partner, _bank, currency = key
        if amount < 0:
            return -self.env["client.balance"]._get_company_value_of(key, -amount, date)
        # the setting is read for people without rights on the root company
        valuation = company.sudo().root_id.client_balance_foreign_valuation
        if currency != company.currency_id and valuation == "advance":
            value = sum(
                line._get_client_balance_carrying_value(share) for line, share in shares
            )
            total = sum(share for _line, share in shares)
            return company.currency_id.round(value * amount / total)
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
        self.env["client.balance.posting"]._check_open(company, date)
        Move_sudo = self.env["client.balance.posting"]._get_entries_sudo()
        Move_sudo = Move_sudo.with_context(client_balance_caller=caller)
        with self.env["client.balance.gate"]._collecting():
            move_sudo = Move_sudo.create(vals)
            move_sudo._post(soft=False)
        plan = []
        for line, _share in shares:
            own = move_sudo.line_ids.filtered(
                lambda item, line=line: item.account_id == line.account_id
            )
            # as for the entry: the caller has checked what it settles
            plan.append(own | line.sudo())
        # as above
        self.env["account.move.line"].sudo()._reconcile_plan(plan)
        # the entry is handed on as the user sees it
        return move_sudo.sudo(self.env.su)
