import logging
from datetime import timedelta

import psycopg2
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

CRON = "client_balance.ir_cron_client_balance_statement"


class ClientBalanceStatementBatch(models.Model):
    """Acts for many clients: asked for in a dialog, made by a job in the background.

    What is still to do stands in the tasks, one transaction each, so a restarted server
    goes on where it stopped and no client gets two acts.
    """

    _name = "client.balance.statement.batch"
    _inherit = ["client.balance.asked", "client.balance.primary"]
    _description = "Acts of reconciliation for many clients"
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
    )
    date_from = fields.Date(
        string="From", required=True, default=lambda self: self._default_period()[0]
    )
    date_to = fields.Date(
        string="To", required=True, default=lambda self: self._default_period()[1]
    )
    currency_id = fields.Many2one(
        "res.currency", help="Empty: one act for each currency that the client uses."
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Clients",
        default=lambda self: self._default_partner_ids(),
        help="Empty: all clients with documents up to the end of the period.",
    )
    include_purchases = fields.Boolean(string="With purchases")
    skip_empty = fields.Boolean(
        string="Leave out clients without movements", default=True
    )
    send = fields.Boolean(string="Send by e-mail at once")
    schedule = fields.Selection(
        [("monthly", "Every month"), ("quarterly", "Every quarter")], readonly=True
    )
    user_id = fields.Many2one(
        "res.users", string="Responsible", default=lambda self: self.env.user
    )
    task_ids = fields.One2many(
        "client.balance.statement.task", "batch_id", readonly=True
    )
    state = fields.Selection(
        [("draft", "Not started"), ("running", "In progress"), ("done", "Done")],
        compute="_compute_progress",
    )
    started = fields.Boolean(readonly=True, copy=False)
    asked_by_id = fields.Many2one(
        "res.users",
        string="Asked for by",
        readonly=True,
        copy=False,
        help="The acts are made with the rights of this person.",
    )
    progress = fields.Float(compute="_compute_progress", help="Per cent.")
    summary = fields.Char(compute="_compute_progress")

    @api.model
    def _default_period(self):
        return self.env["client.balance.statement"]._default_period()

    @api.model
    def _default_partner_ids(self):
        """:return: the clients that were selected in a list of clients or a report"""
        model, ids = (self.env.context.get(n) for n in ("active_model", "active_ids"))
        if not ids or not isinstance(model, str) or model not in self.env:
            return self.env["res.partner"]
        records = self.env["client.balance.posting"]._browse_asked(model, ids)
        if model == "res.partner":
            return records.commercial_partner_id
        if "partner_id" in records._fields:
            return records.partner_id.commercial_partner_id
        return self.env["res.partner"]

    @api.depends("date_from", "date_to", "company_id")
    @api.depends_context("lang")
    def _compute_name(self):
        for batch in self:
            batch.name = self.env._(
                "%(company)s, %(date_from)s – %(date_to)s",
                company=batch.company_id.name,
                date_from=fields.Date.to_string(batch.date_from),
                date_to=fields.Date.to_string(batch.date_to),
            )

    @api.depends("started", "task_ids.state")
    @api.depends_context("lang")
    def _compute_progress(self):
        counts = {}
        for batch, state, count in self.env[
            "client.balance.statement.task"
        ]._read_group(
            [("batch_id", "in", self.ids)], ["batch_id", "state"], ["__count"]
        ):
            counts.setdefault(batch.id, {})[state] = count
        for batch in self:
            own = counts.get(batch._origin.id, {})
            total, todo = sum(own.values()), own.get("todo", 0)
            batch.state = "draft"
            if batch.started:
                batch.state = "running" if todo else "done"
            batch.progress = 100.0 * (total - todo) / total if total else 0.0
            batch.summary = self.env._(
                "%(done)s made, %(skipped)s skipped, %(failed)s failed, %(todo)s"
                " waiting",
                done=own.get("done", 0),
                skipped=own.get("skipped", 0),
                failed=own.get("failed", 0),
                todo=todo,
            )

    @api.constrains("date_from", "date_to")
    def _check_period(self):
        for batch in self:
            if batch.date_from > batch.date_to:
                raise ValidationError(
                    self.env._(
                        "The period of the acts, %(date_from)s – %(date_to)s, ends"
                        " before it begins. Correct its dates.",
                        date_from=batch.date_from,
                        date_to=batch.date_to,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_not_guarded(vals)
        return super().create(vals_list)

    def write(self, vals):
        """Before the start only: the job does what was asked for.

        :raise UserError: when a batch that was started is changed
        """
        self._check_not_guarded(vals)
        started = self.filtered("started")
        if started and not self.env.su:
            raise UserError(
                self.env._(
                    "The acts of “%(batch)s” were ordered by %(user)s, and what was"
                    " ordered does not change any more. Make another list, or delete"
                    " this one to stop it.",
                    batch=started[0].name,
                    user=started[0].asked_by_id.name or "",
                )
            )
        return super().write(vals)

    @api.model
    def _check_not_guarded(self, vals):
        guarded = {"started", "asked_by_id", "schedule", "task_ids"}
        if not self.env.su and guarded & {name for name in vals if vals[name]}:
            raise UserError(self.env._("A batch is started with its button."))

    # Start ----------------------------------------------------------------------------

    def action_start(self):
        """Hand the acts over to the job in the background. For officers.

        :return: action that shows the progress
        """
        self.ensure_one()
        self.check_access("write")
        if not self.started:
            self._start()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Making acts"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [
                (
                    self.env.ref(
                        "client_balance.client_balance_statement_batch_view_form"
                    ).id,
                    "form",
                )
            ],
        }

    def _start(self):
        """Write down what is to do, and wake the job."""
        tasks = [
            {"batch_id": self.id, "partner_id": partner_id, "currency_id": currency_id}
            for partner_id, currency_id in self._get_clients()
        ]
        if not tasks:
            raise UserError(
                self.env._(
                    "None of these clients has documents up to %(date)s. Choose other"
                    " clients or a later period.",
                    date=self.date_to,
                )
            )
        # the queue and its job belong to the system; rights were checked before
        self.env["client.balance.statement.task"].sudo().create(tasks)
        self.sudo().write({"started": True, "asked_by_id": self.env.uid})
        self.env.ref(CRON).sudo()._trigger()

    def _get_clients(self):
        """:return: sorted [(client id, currency id)] with documents up to the end"""
        # as superuser: who makes acts need not read journal items
        source_sudo = self.env["client.balance.statement.source"].sudo()
        domain = self._get_client_domain(source_sudo)
        groups = source_sudo.env["account.move.line"]._read_group(
            domain, ["partner_id", "currency_id"]
        )
        clients = {(p.commercial_partner_id.id, c.id) for p, c in groups}
        allowed = self.env["res.partner"].search(
            [("id", "in", [partner_id for partner_id, _currency_id in clients])]
        )
        return sorted(c for c in clients if c[0] in allowed._ids)

    def _get_client_domain(self, source):
        """Hook. :return: domain of the items whose clients get acts"""
        accounts = source._get_account_domain("sales")
        if self.include_purchases:
            accounts |= source._get_account_domain("purchases")
        domain = accounts & Domain(
            [
                ("parent_state", "=", "posted"),
                ("date", "<=", self.date_to),
                ("company_id", "child_of", self.company_id.ids),
                ("partner_id", "!=", False),
                ("amount_currency", "!=", 0),
            ]
        )
        if self.partner_ids:
            domain &= Domain(
                "partner_id.commercial_partner_id", "in", self.partner_ids.ids
            )
        if self.currency_id:
            domain &= Domain("currency_id", "=", self.currency_id.id)
        if self.schedule:
            domain &= self._get_schedule_domain()
        return domain

    def _get_schedule_domain(self):
        """:return: domain of the items of clients whose schedule this batch serves"""
        field = "partner_id.commercial_partner_id.client_balance_statement_schedule"
        domain = Domain(field, "=", self.schedule)
        if self.company_id.client_balance_statement_schedule == self.schedule:
            domain |= Domain(field, "=", False)
        return domain

    # The job --------------------------------------------------------------------------

    @api.model
    def _cron_process(self):
        """Make the acts that are waiting, each in a transaction of its own."""
        Task = self.env["client.balance.statement.task"]
        todo = Task.search([("state", "=", "todo")], order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(todo))
        for task_id in todo.ids:
            task = Task.browse(task_id).try_lock_for_update()
            # somebody else's, or gone meanwhile
            if not task or task.state != "todo":
                continue
            self._process_task(task)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _process_task(self, task):
        # an act that fails must not stop the others; its reason stays on the task
        try:
            with self.env.cr.savepoint():
                task._with_language()._process()
                self.env.flush_all()
        except UserError as error:
            self.env.invalidate_all()
            task._finish("failed", str(error))
        except psycopg2.OperationalError:
            # a conflict with somebody's work: the job is repeated and goes on here
            raise
        except Exception:
            _logger.exception("The act of task %s could not be made", task.id)
            self.env.invalidate_all()
            task._finish(
                "failed", self.env._("Unexpected error; the server's log tells more.")
            )

    # The schedule ---------------------------------------------------------------------

    @api.model
    def _cron_schedule(self):
        """Start the batches of the month or quarter that has ended, once each."""
        today = fields.Date.context_today(self)
        for company in self.env["res.company"].search([("parent_id", "=", False)]):
            for schedule in ("monthly", "quarterly"):
                self._schedule(company, schedule, today)

    @api.model
    def _schedule(self, company, schedule, today):
        """:return: the batch that was started, if any"""
        date_from, date_to = self._get_period(schedule, today)
        vals = {
            "company_id": company.id,
            "schedule": schedule,
            "date_from": date_from,
            "date_to": date_to,
        }
        if self.search_count([(name, "=", value) for name, value in vals.items()]):
            return self.browse()
        batch = self.new({**vals, "send": False})
        if not batch._get_clients():
            return self.browse()
        batch = self.create(
            {
                **vals,
                "send": company.client_balance_statement_send,
                "user_id": False,
            }
        )
        batch._start()
        return batch

    @api.model
    def _get_period(self, schedule, today):
        """:return: (first, last day) of the last full month or quarter"""
        first = today.replace(day=1)
        months = 1
        if schedule == "quarterly":
            first = first.replace(month=(first.month - 1) // 3 * 3 + 1)
            months = 3
        return first - relativedelta(months=months), first - timedelta(days=1)
