import math

from odoo import api, models
from odoo.exceptions import UserError


class ClientBalanceAsked(models.AbstractModel):
    """A dialog names only what its person may see.

    What a dialog shows of its records comes from SQL, from superusers and from a cache
    that they share with everybody: so what is put into one is checked first.
    """

    _name = "client.balance.asked"
    _description = "What a person asks for in a dialog"

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        self._check_asked_values(values)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_finite(vals)
        dialogs = super().create(vals_list)
        dialogs._check_asked({name for vals in vals_list for name in vals})
        return dialogs

    def write(self, vals):
        self._check_finite(vals)
        res = super().write(vals)
        self._check_asked(vals)
        return res

    def onchange(self, values, field_names, fields_spec):
        self._check_asked_values(values)
        return super().onchange(values, field_names, fields_spec)

    def _check_asked_values(self, values):
        """Check what is not stored yet. :raise AccessError: as ``_check_asked``"""
        self._check_finite(values)
        asked = {name: values[name] for name in self._get_asked_fields(values)}
        self.new(asked)._check_asked(asked)

    def _check_asked(self, names):
        """:raise AccessError: for records that the user may not see"""
        posting = self.env["client.balance.posting"]
        for name in self._get_asked_fields(names):
            records = self[name]._origin
            # managers of balances need no right on accounts and journals at all
            if records.browse().has_access("read"):
                posting._browse_asked(records._name, records)
            else:
                posting._check_own_companies(records)

    def _check_finite(self, values):
        """:raise UserError: for what no rounding takes: it is no number"""
        for name, value in values.items():
            if isinstance(value, float) and not math.isfinite(value):
                field = self._fields.get(name)
                raise UserError(
                    self.env._(
                        "“%(value)s” is no number for “%(field)s”. Type a number, for"
                        " example 159.00.",
                        value=value,
                        field=field._description_string(self.env) if field else name,
                    )
                )

    def _get_asked_fields(self, names):
        """:return: those of ``names`` that are fields with records"""
        return [
            name
            for name in names
            if name in self._fields
            and self._fields[name].type in ("many2one", "many2many")
        ]
