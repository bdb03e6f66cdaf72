from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


class ClientBalanceSuspension(models.Model):
    """Days on which the limitation period does not run."""

    _name = "client.balance.suspension"
    _description = "Suspension of the limitation period"
    _order = "date_from"
    _rec_name = "description"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
    )
    description = fields.Char(
        required=True, help="For example the act by which the period is suspended."
    )
    date_from = fields.Date(string="First day", required=True)
    date_to = fields.Date(
        string="Last day", help="Empty: suspended until further notice."
    )

    _order_of_days = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a suspended period cannot be before its first day.",
    )

    @api.constrains("company_id", "date_from", "date_to")
    def _check_apart(self):
        """A day that two periods name would be counted twice."""
        for period in self:
            domain = [
                ("company_id", "=", period.company_id.id),
                ("id", "!=", period.id),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", period.date_from),
            ]
            if period.date_to:
                domain.append(("date_from", "<=", period.date_to))
            other = self.search(domain, limit=1)
            if other:
                raise ValidationError(
                    self.env._(
                        "“%(period)s” and “%(other)s” (from %(first)s) overlap."
                        " Suspended periods follow one another: change the days of one"
                        " of them.",
                        period=period.description,
                        other=other.description,
                        first=format_date(self.env, other.date_from),
                    )
                )
