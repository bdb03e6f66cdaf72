from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, formatLang

from .client_balance_gate import Key


class ClientBalance(models.Model):
    """The guard, for the gate only: nothing falls below its limit, on any day."""

    _inherit = "client.balance"

    @api.model
    def _ensure(self, keys, claimed=None):
        """Find or open the balances of ``keys``.

        A missing row is made by ON CONFLICT DO NOTHING: a plain insert that loses a
        race fails in a way that Odoo does not retry.

        :param claimed: {key: balance id}, see ``_touch``: these need not be looked for
        :return: {key: balance}
        """
        claimed = claimed or {}
        known = {key: self.browse(claimed[key]) for key in keys if key in claimed}
        wanted = set(keys) - known.keys()
        return {**known, **self._find_or_open(wanted)} if wanted else known

    def _find_or_open(self, keys):
        found = self._find(keys)
        missing = sorted(set(keys) - set(found))
        if missing:
            values = SQL(", ").join(
                SQL(
                    "(%s, %s, %s, %s, 0, 0, 0, true, %s, %s, now() at time zone 'UTC',"
                    " now() at time zone 'UTC')",
                    key.company_id,
                    key.partner_id,
                    key.bank_id or None,
                    key.currency_id,
                    self.env.uid,
                    self.env.uid,
                )
                for key in missing
            )
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO client_balance (company_id, partner_id,
                           partner_bank_id, currency_id, amount, overdraft_limit,
                           settlement_count, active, create_uid, write_uid,
                           create_date, write_date)
                    VALUES %s ON CONFLICT DO NOTHING
                    """,
                    values,
                )
            )
            self.env["res.partner"].invalidate_model(["client_balance_ids"])
            found = self._find(keys)
        return found

    def _find(self, keys):
        balances = self.search_fetch(
            Domain("partner_id", "in", [key.partner_id for key in keys])
            & Domain("company_id", "in", [key.company_id for key in keys]),
            ["company_id", "partner_id", "partner_bank_id", "currency_id"],
            order="id",
        )
        by_key = {balance._get_key(): balance for balance in balances}
        return {key: by_key[key] for key in keys if key in by_key}

    @api.model
    def _touch(self, *keys):
        """Claim balances before the work is done.

        A no-op UPDATE as the first statement of a confirmation: the loser of a race
        fails (and is retried by Odoo) before it has worked in vain. In the order in
        which the gate moves them, or two confirmations would wait for each other.

        :param keys: tuples (company, client, bank account, currency)
        :return: {Key: balance id}, which the Caller hands on to the gate
        """
        wanted = {
            Key(
                company.root_id.id,
                partner.commercial_partner_id.id,
                bank.id if bank else False,
                currency.id,
            )
            for company, partner, bank, currency in keys
        }
        if len(wanted) == 1 and (balance := self._claim(*wanted)):
            return dict.fromkeys(wanted, balance.id)
        # the rows are claimed for the gate, which writes as superuser as well
        balances_sudo = self.sudo()._ensure(wanted)
        for key, _balance in sorted(balances_sudo.items(), key=lambda row: row[1].id):
            self._claim(key)
        return {key: balance_sudo.id for key, balance_sudo in balances_sudo.items()}

    def _claim(self, key):
        """Hook. Lock the row of ``key`` until the transaction ends.

        :return: the balance, which is empty where there is no row yet
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE client_balance SET amount = amount
                 WHERE company_id = %s AND partner_id = %s AND currency_id = %s
                   AND COALESCE(partner_bank_id, 0) = %s
             RETURNING id
                """,
                key.company_id,
                key.partner_id,
                key.currency_id,
                key.bank_id or 0,
            ),
            # the loser of a race is no error: it is tried again
            log_exceptions=False,
        )
        balance = self.browse(balance_id for (balance_id,) in self.env.cr.fetchall())
        if balance:
            # what we have just asked for by name need not be read
            balance._update_cache(key.get_values(), validate=False)
        return balance

    def _append_rows(self, rows):
        """Move this balance by the net of ``rows`` and number them.

        Levels are Decimals: floats of many large amounts do not add up.

        :return: whether the guard has judged all days: the only one that changes is
            the last of this balance, so that it is as high as the balance is now
        :raise UserError: when the balance would fall below its limit, or rise above
            what is kept exactly
        """
        self.ensure_one()
        self.flush_recordset()
        self._check_amounts(rows)
        amounts = [
            self.currency_id._get_client_balance_exact(row["amount"]) for row in rows
        ]
        net = sum(amounts)
        delta = SQL("%s::numeric", net)
        days = {fields.Date.to_date(row["date"]) for row in rows}
        self.env["client.balance.settlement"].flush_model(["balance_id", "date"])
        moved = self.env.execute_query(
            SQL(
                """
                UPDATE client_balance
                   SET amount = amount + %(delta)s,
                       settlement_count = settlement_count + %(count)s,
                       write_uid = %(uid)s,
                       write_date = now() at time zone 'UTC'
                 WHERE id = %(id)s AND %(allowed)s
             RETURNING amount::text, settlement_count, NOT EXISTS (
                           SELECT FROM client_balance_settlement later
                            WHERE later.balance_id = client_balance.id
                              AND later.date > %(day)s)
                """,
                delta=delta,
                count=len(rows),
                uid=self.env.uid,
                id=self.id,
                day=min(days),
                allowed=self._get_guard_sql(delta),
            )
        )
        if not moved:
            self._refuse(-net)
        self.invalidate_recordset(["amount", "settlement_count", "available"])
        [[amount, count, is_last_day]] = moved
        level = Decimal(amount) - net
        number = count - len(rows)
        for row, amount in zip(rows, amounts, strict=True):
            number, before, level = number + 1, level, level + amount
            self._check_level(before, level)
            row.update(number=number, balance_after=float(level))
        return is_last_day and len(days) == 1

    def _check_amounts(self, rows):
        """:raise UserError: where an amount or its value is not kept exactly

        What is undone was there already and may always leave.
        """
        Line = self.env["account.move.line"]
        own, company = self.currency_id, self.company_id.currency_id
        for row in rows:
            if row.get("reversal_of_id"):
                continue
            own._check_client_balance_amount(row["amount"], self)
            if own != company:
                value = Line.browse(row["move_line_id"]).balance
                company._check_client_balance_amount(-value, self)

    def _check_level(self, before, level):
        """:raise UserError: where the balance is not kept exactly

        What is above it already, from former times, may always become less.
        """
        largest = self.currency_id._get_client_balance_largest()
        if abs(level) >= largest and abs(level) > abs(before):
            raise UserError(
                self.env._(
                    "%(balance)s: with %(amount)s more it would be %(level)s, but a"
                    " balance has to stay below %(largest)s. Check the amounts, or use"
                    " another bank account of the client.",
                    balance=self.display_name,
                    amount=self._format(level - before),
                    level=self._format(level),
                    largest=self._format(largest),
                )
            )

    def _get_key(self):
        """:return: the Key of this balance"""
        self.ensure_one()
        return Key(
            self.company_id.id,
            self.partner_id.id,
            self.partner_bank_id.id,
            self.currency_id.id,
        )

    def _get_guard_sql(self, delta):
        """Hook. :return: SQL condition under which ``delta`` may be applied"""
        return SQL("amount + %s >= -overdraft_limit", delta)

    def _check_days(self, rows):
        """No day from the earliest of ``rows`` on may fall below the limit by them."""
        self.ensure_one()
        if all(row["amount"] > 0 for row in rows):
            return
        exact = self.currency_id._get_client_balance_exact
        changes = [
            (fields.Date.to_date(row["date"]), exact(row["amount"])) for row in rows
        ]
        days = self._get_levels_from(
            min(day for day, _amount in changes), exact(rows[-1]["balance_after"])
        )
        lowest = -exact(self.overdraft_limit)
        for index, (day, level) in enumerate(days):
            change = sum(amount for when, amount in changes if when <= day)
            if change < 0 and level < lowest and self._is_limited():
                works = days[index - 1][0] if index else None
                self._refuse(-change, day, works, level - change)

    def _is_limited(self):
        """Hook. :return: whether the limit of this balance is enforced per day"""
        return True

    def _get_levels_from(self, date, level):
        """End-of-day balances of ``date`` and of each later day with settlements.

        :param level: Decimal, the balance now
        :return: [(date, Decimal)], newest first
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT date, SUM(amount)::text FROM client_balance_settlement
                 WHERE balance_id = %s AND date > %s
              GROUP BY date ORDER BY date DESC
                """,
                self.id,
                date,
            )
        )
        levels = []
        for day, gain in rows:
            levels.append((day, level))
            level -= Decimal(gain)
        return [*levels, (date, level)]

    def _refuse(self, wanted, day=None, works=None, level=None):
        """Say that the money is not there.

        :param wanted: Decimal, what would be taken
        :param day: the first day on which it is missing, if not today
        :param works: the first date that would work
        :param level: Decimal, the balance of ``day`` before
        """
        here = self if level is not None else self.browse(self.id)
        if level is None:
            here.invalidate_recordset(["amount"])
            level = here.amount
        available = float(level) + self.overdraft_limit
        message = self.env._(
            "Not enough money on the client balance %(balance)s: %(available)s"
            " available, %(wanted)s needed.",
            balance=self.display_name,
            available=self._format(available),
            wanted=self._format(wanted),
        )
        if day:
            message += " " + self.env._(
                "It is missing on %(day)s.", day=format_date(self.env, day)
            )
        if works:
            message += " " + self.env._(
                "The first date that works is %(date)s.",
                date=format_date(self.env, works),
            )
        paid = self.env.context.get("client_balance_paid")
        if paid:
            message += "\n" + self.env._(
                "The money is already spent. Undo first what it paid:\n%(paid)s",
                paid=paid,
            )
        raise UserError(message)

    def _format(self, amount):
        """:return: ``amount`` in this balance's currency, for a person to read"""
        return formatLang(self.env, float(amount), currency_obj=self.currency_id)
