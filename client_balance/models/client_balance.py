from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, float_repr, format_date, formatLang

from .client_balance_gate import Key


class ClientBalance(models.Model):
    """The money of a client per bank account and currency: one row per key.

    ``amount`` is moved by one UPDATE only (``_append_rows``), so that PostgreSQL, not
    Python, decides whether two simultaneous spends both fit.
    """

    _name = "client.balance"
    _inherit = ["mail.thread"]
    _description = "Client balance"
    _order = "company_id, partner_id, currency_id, partner_bank_id, id"
    _rec_names_search = ["partner_id", "partner_bank_id"]

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Client",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Bank account",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, readonly=True, ondelete="restrict"
    )
    amount = fields.Monetary(
        string="Balance",
        required=True,
        readonly=True,
        default=0.0,
        help="Positive: we owe the client.",
    )
    overdraft_limit = fields.Monetary(
        required=True,
        default=0.0,
        tracking=True,
        help="How far below zero this balance may go. 0 unless a manager grants it.",
    )
    available = fields.Monetary(
        string="Available balance",
        compute="_compute_available",
        help="What can be spent today: the lowest balance of any day from today on,"
        " plus the overdraft limit.",
    )
    settlement_count = fields.Integer(string="Settlements", readonly=True, default=0)
    settlement_ids = fields.One2many("client.balance.settlement", "balance_id")
    active = fields.Boolean(default=True, readonly=True)

    _key_uniq = models.UniqueIndex(
        "(company_id, partner_id, currency_id, COALESCE(partner_bank_id, 0))",
        "This client already has a balance on this bank account in this currency.",
    )
    _above_limit = models.Constraint(
        "CHECK (amount >= -overdraft_limit)",
        "A client balance cannot go below its limit.",
    )
    _limit_positive = models.Constraint(
        "CHECK (overdraft_limit >= 0)",
        "The overdraft limit is zero or a positive amount.",
    )

    @api.depends("partner_id", "partner_bank_id", "currency_id")
    def _compute_display_name(self):
        for balance in self:
            bank = balance.partner_bank_id.acc_number
            balance.display_name = (
                f"{balance.partner_id.display_name or ''},"
                f" {bank or self.env._('No bank account')},"
                f" {balance.currency_id.name or ''}"
            )

    @api.depends("amount", "overdraft_limit")
    @api.depends_context("client_balance_date", "tz")
    def _compute_available(self):
        date = self.env.context.get("client_balance_date")
        available = self._get_available_on(
            fields.Date.to_date(date) or fields.Date.context_today(self)
        )
        for balance in self:
            balance.available = available.get(balance.id, 0.0)

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Balances appear by themselves with the first settlement."""
        raise UserError(
            self.env._(
                "A client balance is opened by its first settlement: add a settlement"
                " instead."
            )
        )

    def write(self, vals):
        """Only the overdraft limit can be changed, by a manager.

        :raise UserError: when anything else is changed, or the limit is in use
        """
        forbidden = set(vals) - self._get_writable_fields()
        if forbidden:
            raise UserError(
                self.env._(
                    "The balance of %(client)s is moved by settlements only. Add a"
                    " settlement, or correct or reverse one.",
                    client=self[:1].partner_id.display_name or "",
                )
            )
        if "overdraft_limit" in vals:
            self._check_limit_is_amount(vals["overdraft_limit"])
        res = super().write(vals)
        if "overdraft_limit" in vals:
            self._check_limit_covers_use()
        return res

    def _get_writable_fields(self):
        """Hook. :return: names of the fields that may be written directly"""
        return {"overdraft_limit"} | set(self.env["mail.thread"]._fields)

    def _check_limit_is_amount(self, limit):
        """PostgreSQL knows NaN and infinity, and finds them above every amount."""
        largest = self.env["client.balance.posting"]._get_largest_amount()
        if not 0 <= (limit or 0.0) < largest:
            raise UserError(
                self.env._(
                    "“%(limit)s” is not an overdraft limit. Type zero or a positive"
                    " amount.",
                    limit=limit,
                )
            )

    def _check_limit_covers_use(self):
        for balance in self:
            currency = balance.currency_id
            lowest = balance._get_lowest_ever()
            if currency.compare_amounts(lowest, -balance.overdraft_limit) < 0:
                raise UserError(
                    self.env._(
                        "%(balance)s: %(used)s of the limit are in use, so the limit"
                        " cannot be %(limit)s. Put money on the balance first.",
                        balance=balance.display_name,
                        used=balance._format(-lowest),
                        limit=balance._format(balance.overdraft_limit),
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "A client balance is never deleted: it is part of the books. A balance"
                " of zero is folded on the client card."
            )
        )

    # Questions --------------------------------------------------------------------

    @api.model
    def _get_key_domain(self, company, partner, bank, currency):
        """Hook. :return: domain of the one balance of a key"""
        return Domain(
            [
                ("company_id", "=", company.root_id.id),
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("partner_bank_id", "=", bank.id if bank else False),
                ("currency_id", "=", currency.id),
            ]
        )

    @api.model
    def _get_balance(self, company, partner, bank, currency):
        """:return: the balance of a key, empty if no money ever moved on it"""
        if not (company and partner and currency):
            return self.browse()
        return self.search(self._get_key_domain(company, partner, bank, currency))

    @api.model
    def _get_available(self, company, partner, bank, currency, date):
        """What can be taken from a key on ``date``.

        :return: float in ``currency``; 0.0 where there is no balance
        """
        balance = self._get_balance(company, partner, bank, currency)
        return balance._get_available_on(date).get(balance.id, 0.0)

    def _get_available_on(self, date):
        """The lowest balance of any day from ``date`` on, plus the limit.

        :return: {balance id: float in the balance's currency}
        """
        if not self.ids:
            return {}
        self.flush_model()
        self.env["client.balance.settlement"].flush_model(
            ["amount", "date", "balance_id"]
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT b.id,
                       b.amount + b.overdraft_limit
                           - GREATEST(0, COALESCE(MAX(later.gain), 0))
                  FROM client_balance b
             LEFT JOIN (
                       SELECT balance_id,
                              SUM(SUM(amount)) OVER (
                                  PARTITION BY balance_id ORDER BY date DESC
                              ) AS gain
                         FROM client_balance_settlement
                        WHERE balance_id IN %(ids)s AND date > %(date)s
                     GROUP BY balance_id, date
                       ) later ON later.balance_id = b.id
                 WHERE b.id IN %(ids)s
              GROUP BY b.id
                """,
                ids=tuple(self.ids),
                date=date,
            )
        )
        currencies = {balance.id: balance.currency_id for balance in self}
        return {
            balance_id: currencies[balance_id].round(float(amount))
            for balance_id, amount in rows
        }

    def _get_lowest_ever(self):
        """:return: the lowest end-of-day balance so far, at most 0.0"""
        self.ensure_one()
        self.env["client.balance.settlement"].flush_model()
        [[lowest]] = self.env.execute_query(
            SQL(
                """
                SELECT LEAST(0, MIN(level)) FROM (
                    SELECT SUM(SUM(amount)) OVER (ORDER BY date) AS level
                      FROM client_balance_settlement
                     WHERE balance_id = %s
                  GROUP BY date
                ) days
                """,
                self.id,
            )
        )
        return self.currency_id.round(float(lowest or 0.0))

    def _get_amounts_on(self, date):
        """Balances at the end of ``date``, as known now.

        :return: {balance id: float in the balance's currency}
        """
        later = dict(
            self.env["client.balance.settlement"]._read_group(
                [("balance_id", "in", self.ids), ("date", ">", date)],
                ["balance_id"],
                ["amount:sum"],
            )
        )
        return {
            balance.id: balance.currency_id.round(
                balance.amount - later.get(balance, 0.0)
            )
            for balance in self
        }

    # The guard (for the gate only) ------------------------------------------------

    @api.model
    def _ensure(self, keys):
        """Find or open the balances of ``keys``.

        A missing row is made by ON CONFLICT DO NOTHING: a plain insert that loses a
        race fails in a way that Odoo does not retry.

        :return: {key: balance}
        """
        if not keys:
            return {}
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
        balances = self.search(
            Domain("partner_id", "in", [key.partner_id for key in keys])
            & Domain("company_id", "in", [key.company_id for key in keys])
        )
        by_key = {
            Key(
                balance.company_id.id,
                balance.partner_id.id,
                balance.partner_bank_id.id,
                balance.currency_id.id,
            ): balance
            for balance in balances
        }
        return {key: by_key[key] for key in keys if key in by_key}

    @api.model
    def _touch(self, company, partner, bank, currency):
        """Claim a balance before the work is done.

        A no-op UPDATE as the first statement of a confirmation: the loser of a race
        fails (and is retried by Odoo) before it has worked in vain.
        """
        # the row is claimed for the gate, which writes as superuser as well
        balance_sudo = self.sudo()._ensure(
            {
                Key(
                    company.root_id.id,
                    partner.commercial_partner_id.id,
                    bank.id if bank else False,
                    currency.id,
                )
            }
        )
        for balance in balance_sudo.values():
            self.env.cr.execute(
                SQL(
                    "UPDATE client_balance SET amount = amount WHERE id = %s",
                    balance.id,
                )
            )

    def _append_rows(self, rows):
        """Move this balance by the net of ``rows`` and number them.

        :raise UserError: when the balance would fall below its limit
        """
        self.ensure_one()
        self.flush_recordset()
        currency = self.currency_id
        net = currency.round(sum(row["amount"] for row in rows))
        delta = SQL("%s::numeric", float_repr(net, currency.decimal_places))
        moved = self.env.execute_query(
            SQL(
                """
                UPDATE client_balance
                   SET amount = amount + %(delta)s,
                       settlement_count = settlement_count + %(count)s,
                       write_uid = %(uid)s,
                       write_date = now() at time zone 'UTC'
                 WHERE id = %(id)s AND %(allowed)s
             RETURNING amount, settlement_count
                """,
                delta=delta,
                count=len(rows),
                uid=self.env.uid,
                id=self.id,
                allowed=self._get_guard_sql(delta),
            )
        )
        if not moved:
            self._refuse(-net)
        self.invalidate_recordset(["amount", "settlement_count", "available"])
        [[amount, count]] = moved
        level = currency.round(float(amount) - net)
        for number, row in enumerate(rows, count - len(rows) + 1):
            level = currency.round(level + row["amount"])
            row.update(number=number, balance_after=level)

    def _get_guard_sql(self, delta):
        """Hook. :return: SQL condition under which ``delta`` may be applied"""
        return SQL("amount + %s >= -overdraft_limit", delta)

    def _check_days(self, rows):
        """No day from the earliest of ``rows`` on may fall below the limit by them."""
        self.ensure_one()
        if all(row["amount"] > 0 for row in rows):
            return
        currency = self.currency_id
        first = min(fields.Date.to_date(row["date"]) for row in rows)
        days = self._get_levels_from(first)
        for index, (day, level) in enumerate(days):
            change = currency.round(
                sum(
                    row["amount"]
                    for row in rows
                    if fields.Date.to_date(row["date"]) <= day
                )
            )
            if (
                currency.compare_amounts(change, 0.0) < 0
                and currency.compare_amounts(level, -self.overdraft_limit) < 0
                and self._is_limited()
            ):
                works = days[index - 1][0] if index else None
                self._refuse(-change, day, works, level - change)

    def _is_limited(self):
        """Hook. :return: whether the limit of this balance is enforced per day"""
        return True

    def _get_levels_from(self, date):
        """End-of-day balances of ``date`` and of each later day with settlements.

        :return: [(date, float)], newest first
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT date, SUM(amount) FROM client_balance_settlement
                 WHERE balance_id = %s AND date > %s
              GROUP BY date ORDER BY date DESC
                """,
                self.id,
                date,
            )
        )
        level, levels = self.amount, []
        for day, gain in rows:
            levels.append((day, level))
            level = self.currency_id.round(level - float(gain))
        return [*levels, (date, level)]

    def _refuse(self, wanted, day=None, works=None, level=None):
        """Say that the money is not there.

        :param wanted: float, what would be taken
        :param day: the first day on which it is missing, if not today
        :param works: the first date that would work
        :param level: float, the balance of ``day`` before
        """
        here = self if level is not None else self.browse(self.id)
        if level is None:
            here.invalidate_recordset(["amount"])
            level = here.amount
        available = level + self.overdraft_limit
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
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    # Navigation -------------------------------------------------------------------

    def action_open_settlements(self):
        """Open the ledger of these balances. For the screens."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "client_balance.client_balance_settlement_action"
        )
        action["domain"] = [("balance_id", "in", self.ids)]
        return action
