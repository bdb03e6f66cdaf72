from odoo import fields, models


class ResCompany(models.Model):
    """What clients may do in the portal, and which e-mails they get."""

    _inherit = "res.company"

    client_balance_portal_pay = fields.Boolean(
        string="Clients pay invoices from their balance",
        help="The client's invoice page in the portal offers to pay from the balance.",
    )
    client_balance_portal_top_up = fields.Boolean(
        string="Clients top up their balance",
        default=True,
        help="The portal offers to top up the balance, online or by bank transfer.",
    )
    client_balance_online_overpayment = fields.Boolean(
        string="Online overpayments go to the balance",
        help="What an online payment has more than its invoice needs goes to the"
        " client's balance instead of staying an open credit.",
    )
    client_balance_notice_credit = fields.Boolean(
        string="E-mail when money arrives on a balance", default=True
    )
    client_balance_notice_spend = fields.Boolean(
        string="E-mail when money is taken from a balance"
    )
    client_balance_notice_statement = fields.Boolean(
        string="E-mail when an act of reconciliation is to be signed", default=True
    )
    client_balance_responsible_id = fields.Many2one(
        "res.users",
        string="Responsible for client balances",
        domain="[('share', '=', False)]",
        help="Gets the activities, for example when an online payment is charged back"
        " after the money was spent.",
    )

    def _get_company_root_delegated_field_names(self):
        return [
            *super()._get_company_root_delegated_field_names(),
            "client_balance_portal_pay",
            "client_balance_portal_top_up",
            "client_balance_online_overpayment",
            "client_balance_notice_credit",
            "client_balance_notice_spend",
            "client_balance_notice_statement",
            "client_balance_responsible_id",
        ]

    def _get_client_balance_responsible(self, partner=None):
        """Who does what needs a person.

        :param partner: the client whom it is about, if any
        :return: the person of the settings, else the client's salesperson, else a
            manager of balances who works in the company, else the administrator
        """
        self.ensure_one()
        # settings and users are read for whoever causes the activity, also a client
        root_sudo = self.sudo().root_id
        chosen = root_sudo.client_balance_responsible_id or (
            partner.sudo().commercial_partner_id.user_id
            if partner
            else self.env["res.users"]
        )
        if chosen.active:
            return chosen
        managers = (
            self.sudo()
            .env.ref("client_balance.group_client_balance_manager")
            .all_user_ids
        )
        return managers.filtered(
            lambda user: user.active and root_sudo in user.company_ids
        ).sorted("id")[:1] or self.sudo().env.ref("base.user_admin")
