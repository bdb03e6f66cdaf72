from odoo import fields, models
from odoo.exceptions import UserError


class ClientBalanceStatementTask(models.Model):
    """One client and currency in a batch: what is still to do, and what came of it."""

    _name = "client.balance.statement.task"
    _description = "Act to be made"
    _order = "batch_id, id"
    _rec_name = "partner_id"

    batch_id = fields.Many2one(
        "client.balance.statement.batch", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="batch_id.company_id", store=True)
    partner_id = fields.Many2one(
        "res.partner", string="Client", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one("res.currency", required=True, ondelete="cascade")
    state = fields.Selection(
        [
            ("todo", "Waiting"),
            ("done", "Made"),
            ("skipped", "Skipped"),
            ("failed", "Failed"),
        ],
        required=True,
        default="todo",
    )
    message = fields.Char()
    statement_id = fields.Many2one(
        "client.balance.statement", string="Act", ondelete="set null"
    )

    # the job looks for what is still to do
    _todo = models.Index("(id) WHERE state = 'todo'")

    def _with_language(self):
        """:return: this task in the language of who is responsible for its act"""
        user = self.batch_id.user_id or self._get_asking_user()
        return self.with_context(lang=user.lang)

    def _get_asking_user(self):
        # batches of before do not say who started them
        return self.batch_id.asked_by_id or self.batch_id.create_uid

    def _get_asking_env(self):
        """The job makes and sends what its person could make and send by hand.

        :return: environment of who asked, in the companies of the batch
        :raise UserError: when this person may not do it any more
        """
        user, company = self._get_asking_user(), self.batch_id.company_id
        if user._is_superuser():
            # the schedule, which is a setting of the company
            companies = company
        else:
            companies = user.company_ids.filtered(lambda own: own.root_id == company)
            if not user.active or not companies:
                raise UserError(
                    self.env._(
                        "%(user)s, who ordered this act, does not work in %(company)s"
                        " any more. Order it anew.",
                        user=user.name,
                        company=company.name,
                    )
                )
        context = {**self.env.context, "allowed_company_ids": companies.ids}
        return self.env(user=user.id, context=context)

    def _process(self):
        """Make the act of this task, and send it if the batch says so."""
        self.ensure_one()
        batch = self.batch_id
        Statement = self._get_asking_env()["client.balance.statement"]
        twin = Statement.new(self._prepare_statement_vals()).twin_id
        if twin:
            self._finish(
                "skipped",
                self.env._("%(act)s exists already.", act=twin.display_name),
                twin,
            )
            return
        act = Statement.create(self._prepare_statement_vals())
        if batch.skip_empty and act._is_empty():
            act.unlink()
            self._finish("skipped", self.env._("There is nothing to reconcile."))
            return
        message = False
        if batch.send:
            if act.partner_id.email:
                act.action_send()
            else:
                message = self.env._("Not sent: the client has no e-mail address.")
        self._finish("done", message, act)

    def _prepare_statement_vals(self):
        """Hook. :return: values of the act"""
        self.ensure_one()
        batch = self.batch_id
        return {
            "company_id": batch.company_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "date_from": batch.date_from,
            "date_to": batch.date_to,
            "include_purchases": batch.include_purchases,
            "user_id": batch.user_id.id,
        }

    def _finish(self, state, message=False, statement=None):
        self.write(
            {
                "state": state,
                "message": message,
                "statement_id": statement and statement.id,
            }
        )
