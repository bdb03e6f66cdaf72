from odoo import fields, models
from odoo.exceptions import UserError

#: Of references that other programs send: an index holds them.
REFERENCE_LENGTH = 255


class ClientBalancePosting(models.AbstractModel):
    """What other programs send: names and kinds of values, before anything is read."""

    _inherit = "client.balance.posting"

    def _clean(self, vals):
        """What a program sent, without what is the services' own.

        :param vals: values for ``client.balance.settlement``
        :return: the same without names that begin with an underscore
        :raise UserError: which value is of the wrong kind
        """
        vals = {name: vals[name] for name in vals if not str(name).startswith("_")}
        known = self.env["client.balance.settlement"]._fields
        for name, value in vals.items():
            if name not in known:
                raise UserError(
                    self.env._(
                        "Settlements have no field “%(field)s”. Check the name in your"
                        " request.",
                        field=name,
                    )
                )
            check = getattr(self, f"_check_kind_{known[name].type}", None)
            if check and value is not None and value is not False:
                check(name, value)
        return vals

    def _check_kind_many2one(self, name, value):
        if not isinstance(value, int) or isinstance(value, bool):
            self._refuse_kind(name, value)

    def _check_kind_many2many(self, name, value):
        if not isinstance(value, list | tuple):
            self._refuse_kind(name, value)

    def _check_kind_date(self, name, value):
        try:
            fields.Date.to_date(value)
        except (TypeError, ValueError):
            self._refuse_kind(name, value)

    def _check_kind_char(self, name, value):
        if not isinstance(value, str | int | float):
            self._refuse_kind(name, value)
        text = str(value)
        # PostgreSQL stores neither of them
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise UserError(
                self.env._(
                    "The text in field “%(field)s” has a character that cannot be"
                    " stored. Remove it and try again.",
                    field=name,
                )
            )
        if name == "external_ref" and len(text) > REFERENCE_LENGTH:
            raise UserError(
                self.env._(
                    "An external reference has at most %(length)s characters. Send a"
                    " shorter one.",
                    length=REFERENCE_LENGTH,
                )
            )

    def _refuse_kind(self, name, value):
        raise UserError(
            self.env._(
                "“%(value)s” is no value for field “%(field)s”. Send a date as"
                " 2026-03-01, and records as their numbers.",
                value=str(value)[:40].encode(errors="replace").decode(),
                field=name,
            )
        )
