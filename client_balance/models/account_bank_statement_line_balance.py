from odoo import api, fields, models

OFFICER_GROUP = "client_balance.group_client_balance_officer"


class AccountBankStatementLine(models.Model):
    """Bank lines say whose money they are, and can go to a client's balance."""

    _inherit = "account.bank.statement.line"

    client_balance_partner_id = fields.Many2one(
        "res.partner",
        string="Proposed client",
        compute="_compute_client_balance_proposal",
        groups=OFFICER_GROUP,
    )
    client_balance_proposed_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Proposed bank account",
        compute="_compute_client_balance_proposal",
        groups=OFFICER_GROUP,
    )
    client_balance_evidence = fields.Selection(
        [
            ("reference", "Payment reference"),
            ("iban", "IBAN"),
            ("company_id", "Company ID"),
            ("partner", "Client of the line"),
        ],
        string="Proposed by",
        compute="_compute_client_balance_proposal",
        groups=OFFICER_GROUP,
    )
    client_balance_open_amount = fields.Monetary(
        string="Not matched yet",
        currency_field="client_balance_open_currency_id",
        compute="_compute_client_balance_proposal",
        groups=OFFICER_GROUP,
    )
    client_balance_open_currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_client_balance_proposal",
        groups=OFFICER_GROUP,
    )
    client_balance_is_on_balance = fields.Boolean(
        string="On a client balance",
        compute="_compute_client_balance_is_on_balance",
        groups=OFFICER_GROUP,
    )

    @api.depends(
        "payment_ref", "narration", "partner_id", "account_number", "amount_residual"
    )
    def _compute_client_balance_proposal(self):
        receipt = self.env["client.balance.receipt"]
        proposals = receipt._get_proposals(self)
        for line in self:
            proposal = proposals[line]
            line.client_balance_partner_id = proposal.partner
            line.client_balance_proposed_bank_id = proposal.bank
            line.client_balance_evidence = proposal.evidence
            line.client_balance_open_amount = receipt._get_open_amount(line)
            line.client_balance_open_currency_id = receipt._get_currency(line)

    @api.depends("move_id.line_ids.account_id")
    def _compute_client_balance_is_on_balance(self):
        for line in self:
            # the button only needs to know; accounts need no right of their own
            line.client_balance_is_on_balance = any(
                item.account_id.is_client_balance for item in line.sudo().line_ids
            )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        # Statements come from people and programs without any right on balances; the
        # company's setting decides.
        lines_sudo = lines.sudo()
        lines_sudo.env["client.balance.receipt"]._put_references_on_balances(lines_sudo)
        return lines

    def action_to_client_balance(self):
        """Review these bank lines and put them on client balances.

        :raise AccessError: for everybody but officers
        :raise UserError: where nothing is left of any of them
        """
        return self.env["client.balance.batch"]._open_bank_lines(self)

    def action_undo_client_balance(self):
        """Take these bank lines off the balances: they are open again.

        An officer undoes what officers do; a line that met invoices as well needs the
        right to reconcile.

        :raise UserError: where the money is spent
        """
        self.env["client.balance.application"]._check_officer()
        self.check_access("read")
        for line in self:
            # accounts need no right of their own
            _liquidity, _suspense, others_sudo = line.sudo()._seek_for_lines()
            rows_sudo = (
                line.sudo()
                .env["client.balance.settlement"]
                .search(
                    [("move_line_ref", "in", others_sudo.ids), ("is_live", "=", True)]
                )
            )
            only_balances = set(rows_sudo.mapped("settlement_type")) == {
                "top_up"
            } and len(rows_sudo) == len(others_sudo)
            (line.sudo() if only_balances else line).action_undo_reconciliation()
