import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class ClientBalanceApprovalDay(models.Model):
    """What one person gave and took on one day without a second person.

    Net per client and currency, so that undoing gives back. Only ``_add`` moves it, by
    one UPDATE: the loser of a race is repeated and finds what the winner has added.
    """

    _name = "client.balance.approval.day"
    _description = "Amount that one person moved on one day"
    _order = "date desc, id desc"
    _log_access = False

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, index=True, ondelete="cascade"
    )
    # by the clock of the server: nobody gets a second day by another time zone
    date = fields.Date(required=True, readonly=True)
    nets = fields.Json(readonly=True, help="{client:currency: net value}")
    total = fields.Monetary(readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")

    _person_uniq = models.UniqueIndex("(company_id, user_id, date)")

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise self._get_refusal()

    def write(self, vals):  # pylint: disable=method-required-super
        raise self._get_refusal()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise self._get_refusal()

    def _get_refusal(self):
        return UserError(
            self.env._(
                "What a person moved on a day is counted by the program and changed by"
                " nobody. Raise the amount per day in the settings, or send a request."
            )
        )

    @api.model
    def _add(self, root, user, values):
        """Count what ``user`` moves now.

        :param values: {(client, currency): signed value in the company's currency}
        :return: (total of the day before, total with it)
        """
        key = {"root": root.id, "user": user.id, "day": fields.Date.today()}
        self.env.execute_query(
            SQL(
                """
                INSERT INTO client_balance_approval_day
                            (company_id, user_id, date, nets, total)
                     VALUES (%(root)s, %(user)s, %(day)s, '{}', 0)
                ON CONFLICT (company_id, user_id, date) DO NOTHING
                  RETURNING id
                """,
                **key,
            )
        )
        [totals] = self.env.execute_query(
            SQL(
                """
                UPDATE client_balance_approval_day day
                   SET nets = summed.nets, total = summed.total
                  FROM (%(summed)s) summed
                 WHERE day.id = summed.id
             RETURNING summed.before, day.total
                """,
                summed=self._get_sum_sql(values, **key),
            )
        )
        self.invalidate_model(flush=False)
        return totals

    @api.model
    def _preview(self, root, user, values):
        """:return: as ``_add``, without counting anything"""
        rows = self.env.execute_query(
            self._get_sum_sql(values, root.id, user.id, fields.Date.today())
        )
        if rows:
            [(_id, before, _nets, after)] = rows
            return before, after
        return 0.0, sum(map(abs, values.values()))

    def _get_sum_sql(self, values, root, user, day):
        added = {
            f"{partner.id}:{currency.id}": value
            for (partner, currency), value in values.items()
        }
        return SQL(
            """
            SELECT day.id, day.total AS before,
                   COALESCE(jsonb_object_agg(net.key, net.value)
                            FILTER (WHERE net.value <> 0), '{}') AS nets,
                   COALESCE(SUM(ABS(net.value)), 0) AS total
              FROM client_balance_approval_day day
 LEFT JOIN LATERAL (
                   SELECT part.key, SUM(part.value::numeric) AS value
                     FROM (SELECT * FROM jsonb_each_text(day.nets)
                           UNION ALL
                           SELECT * FROM jsonb_each_text(%(added)s::jsonb)) part
                 GROUP BY part.key) net ON TRUE
             WHERE day.company_id = %(root)s AND day.user_id = %(user)s
               AND day.date = %(day)s
          GROUP BY day.id
            """,
            added=json.dumps(added),
            root=root,
            user=user,
            day=day,
        )
