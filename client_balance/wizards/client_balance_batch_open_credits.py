from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ClientBalanceBatch(models.TransientModel):
    """Open credits of many clients to their balances, and back."""

    _inherit = "client.balance.batch"

    kind = fields.Selection(
        selection_add=[
            ("credits", "Open credits to client balances"),
            ("credits_back", "Back from client balances to open credits"),
        ],
        ondelete={"credits": "cascade", "credits_back": "cascade"},
    )

    @api.model
    def action_open_credits(self):
        """All open customer credits of the company: for the start with the addon."""
        self._check_rights("credits")
        lines = self.env["account.move.line"].search(self._get_credits_domain())
        return self._open_credits(lines)

    @api.model
    def _get_credits_domain(self):
        """Hook. :return: domain of the items that could go to a balance"""
        return Domain(
            [
                ("company_id", "child_of", self.env.company.id),
                ("parent_state", "=", "posted"),
                ("account_id.account_type", "=", "asset_receivable"),
                ("account_id.is_client_balance", "=", False),
                ("partner_id", "!=", False),
                ("reconciled", "=", False),
                ("amount_residual_currency", "<", 0),
            ]
        )

    @api.model
    def _open_credits(self, lines):
        """:param lines: open credit items, of any clients"""
        lines = lines.sorted(lambda line: (line.date, line.id))
        return self._open(
            "credits", [self._prepare_credit_vals(line) for line in lines]
        )

    def _prepare_credit_vals(self, line):
        """Hook. :return: values of the proposal for one open credit"""
        partner = line._get_client_balance_client()
        open_amount = -line.amount_residual_currency
        return {
            "move_line_id": line.id,
            "document": line.move_name,
            "date": line.date,
            "partner_id": partner.id,
            "partner_bank_id": partner._get_client_balance_bank(line.move_id).id,
            "currency_id": line.currency_id.id,
            "amount_max": open_amount,
            "amount": open_amount,
            "is_advance": bool(line.move_id.origin_payment_id),
            "is_selected": bool(partner),
            "message": line.move_id._get_client_balance_client_problem(line),
        }

    @api.model
    def _open_credits_back(self, settlements):
        """:param settlements: settlements that came from open credits"""
        rows = settlements.filtered(
            lambda row: (
                row.settlement_type == "credit_note"
                and not (row.reversed_by_id or row.reversal_of_id)
            )
        )
        if not rows:
            raise UserError(
                self.env._(
                    "None of these settlements came from an open credit, or they are"
                    " reversed already."
                )
            )
        return self._open(
            "credits_back",
            [
                {
                    "settlement_id": row.id,
                    "document": row.name,
                    "date": row.date,
                    "partner_id": row.partner_id.id,
                    "partner_bank_id": row.partner_bank_id.id,
                    "currency_id": row.currency_id.id,
                    "amount_max": row.amount,
                    "amount": row.amount,
                    "is_advance": row.is_advance,
                }
                for row in rows
            ],
        )


class ClientBalanceBatchLine(models.TransientModel):
    _inherit = "client.balance.batch.line"

    def _run_credits(self):
        """Put one open credit on the balance."""
        self.env["client.balance.application"]._put_on_balance(
            self.move_line_id,
            self.amount,
            self.partner_bank_id,
            self.batch_id.date,
            self.is_advance,
        )

    def _run_credits_back(self):
        """Take one credit off the balance: its document is open again."""
        settlement = self.settlement_id
        if settlement.reversed_by_id or settlement.settlement_type != "credit_note":
            raise UserError(
                self.env._(
                    "Settlement %(name)s is already reversed. Nothing was changed.",
                    name=settlement.name,
                )
            )
        if settlement.currency_id.compare_amounts(self.amount, settlement.amount):
            raise UserError(
                self.env._(
                    "Settlement %(name)s goes back as a whole: %(whole)s, not"
                    " %(amount)s. Type the whole amount, or leave this line out.",
                    name=settlement.name,
                    whole=settlement.currency_id.format(settlement.amount),
                    amount=settlement.currency_id.format(self.amount),
                )
            )
        # the officer was checked; entries of our dialogs need no right on journals
        move_sudo = settlement.sudo().move_id
        with self.env["client.balance.gate"]._collecting():
            self.env["client.balance.posting"]._reverse_moves(
                move_sudo, {move_sudo: move_sudo.date}
            )
