from odoo import models
from odoo.exceptions import UserError

#: operation -> the dialog that a request opens again when it is approved
DIALOGS = {
    "refund": "client.balance.refund",
    "transfer": "client.balance.transfer",
    "exchange": "client.balance.exchange",
}


class ClientBalanceRequest(models.Model):
    """What is done when a request is approved: the caller's own way, once more."""

    _inherit = "client.balance.request"

    def _perform(self):
        """Hook. Do what was asked for, with the rights of whoever approves.

        :return: the settlements
        """
        self.ensure_one()
        vals = dict(self.vals)
        if self.operation == "manual":
            return self.env["client.balance.settlement"].create([vals])
        if self.operation == "correction":
            return self.settlement_id.action_correct(vals)
        dialog = self.env[DIALOGS[self.operation]].create(vals)
        dialog._check_rights()
        dialog._touch()
        dialog._check()
        return dialog._post()

    def _check_records(self):
        """:raise UserError: if something that was named is gone, by a merge perhaps"""
        model = self.env[DIALOGS.get(self.operation, "client.balance.settlement")]
        for name, value in self.vals.items():
            field = model._fields.get(name)
            if not value or not field or field.type != "many2one":
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
