from odoo import api, fields, models
from odoo.exceptions import UserError


class ClientBalanceBatch(models.TransientModel):
    """A list of proposals that is reviewed and posted in one go.

    The screen asks for a few lines at a time (``run_batch``), each request in its own
    transaction and each line in its own savepoint. So a list of ten thousand shows
    how far it is, can be stopped, and never leaves half an operation.
    """

    _name = "client.balance.batch"
    _inherit = ["client.balance.asked", "client.balance.primary"]
    _description = "List of proposals for client balances"

    kind = fields.Selection([], required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    date = fields.Date(
        string="Accounting date", required=True, default=fields.Date.context_today
    )
    line_ids = fields.One2many("client.balance.batch.line", "batch_id")
    total_count = fields.Integer(string="Lines", compute="_compute_counts")
    todo_count = fields.Integer(string="To post", compute="_compute_counts")
    done_count = fields.Integer(string="Posted", compute="_compute_counts")
    failed_count = fields.Integer(string="Refused", compute="_compute_counts")

    @api.depends("line_ids.state", "line_ids.is_selected")
    def _compute_counts(self):
        counts = {}
        for batch, state, selected, count in self.env[
            "client.balance.batch.line"
        ]._read_group(
            [("batch_id", "in", self.ids)],
            ["batch_id", "state", "is_selected"],
            ["__count"],
        ):
            key = state if state != "todo" or selected else "left out"
            by_state = counts.setdefault(batch.id, {})
            by_state[key] = by_state.get(key, 0) + count
        for batch in self:
            by_state = counts.get(batch._origin.id or batch.id, {})
            batch.total_count = sum(by_state.values())
            batch.todo_count = by_state.get("todo", 0)
            batch.done_count = by_state.get("done", 0)
            batch.failed_count = by_state.get("failed", 0)

    @api.depends("kind")
    def _compute_display_name(self):
        names = dict(self._fields["kind"]._description_selection(self.env))
        for batch in self:
            batch.display_name = names.get(batch.kind, "")

    # Opening --------------------------------------------------------------------------

    @api.model
    def _open(self, kind, lines, **vals):
        """Show proposals. For the callers of each kind.

        :param lines: list of values of lines
        :return: the action that shows them
        """
        self._check_rights(kind)
        batch = self.create({"kind": kind, **vals})
        self.env["client.balance.batch.line"].create(
            [{**line, "batch_id": batch.id} for line in lines]
        )
        return {
            "type": "ir.actions.act_window",
            "name": batch.display_name,
            "res_model": self._name,
            "res_id": batch.id,
            "view_mode": "form",
            "target": "current",
        }

    @api.model
    def _check_rights(self, kind):
        """Hook. :raise AccessError: for people who may not post this kind"""
        self.env["client.balance.application"]._check_officer()

    # Posting --------------------------------------------------------------------------

    def run_batch(self, limit=20):
        """Post the next selected lines. For the screen, which asks until none is left.

        A line that is refused keeps the sentence that says why; the others go on.

        :param limit: how many lines to post in this request
        :return: dict with ``total``, ``todo``, ``done``, ``failed``: numbers of lines
        """
        self.ensure_one()
        self._check_rights(self.kind)
        # entries of our dialogs are posted as superuser
        self.env["client.balance.posting"]._check_own_company(self.company_id)
        lines = self.env["client.balance.batch.line"].search(
            [
                ("batch_id", "=", self.id),
                ("state", "=", "todo"),
                ("is_selected", "=", True),
            ],
            limit=max(1, min(limit, 500)) if isinstance(limit, int) else 20,
        )
        for line in lines:
            try:
                with self.env.cr.savepoint():
                    line._run()
                line.write({"state": "done", "message": False})
            except UserError as error:
                self.env.invalidate_all()
                line.write({"state": "failed", "message": str(error.args[0])})
        self.invalidate_recordset()
        return {
            "total": self.total_count,
            "todo": self.todo_count,
            "done": self.done_count,
            "failed": self.failed_count,
        }

    def action_retry(self):
        """Take the refused lines up again, after their cause was removed."""
        self.line_ids.filtered(lambda line: line.state == "failed").write(
            {"state": "todo", "message": False}
        )

    def action_select_all(self):
        """Post all lines that are not posted yet."""
        self.line_ids.filtered(lambda line: line.state == "todo").is_selected = True

    def action_select_none(self):
        """Post none, to choose a few by hand."""
        self.line_ids.filtered(lambda line: line.state == "todo").is_selected = False
