from odoo import api, models


class ClientBalanceAdvance(models.Model):
    """Where localisations add VAT on advances. Nothing is posted here."""

    _inherit = "client.balance.advance"

    @api.model
    def _is_vat_kept(self):
        """Hook. :return: whether a localisation wants to know the events of advances"""
        return False

    @api.model
    def _get_vat_events(self, settlements):
        """What new rows of the ledger mean for VAT on advances.

        :param settlements: rows that were just appended and matched
        :return: dicts with ``event`` (as in the register, or "undone"),
            ``settlement_id``, ``advance_id``, ``company_id``, ``partner_id``,
            ``currency_id``, ``date``, ``advance_date``, ``amount`` (+ when an advance
            grows), ``amount_company`` and ``needs_adjustment``
        """
        rows = self.search([("settlement_id", "in", settlements.ids)], order="id")
        events = [row._prepare_vat_event() for row in rows]
        undone = settlements.reversal_of_id.filtered("is_advance")
        return events + [self._prepare_undone_event(original) for original in undone]

    def _prepare_vat_event(self):
        """Hook. :return: dict of one row of the register, see ``_get_vat_events``"""
        self.ensure_one()
        return {
            "event": self.event,
            "settlement_id": self.settlement_id.id,
            "advance_id": self.advance_id.id,
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "date": self.date,
            "advance_date": self.advance_date,
            "amount": self.unused,
            "amount_company": self.unused_company,
            "needs_adjustment": self.needs_adjustment,
        }

    @api.model
    def _prepare_undone_event(self, settlement):
        """Hook. :return: dict of an advance that was reversed"""
        reversal = settlement.reversed_by_id
        return {
            "event": "undone",
            "settlement_id": reversal.id,
            "advance_id": settlement.id,
            "company_id": settlement.company_id.id,
            "partner_id": settlement.partner_id.id,
            "currency_id": settlement.currency_id.id,
            "date": reversal.date,
            "advance_date": settlement.advance_date,
            "amount": reversal.amount,
            "amount_company": -reversal.move_line_id.balance,
            "needs_adjustment": True,
        }

    @api.model
    def _prepare_advance_vat_vals(self, event):
        """Hook for localisations.

        :param event: dict, see ``_get_vat_events``
        :return: values of the document or entry that the event calls for, or None
        """
        return None

    @api.model
    def _post_advance_vat(self, vals_list):
        """Hook for localisations: make what ``_prepare_advance_vat_vals`` prepared."""
