from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from .client_balance_request_doing import DIALOGS

#: Values that say nothing to a person.
HIDDEN = {"token", "external_ref", "attachment_ids"}


class ClientBalanceRequest(models.Model):
    """What the second person sees before deciding."""

    _inherit = "client.balance.request"

    details = fields.Html(
        string="What was requested", compute="_compute_details", sanitize=False
    )
    balance_now = fields.Monetary(string="Balance now", compute="_compute_balance_now")
    available = fields.Monetary(
        string="Available balance",
        compute="_compute_balance_now",
        help="What can be taken on the accounting date, as the books are now.",
    )

    @api.depends("partner_id", "partner_bank_id", "currency_id", "date")
    def _compute_balance_now(self):
        Balance = self.env["client.balance"]
        for request in self:
            balance = Balance._get_balance(
                request.company_id,
                request.partner_id,
                request.partner_bank_id,
                request.currency_id,
            )
            request.balance_now = balance.amount
            date = request.date or fields.Date.context_today(self)
            request.available = balance._get_available_on(date).get(balance.id, 0.0)

    @api.depends("vals", "operation", "settlement_id")
    def _compute_details(self):
        for request in self:
            rows = Markup().join(
                Markup("<tr><th>%s</th><td>%s</td></tr>") % row
                for row in request._get_detail_rows()
            )
            request.details = (
                Markup('<table class="table table-sm mb-0"><tbody>%s</tbody></table>')
                % rows
            )

    def _get_detail_rows(self):
        """Hook. :return: [(label, text)] of the values that the caller gave"""
        self.ensure_one()
        if self.operation == "together":
            return [self._get_row_of_many(vals) for vals in self.vals["settlements"]]
        if self.operation == "reversal":
            # whoever sees the request sees what it undoes
            undone_sudo = (
                self.env["client.balance.settlement"]
                .sudo()
                .browse(self.vals["settlement_ids"])
            )
            return [
                (
                    row.name,
                    f"{row.partner_id.name}, {row.currency_id.format(-row.amount)}",
                )
                for row in undone_sudo
            ]
        model = self.env[DIALOGS.get(self.operation, "client.balance.settlement")]
        old = self.settlement_id
        rows = []
        for name, value in (self.vals or {}).items():
            field = model._fields.get(name)
            # "no" is an answer, where a reason would say yes
            is_said = value or old or (field and field.type == "boolean")
            if not field or name in HIDDEN or not is_said:
                continue
            text = self._format_value(field, value)
            if old and name in old._fields:
                before = old._fields[name].convert_to_write(old[name], old)
                text = f"{self._format_value(field, before)} → {text}"
            rows.append((field._description_string(self.env), text))
        return rows

    def _get_row_of_many(self, vals):
        """:return: (client, amount and description) of one of several settlements"""
        # the names of what was chosen, for people who may not see every client
        partner_sudo = (
            self.env["res.partner"].sudo().browse(vals["partner_id"]).exists()
        )
        currency = self.env["res.currency"].browse(vals.get("currency_id"))
        amount = (currency or self.company_id.currency_id).format(vals["amount"])
        text = ", ".join(filter(None, [amount, vals.get("description")]))
        return partner_sudo.display_name or "?", text

    def _format_value(self, field, value):
        if not value:
            return "—" if field.type != "boolean" else self.env._("No")
        if field.type == "many2one":
            # the names of what was chosen, for people without rights on accounts
            record = self.env[field.comodel_name].sudo().browse(value).exists()
            return record.display_name or "?"
        if field.type == "monetary":
            return formatLang(self.env, value, currency_obj=self.currency_id)
        if field.type == "date":
            return format_date(self.env, value)
        if field.type == "boolean":
            return self.env._("Yes")
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        return str(value)
