from odoo import models
from odoo.exceptions import UserError

#: operation -> the model whose values a request keeps, if it is not a settlement's
DIALOGS = {
    "refund": "client.balance.refund",
    "transfer": "client.balance.transfer",
    "exchange": "client.balance.exchange",
    "limit": "client.balance.limit",
    "adoption": "client.balance.adopt",
    "provider": "payment.transaction",
}


class ClientBalanceRequest(models.Model):
    """What is done when a request is approved: the caller's own way, once more."""

    _inherit = "client.balance.request"

    def _get_performers(self):
        """Hook. :return: {operation: the method that does it from the kept values}"""
        return {
            "manual": self._perform_settlement,
            "together": self._perform_settlements,
            "correction": self._perform_correction,
            "reversal": self._perform_reversal,
            "refund": self._perform_dialog,
            "transfer": self._perform_dialog,
            "exchange": self._perform_dialog,
            "limit": self._perform_limit,
            "adoption": self._perform_adoption,
            "provider": self._perform_provider_refund,
        }

    def _perform(self):
        """Do what was asked for, with the rights of whoever approves.

        :return: the settlements
        """
        self.ensure_one()
        return self._get_performers()[self.operation](dict(self.vals))

    def _perform_settlement(self, vals):
        return self.env["client.balance.settlement"].create([vals])

    def _perform_settlements(self, vals):
        return self.env["client.balance.settlement"].create(vals["settlements"])

    def _perform_correction(self, vals):
        return self.settlement_id.action_correct(vals)

    def _perform_reversal(self, vals):
        """What dialogs have posted is reversed, other documents are reset to draft."""
        settlements = self.env["client.balance.settlement"].browse(
            vals["settlement_ids"]
        )
        own = settlements.filtered(lambda row: row._is_own_entry())
        made = own.action_reverse() if own else own
        others = settlements - own
        # one document may have moved several balances
        others.payment_id.action_draft()
        (others.move_id - others.payment_id.move_id).button_draft()
        return made | others.reversed_by_id

    def _perform_dialog(self, vals):
        dialog = self.env[DIALOGS[self.operation]].create(vals)
        dialog._check_rights()
        dialog._touch()
        dialog._check()
        return dialog._post()

    def _perform_limit(self, vals):
        self.env["client.balance.limit"].create(vals)._change_limit()
        return self.env["client.balance.settlement"]

    def _perform_adoption(self, vals):
        clients, limits = vals.pop("_clients"), vals.pop("_limits")
        adopt = self.env["client.balance.adopt"].create(vals)
        for item in adopt.item_ids:
            item.partner_id = clients.get(str(item.move_line_id.id))
        for key in adopt.key_ids:
            key.overdraft_limit = limits.get(str(list(key._get_key())), 0.0)
        adopt._adopt()
        return self.env["client.balance.settlement"]

    def _perform_provider_refund(self, vals):
        source_id = vals["source_transaction_id"]
        transaction = self.env["payment.transaction"].browse(source_id)
        transaction._check_client_balance_refundable()
        transaction.action_refund(amount_to_refund=vals["amount"])
        return self.settlement_ids

    def _check_records(self):
        """:raise UserError: if something that was named is gone, by a merge perhaps"""
        model = self.env[DIALOGS.get(self.operation, "client.balance.settlement")]
        rows = self.vals.get("settlements") or [self.vals]
        for name, value in {pair for row in rows for pair in self._get_named(row)}:
            field = model._fields.get(name)
            if not field or field.type != "many2one":
                continue
            if not self.env[field.comodel_name].browse(value).exists():
                raise UserError(
                    self.env._(
                        "“%(field)s” of “%(request)s” no longer exists: it was merged"
                        " or deleted. Refuse this request and ask for it anew.",
                        field=field._description_string(self.env),
                        request=self.display_name,
                    )
                )

    def _get_named(self, vals):
        """:return: [(name, id)] of values that may be records"""
        return [
            (name, value)
            for name, value in vals.items()
            if type(value) is int and value
        ]
