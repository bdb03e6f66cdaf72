from odoo import models
from odoo.exceptions import UserError


class ClientBalanceSettlement(models.Model):
    """Undo and correct: always by further settlements."""

    _inherit = "client.balance.settlement"

    def action_reverse(self):
        """Undo these settlements by reversing their journal entries.

        Both legs of a transfer or exchange are reversed together, on the original
        date if it is open, else on the first open date. For managers.

        :return: the reversals
        :raise UserError: for settlements of a payment or an invoice, for reversed
            ones, and where the money is spent
        """
        posting = self.env["client.balance.posting"]
        posting._check_manager()
        self._check_reversible()
        # managers of balances need no right on journals
        moves = self.sudo().move_id
        with self.env["client.balance.gate"]._collecting():
            posting._reverse_settlements(self, {move: move.date for move in moves})
        return self.reversed_by_id

    def action_correct(self, vals):
        """Reverse this settlement and post a corrected one, judged on the net.

        :param vals: the values that change, as for ``create``
        :return: the settlement that replaces this one
        :raise UserError: as ``create`` and ``action_reverse``
        """
        self.ensure_one()
        posting = self.env["client.balance.posting"]
        posting._check_manager()
        vals = posting._clean(vals)
        if set(vals) <= self._get_writable_fields():
            self.write(vals)
            return self
        self._check_reversible()
        self._check_correctable()
        # managers of balances need no right on journals
        move_sudo = self.sudo().move_id
        date = posting._get_open_date(move_sudo.company_id, self.date)
        new_vals = {**self._prepare_correction_vals(), "date": date, **vals}
        with self.env["client.balance.gate"]._collecting():
            posting._reverse_settlements(self, {move_sudo: date})
            lines = posting._post_entries([new_vals])
        return posting._get_settlements(lines)

    def _prepare_correction_vals(self):
        """Hook. :return: values from which a corrected settlement starts"""
        self.ensure_one()
        return {
            # managers of balances need no right on journals
            "company_id": self.sudo().move_id.company_id.id,
            "partner_id": self.partner_id.id,
            "partner_bank_id": self.partner_bank_id.id,
            "currency_id": self.currency_id.id,
            "amount": self.amount,
            "date": self.date,
            "settlement_type": self.settlement_type,
            "reason_id": self.reason_id.id,
            "counterpart_account_id": self.counterpart_account_id.id,
            "description": self.description,
            "is_advance": self.is_advance,
            "advance_date": self.advance_date,
            "attachment_ids": [(6, 0, self.attachment_ids.ids)],
            "_replaces_id": self.id,
        }

    def _check_reversible(self):
        """:raise UserError: which document to change instead"""
        for settlement in self:
            if settlement.reversed_by_id or settlement.reversal_of_id:
                raise UserError(
                    self.env._(
                        "Settlement %(name)s is already reversed, or reverses another"
                        " one. Nothing was changed.",
                        name=settlement.name,
                    )
                )
            if (
                settlement.payment_id
                or settlement.settlement_type not in self._get_reversible_types()
            ):
                raise UserError(
                    self.env._(
                        "Settlement %(name)s was made by %(document)s. Change it"
                        " there: reset or cancel that document, and the balance"
                        " follows by itself.",
                        name=settlement.name,
                        document=settlement.payment_name or settlement.move_name or "",
                    )
                )

    def _check_correctable(self):
        """:raise UserError: for entries that move more than this one settlement"""
        recordable = self.env["client.balance.posting"]._get_recordable_types()
        if self.settlement_type not in recordable:
            raise UserError(
                self.env._(
                    "Settlement %(name)s is one side of entry %(entry)s, which is not"
                    " corrected in parts. Reverse it and record it anew.",
                    name=self.name,
                    entry=self.move_name or "",
                )
            )

    def _get_reversible_types(self):
        """Hook. :return: types whose journal entry belongs to the settlement alone"""
        return {"manual", "opening", "transfer", "exchange", "credit_note"}
