import math
from datetime import date

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

#: What stands for a value of these types of fields. The ORM takes an account number for
#: no bank account, and answers the rest with a Python error.
KINDS = {
    "boolean": bool | int,
    "many2one": int,
    "many2many": list | tuple,
    "selection": str,
    "date": str | date,
    "char": str | int | float,
    "text": str | int | float,
}
#: Of references that other programs send: an index holds them.
REFERENCE_LENGTH = 255


class ClientBalancePosting(models.AbstractModel):
    """What other programs send: names and kinds of values, before anything is read."""

    _inherit = "client.balance.posting"

    def _clean(self, vals):
        """What a program sent, without what is the services' own.

        :param vals: values for ``client.balance.settlement``
        :return: the same without names that begin with an underscore
        :raise UserError: which value is of the wrong kind, or not for callers to fill
        :raise AccessError: for documents that the user may not read
        """
        if not isinstance(vals, dict):
            self._refuse_kind("vals", vals)
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
            if value is None or value is False:
                continue
            if not self._is_asked(known[name]):
                self._refuse_written_by_ledger(name)
            self._check_kind(known[name], value)
        self._get_documents(vals)
        return vals

    def _is_asked(self, field):
        """:return: whether a caller may fill ``field``, or only the ledger does"""
        if field.name in self._get_asked_fields():
            return True
        return field.store and not field.readonly and field.type != "one2many"

    def _get_asked_fields(self):
        """Hook. :return: fields that callers fill though they are not edited later"""
        return {
            "company_id",
            "partner_id",
            "partner_bank_id",
            "currency_id",
            "is_advance",
            "advance_date",
        }

    def _refuse_written_by_ledger(self, name):
        raise UserError(
            self.env._(
                "Field “%(field)s” of a settlement is written by the ledger itself."
                " Leave it out of your request; nothing was recorded.",
                field=name,
            )
        )

    def _check_kind(self, field, value):
        """:raise UserError: if ``value`` is none that ``field`` can store"""
        if field.type not in KINDS:
            return
        try:
            is_kind = isinstance(value, KINDS[field.type]) and not (
                (isinstance(value, bool) and field.type != "boolean")
                or (field.type == "boolean" and value not in (0, 1))
                or (isinstance(value, float) and not math.isfinite(value))
                # PostgreSQL stores neither this character nor half of one, as below
                or "\0" in str(value)
                or (field.name == "external_ref" and len(str(value)) > REFERENCE_LENGTH)
            )
            str(value).encode()
            if field.type == "many2many":
                is_kind &= all(type(id_) is int for id_ in self._get_linked_ids(value))
            else:
                field.convert_to_cache(value, self.env[field.model_name])
        except (TypeError, ValueError, LookupError):
            is_kind = False
        if not is_kind:
            self._refuse_kind(field.name, value)

    def _get_documents(self, vals):
        """:return: the documents in ``vals``, which the user may read"""
        document_ids = self._get_linked_ids(vals.get("attachment_ids"))
        return self._browse_asked("ir.attachment", document_ids)

    def _get_linked_ids(self, commands):
        """:return: ids of the records that ``commands`` link or set"""
        return [
            record_id
            for command in commands or ()
            for record_id in {
                Command.LINK: lambda command: command[1:2],
                Command.SET: lambda command: command[2],
            }[command[0]](command)
        ]

    def _refuse_kind(self, name, value):
        raise UserError(
            self.env._(
                "“%(value)s” is no value for field “%(field)s”. Send a date as"
                " 2026-03-01, a record as its number, documents as [[4, number]], and"
                " text without control characters; an external reference has at most"
                " %(length)s.",
                value=str(value)[:40].encode(errors="replace").decode(),
                field=name,
                length=REFERENCE_LENGTH,
            )
        )
