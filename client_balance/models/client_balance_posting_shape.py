from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

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
            if check := getattr(self, f"_check_kind_{known[name].type}", None):
                check(name, value)
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

    def _check_kind_many2one(self, name, value):
        if not isinstance(value, int) or isinstance(value, bool):
            self._refuse_kind(name, value)

    def _check_kind_many2many(self, name, value):
        try:
            record_ids = self._get_linked_ids(value)
        except (TypeError, IndexError, KeyError):
            self._refuse_kind(name, value)
        if not all(type(record_id) is int for record_id in record_ids):
            self._refuse_kind(name, value)

    def _get_documents(self, vals):
        """:return: the documents in ``vals``, which the user may read"""
        document_ids = self._get_linked_ids(vals.get("attachment_ids"))
        documents = self.env["ir.attachment"].browse(document_ids)
        documents.check_access("read")
        return documents

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

    def _check_kind_selection(self, name, value):
        if not isinstance(value, str):
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
                " 2026-03-01, a record as its number, and documents as"
                " [[4, number]].",
                value=str(value)[:40].encode(errors="replace").decode(),
                field=name,
            )
        )
