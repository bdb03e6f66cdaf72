from odoo import models
from odoo.exceptions import UserError


class ClientBalancePosting(models.AbstractModel):
    """The same external reference again is the same settlement."""

    _inherit = "client.balance.posting"

    def _get_reference(self, vals):
        """:return: (root company's id, external reference), or None without one"""
        reference = vals.get("external_ref")
        if not reference:
            return None
        return self._get_company(vals).root_id.id, str(reference)

    def _get_known_references(self, vals_list):
        """:return: {reference of ``_get_reference``: settlement}, also reversed ones"""
        references = set(filter(None, map(self._get_reference, vals_list)))
        if not references:
            return {}
        settlements = self.env["client.balance.settlement"].search(
            [
                ("company_id", "in", [company_id for company_id, _ref in references]),
                ("external_ref", "in", [reference for _id, reference in references]),
            ]
        )
        return {
            (settlement.company_id.id, settlement.external_ref): settlement
            for settlement in settlements
        }

    def _check_same(self, settlement, vals):
        """:raise UserError: if a value that is given differs from the settlement"""
        for name in self._get_compared_fields():
            if name not in vals:
                continue
            given = settlement._fields[name].convert_to_cache(vals[name], settlement)
            stored = settlement._fields[name].convert_to_cache(
                settlement[name], settlement
            )
            if name == "amount":
                same = settlement.currency_id.compare_amounts(given, stored) == 0
            elif name == "partner_id":
                partner = self.env["res.partner"].browse(vals[name])
                same = partner.commercial_partner_id == settlement.partner_id
            else:
                same = (given or False) == (stored or False)
            if not same:
                self._refuse_reference(settlement.external_ref)

    def _check_same_vals(self, first, second):
        if any(first.get(name) != second.get(name) for name in second):
            self._refuse_reference(second["external_ref"])

    def _refuse_reference(self, reference):
        raise UserError(
            self.env._(
                "External reference %(reference)s was already used for a settlement"
                " with other values. Use a new reference, or send the same values.",
                reference=reference,
            )
        )

    def _get_compared_fields(self):
        """Hook. :return: fields that must agree when a reference comes again"""
        return (
            "partner_id",
            "partner_bank_id",
            "currency_id",
            "amount",
            "date",
            "settlement_type",
        )
