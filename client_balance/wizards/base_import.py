from odoo import api, models
from odoo.exceptions import AccessError


class BaseImport(models.TransientModel):
    _inherit = "base_import.import"

    @api.model
    def get_fields_tree(self, model, *args, **kwargs):
        """Settlements are read-only on screen; a file may fill these fields."""
        if model != "client.balance.settlement":
            return super().get_fields_tree(model, *args, **kwargs)
        Settlement = self.env[model]
        if not Settlement.has_access("create"):
            raise AccessError(
                self.env._(
                    "Only a manager of client balances may import opening balances."
                    " Ask your accountant."
                )
            )
        infos = Settlement.fields_get(Settlement._get_opening_columns())
        return [
            self._prepare_opening_field(model, name, infos[name])
            for name in Settlement._get_opening_columns()
        ]

    def _prepare_opening_field(self, model, name, info):
        """:return: how the import screen describes a field"""
        labels = {"id": self.env._("External ID")}
        labels[".id"] = self.env._("Database ID")
        return {
            "id": name,
            "name": name,
            "string": info["string"],
            "required": name in ("partner_id", "amount"),
            "fields": [
                {
                    "id": part,
                    "name": part,
                    "string": label,
                    "required": False,
                    "fields": [],
                    "type": "id",
                    "model_name": info["relation"],
                }
                for part, label in labels.items()
                if name == "partner_id"
            ],
            "type": info["type"],
            "model_name": model,
            **({"comodel_name": info["relation"]} if info.get("relation") else {}),
        }

    def execute_import(self, fields, columns, options, dryrun=False):
        """Errors name the line of the file, also in later batches."""
        offset = (options.get("skip") or 0) + bool(options.get("has_headers"))
        return super(
            BaseImport, self.with_context(client_balance_import_offset=offset)
        ).execute_import(fields, columns, options, dryrun=dryrun)
