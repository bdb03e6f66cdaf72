from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, formatLang


# eq=False: environments are shared between equal contexts, two approvals never are
@dataclass(frozen=True, eq=False)
class Approval:
    """Proves that a second person has agreed, as ``client_balance_approval``.

    Carried in the context like the callers' pass: RPC transports plain data only.
    """

    request_id: int


class SecondPersonNeeded(UserError):
    """What was refused may be sent as a request."""


class Change(NamedTuple):
    """What a step gives to (+) or takes from (−) a client without evidence."""

    root: models.BaseModel
    partner: models.BaseModel
    currency: models.BaseModel
    amount: float
    #: the same in the currency of the company, as the entry says it
    value: float
    date: fields.Date
    #: what changes it: the number of an entry, or words
    name: str | bool


class ClientBalanceApproval(models.AbstractModel):
    """Above an amount per company, money moves only when two people agree."""

    _name = "client.balance.approval"
    _description = "Second person for client balances"

    def _get_approval(self):
        """:return: the Approval of the running step, or None"""
        approval = self.env.context.get("client_balance_approval")
        return approval if isinstance(approval, Approval) else None

    def _is_judged(self, root, user):
        """:return: whether ``user`` may move a limited amount only in ``root``

        The superuser is nobody: programs and scheduled actions have no second person.
        """
        # the settings are the root company's, which a branch's user may not see
        return (
            user.id != SUPERUSER_ID
            and root.sudo().client_balance_approval
            and not self._get_approval()
        )

    def _is_needed(self, company, amounts, date):
        """For dialogs: the same question before anything is posted.

        :param amounts: [(client, currency, amount: + given, − taken)]
        :return: whether a second person must agree to a step like this
        """
        changes = self._prepare_changes(company, amounts, date)
        if not changes:
            return False
        root, user = changes[0].root, self.env.user
        values = self._get_values(changes, user)
        if self._is_above_step(root, values):
            return True
        if not values or not root.client_balance_approval_day_amount:
            return False
        totals = self.env["client.balance.approval.day"]._preview(root, user, values)
        return self._is_above_day(root, *totals)

    def _check_amounts(self, company, amounts, date, name):
        """Judge what no journal entry says: limits, owners, a file.

        :param amounts: as for ``_is_needed``
        :param name: what is done, the subject of a sentence
        :raise UserError: that it needs a second person
        """
        changes = self._prepare_changes(company, amounts, date, name)
        self._check_changes(changes, self.env.user)

    def _prepare_changes(self, company, amounts, date, name=""):
        """:return: list of Change, empty where this person is not judged"""
        # the settings are the root company's, which a branch's user may not see
        root = company.sudo().root_id
        if not self._is_judged(root, self.env.user):
            return []
        day = fields.Date.to_date(date) or fields.Date.context_today(self)
        return [
            Change(
                root, partner.commercial_partner_id, currency, amount, 0.0, day, name
            )
            for partner, currency, amount in amounts
            if partner and currency
        ]

    def _check_changes(self, changes, user):
        """Judge what ``user`` gives and takes in one step.

        :param changes: list of Change
        :raise UserError: that it is more than one person may move
        """
        by_root = defaultdict(list)
        for change in changes:
            if not change.currency.is_zero(change.amount):
                by_root[change.root].append(change)
        for root, own in by_root.items():
            values = self._get_values(own, user)
            if self._is_above_step(root, values):
                self._refuse_step(root, own, values)
            if values and root.client_balance_approval_day_amount:
                Day = self.env["client.balance.approval.day"]
                before, total = Day._add(root, user, values)
                if self._is_above_day(root, before, total):
                    self._refuse_day(root, own, before)

    # Values ---------------------------------------------------------------------------

    def _get_values(self, changes, user):
        """Hook. The net value of the changes of one root company.

        Worth what their entries say, or what a rate says that this person did not
        make, whichever is more.

        :return: {(client, currency): signed value in the currency of the company}
        """
        grouped = defaultdict(list)
        for change in changes:
            grouped[change.partner, change.currency].append(change)
        values = {}
        for (partner, currency), own in grouped.items():
            amount = currency.round(sum(change.amount for change in own))
            if currency.is_zero(amount):
                continue
            root = own[0].root
            said = abs(sum(change.value for change in own))
            rated = self._get_value_at_rate(
                root, currency, abs(amount), max(change.date for change in own), user
            )
            value = root.currency_id.round(max(said, rated))
            values[partner, currency] = value if amount > 0 else -value
        return values

    def _get_value_at_rate(self, root, currency, amount, date, user):
        """Hook. :return: ``amount`` in the currency of the root company"""
        if currency == root.currency_id:
            return amount
        rates = self._get_rates_of_others(root, currency, date, user)
        company_rate = rates.get(root.currency_id.id, 1.0)
        return amount * company_rate / rates.get(currency.id, 1.0)

    def _get_rates_of_others(self, root, currency, date, user):
        """The last rates that ``user`` neither made nor changed.

        Where all are this person's own, the one by which the currency is worth most.

        :return: {currency id: rate}
        """
        self.env["res.currency.rate"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (currency_id) currency_id, rate
                  FROM (SELECT rate.*, COALESCE(create_uid = %(user)s, FALSE)
                               OR COALESCE(write_uid = %(user)s, FALSE) AS is_own
                          FROM res_currency_rate rate
                         WHERE currency_id IN %(currencies)s AND name <= %(day)s
                           AND (company_id IS NULL OR company_id = %(root)s)) rate
              ORDER BY currency_id, is_own, company_id NULLS LAST,
                       CASE WHEN is_own THEN rate END, name DESC
                """,
                user=user.id,
                currencies=(currency.id, root.currency_id.id),
                day=max(date, fields.Date.today()),
                root=root.id,
            )
        )
        return dict(rows)

    # Limits ---------------------------------------------------------------------------

    def _is_above(self, company, currency, amount, date):
        """:return: whether one person may not decide on this much alone"""
        # as above
        root = company.sudo().root_id
        return self._is_judged(root, self.env.user) and self._is_above_step(
            root, {None: self._get_company_amount(root, currency, amount, date)}
        )

    def _get_company_amount(self, root, currency, amount, date):
        """:return: the size of a step in the currency of the root company"""
        return self._get_value_at_rate(root, currency, abs(amount), date, self.env.user)

    def _is_above_step(self, root, values):
        """Hook. :return: whether this is more than one person may move in one step"""
        limit = root.client_balance_approval_amount
        return root.currency_id.compare_amounts(self._get_size(values), limit) > 0

    def _get_size(self, values):
        """:return: what a step gives or takes, whichever is more"""
        given = sum(value for value in values.values() if value > 0)
        return max(given, given - sum(values.values()))

    def _is_above_day(self, root, before, total):
        """:return: whether ``total`` is more than one person may move on a day; what
        lessens it is never too much
        """
        limit = root.client_balance_approval_day_amount
        compare = root.currency_id.compare_amounts
        return compare(total, limit) > 0 and compare(total, before) > 0

    def _refuse_step(self, root, changes, values):
        """:raise UserError: what moves, how much one person may, and what to do"""
        partner, currency = max(values, key=lambda key: abs(values[key]))
        own = [
            row for row in changes if (row.partner, row.currency) == (partner, currency)
        ]
        raise SecondPersonNeeded(
            self.env._(
                "%(entry)s moves %(amount)s on the balance of %(client)s (this step"
                " together: %(total)s). In %(company)s everything above %(limit)s needs"
                " a second person: send it as a request, and another manager approves"
                " it.",
                entry=own[0].name or self.env._("This"),
                amount=formatLang(
                    self.env, abs(sum(row.amount for row in own)), currency_obj=currency
                ),
                client=partner.display_name,
                total=self._format(root, self._get_size(values)),
                company=root.display_name,
                limit=self._format(root, root.client_balance_approval_amount),
            )
        )

    def _refuse_day(self, root, changes, before):
        """:raise UserError: how much this person has moved today, and what to do"""
        raise SecondPersonNeeded(
            self.env._(
                "%(entry)s on the balance of %(client)s is too much for today: you have"
                " moved %(before)s alone. In %(company)s more than %(limit)s a day"
                " needs a second person: send it as a request, and another manager"
                " approves it.",
                entry=changes[0].name or self.env._("This"),
                client=changes[0].partner.display_name,
                before=self._format(root, before),
                company=root.display_name,
                limit=self._format(root, root.client_balance_approval_day_amount),
            )
        )

    def _format(self, root, amount):
        return formatLang(self.env, amount, currency_obj=root.currency_id)

    def _get_approvers(self, company, requester):
        """Hook. :return: the users who may approve what ``requester`` asks for"""
        # who else is a manager is no secret, users may not read each other's groups
        group_sudo = self.env.ref("client_balance.group_client_balance_manager").sudo()
        # the root company may be hidden from people of a branch
        root = company.sudo().root_id
        return group_sudo.all_user_ids.filtered(
            lambda user: (
                user.active
                and user != requester
                and not user.share
                and root in user.company_ids.root_id
            )
        )
