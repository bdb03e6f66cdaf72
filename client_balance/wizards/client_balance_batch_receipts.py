from odoo import api, fields, models
from odoo.exceptions import UserError


class ClientBalanceBatch(models.TransientModel):
    """Lines of bank statements to client balances."""

    _inherit = "client.balance.batch"

    kind = fields.Selection(
        selection_add=[("bank", "Bank lines to client balances")],
        ondelete={"bank": "cascade"},
    )

    @api.model
    def _open_bank_lines(self, lines):
        """:param lines: lines of bank statements"""
        self._check_rights("bank")
        lines.check_access("read")
        receipt = self.env["client.balance.receipt"]
        proposals = receipt._get_proposals(lines)
        rows = []
        for line in lines.sorted(lambda line: (line.date, line.id)):
            left, currency = receipt._get_open_amount(line), receipt._get_currency(line)
            if not currency.is_zero(left):
                rows.append(
                    self._prepare_bank_vals(line, left, currency, proposals[line])
                )
        if not rows:
            raise UserError(
                self.env._(
                    "Nothing is left of these bank lines: they met invoices, payments"
                    " or balances already."
                )
            )
        return self._open("bank", rows)

    def _prepare_bank_vals(self, line, left, currency, proposal):
        """Hook. :return: values of the proposal for one bank line"""
        return {
            "statement_line_id": line.id,
            "document": line.payment_ref or line.move_id.name,
            "date": line.date,
            "partner_id": proposal.partner.id,
            "partner_bank_id": proposal.bank.id,
            "currency_id": currency.id,
            "evidence": proposal.evidence,
            "is_refund": left < 0,
            "amount_max": abs(left),
            "amount": abs(left),
            "is_advance": left > 0,
            "is_selected": bool(proposal.partner),
        }


class ClientBalanceBatchLine(models.TransientModel):
    _inherit = "client.balance.batch.line"

    statement_line_id = fields.Many2one(
        "account.bank.statement.line", readonly=True, ondelete="cascade"
    )
    evidence = fields.Selection(
        selection=lambda self: (
            self.env["account.bank.statement.line"]
            ._fields["client_balance_evidence"]
            ._description_selection(self.env)
        ),
        string="Proposed by",
        readonly=True,
    )
    is_refund = fields.Boolean(
        string="Refund",
        readonly=True,
        help="Money that was paid out: it takes from the client's balance.",
    )

    def _run_bank(self):
        """Put a bank line, or a part of it, on the balance."""
        self.env["client.balance.receipt"]._put_on_balance(
            self.statement_line_id,
            -self.amount if self.is_refund else self.amount,
            self.partner_id,
            self.partner_bank_id,
            self.is_advance,
        )
