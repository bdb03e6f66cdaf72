from odoo import api, fields, models

MANAGER = "client_balance.group_client_balance_manager"
OFFICER = "client_balance.group_client_balance_officer"


class ClientBalanceChecklist(models.TransientModel):
    """What is ready after the installation, and what is left to do."""

    _name = "client.balance.checklist"
    _inherit = ["client.balance.asked", "client.balance.primary"]
    _description = "Client balance: first steps"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company.root_id,
    )
    account_id = fields.Many2one(related="company_id.client_balance_account_id")
    foreign_account_id = fields.Many2one(
        related="company_id.client_balance_foreign_account_id"
    )
    journal_id = fields.Many2one(related="company_id.client_balance_journal_id")
    has_accounts = fields.Boolean(compute="_compute_has_accounts")
    officer_count = fields.Integer(
        string="People who use balances", compute="_compute_people"
    )
    manager_count = fields.Integer(string="Administrators", compute="_compute_people")
    has_people = fields.Boolean(compute="_compute_people")
    settlement_count = fields.Integer(
        string="Settlements", compute="_compute_settlement_count"
    )
    is_complete = fields.Boolean(compute="_compute_is_complete")

    def _compute_display_name(self):
        self.display_name = self.env._("First steps")

    @api.depends("account_id", "journal_id")
    def _compute_has_accounts(self):
        for checklist in self:
            checklist.has_accounts = bool(checklist.account_id and checklist.journal_id)

    @api.depends("company_id")
    def _compute_people(self):
        for checklist in self:
            checklist.officer_count = checklist._count_people(OFFICER)
            checklist.manager_count = checklist._count_people(MANAGER)
            checklist.has_people = bool(
                checklist.officer_count and checklist.manager_count
            )

    def _count_people(self, group):
        # people are counted, not shown: no right on users is needed
        return (
            self.env["res.users"]
            .sudo()
            .search_count(
                [
                    ("all_group_ids", "in", self.env.ref(group).ids),
                    ("company_ids", "in", self.company_id.ids),
                    ("share", "=", False),
                ]
            )
        )

    @api.depends("company_id")
    def _compute_settlement_count(self):
        counts = dict(
            self.env["client.balance.settlement"]._read_group(
                [("company_id", "in", self.company_id.ids)], ["company_id"], ["__count"]
            )
        )
        for checklist in self:
            checklist.settlement_count = counts.get(checklist.company_id, 0)

    @api.depends("has_accounts", "has_people", "settlement_count")
    def _compute_is_complete(self):
        for checklist in self:
            checklist.is_complete = (
                checklist.has_accounts
                and checklist.has_people
                and bool(checklist.settlement_count)
            )

    def action_set_up(self):
        """Find or create accounts, journal and reasons. For managers of balances."""
        self.env["client.balance.posting"]._check_manager()
        self.company_id._client_balance_set_up()

    def action_open_users(self):
        """Open the users, where the right “Client balance” is given."""
        return self.env["ir.actions.act_window"]._for_xml_id("base.action_res_users")

    def action_open_clients(self):
        """Open the clients, on whose card opening balances are added."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "account.res_partner_action_customer"
        )
