from odoo import api, models


class ClientBalanceSettlement(models.Model):
    """Opening balances come in through Odoo's own import."""

    _inherit = "client.balance.settlement"

    @api.model
    def get_import_templates(self):
        """:return: the file that the import screen offers"""
        return [
            {
                "label": self.env._("Template of opening balances"),
                "template": "/client_balance/opening_template.xlsx",
            }
        ]

    def action_import_opening(self):
        """Open Odoo's import for opening balances. For managers.

        :raise AccessError: for everybody else
        """
        self.env["client.balance.posting"]._check_manager()
        return {
            "type": "ir.actions.client",
            "tag": "import",
            "name": self.env._("Import opening balances"),
            "params": {"active_model": self._name},
        }

    def action_open_opening_template(self):
        """Download the file into which opening balances are typed."""
        [template] = self.get_import_templates()
        return {
            "type": "ir.actions.act_url",
            "url": template["template"],
            "target": "download",
        }

    @api.model
    def load(self, fields, data):
        """Rows of a file are opening balances, posted together or not at all."""
        if not self.env.context.get("import_file"):
            return super().load(fields, data)
        return self.env["client.balance.opening.import"]._load(
            fields, data, self.env.context.get("_import_limit")
        )

    @api.model
    def _get_opening_columns(self):
        """Hook. :return: names of the fields that a file may fill"""
        return (
            "partner_id",
            "partner_bank_id",
            "currency_id",
            "amount",
            "date",
            "description",
            "external_ref",
            "is_advance",
            "advance_date",
        )

    def _shares_its_entry(self):
        """:return: whether other opening balances stand in the same entry"""
        self.ensure_one()
        if self.settlement_type != "opening":
            return False
        # managers of balances need no right on journals
        items = self.sudo().move_id.line_ids.filtered("account_id.is_client_balance")
        return len(items) > 1
