"""Users and records of tests/test_doors*.py: who stands before which door."""

import inspect
from contextlib import contextmanager

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw, get_public_method
from odoo.tools import mute_logger

from odoo.addons.client_balance.tests.common import ClientBalanceCommon

OURS = "odoo.addons.client_balance."

#: What stands for arguments without a default.
ARGUMENTS = {"vals": {}, "domain": [], "fields": [], "data": [], "values": {}}
#: What every model has; the rights on records are in a table of their own.
GENERIC = {
    *("create", "write", "unlink", "copy", "copy_data", "read", "search"),
    *("default_get", "init", "onchange", "web_read", "web_save", "name_create"),
}
#: They tell of each refusal.
LOGGERS = ("odoo.addons.base.models", "odoo.http", "odoo.addons.rpc.controllers")
#: What Python says of arguments that make no sense.
NONSENSE = (ValueError, TypeError, AttributeError, KeyError)


def is_public_method(name, value):
    return (
        not name.startswith("_")
        and inspect.isfunction(value)
        and not getattr(value, "_api_private", False)
    )


class DoorsCommon(ClientBalanceCommon):
    """One user of each kind, and a record of each model that they may knock at."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = cls.env["res.users"].create(
            {
                "name": "Portal",
                "login": "cb_portal",
                "partner_id": cls.client.id,
                "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
            }
        )
        other = cls._create_company(name="Another company")
        cls.stranger = cls._create_user(
            "cb_other", "client_balance.group_client_balance_manager"
        )
        cls.stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        cls.users = {
            "public": cls.env.ref("base.public_user"),
            "portal": cls.portal,
            "employee": cls.employee,
            "salesperson": cls.salesperson,
            "reader": cls.reader,
            "clerk": cls.clerk,
            "administrator": cls.manager,
            "other company": cls.stranger,
        }

    def setUp(self):
        super().setUp()
        self.settlement = self._settle(100, bank=self.bank1)
        self.invoice = self._invoice(50)
        act = self.env["client.balance.statement"].create(
            {
                "partner_id": self.client.id,
                "date_from": "2026-01-01",
                "date_to": "2026-12-31",
            }
        )
        self.records = {
            "client.balance": self.settlement.balance_id,
            "client.balance.settlement": self.settlement,
            "account.move": self.invoice,
            "account.move.line": self._line(self.settlement.move_id),
            "account.account": self.balance_account,
            "res.partner": self.client,
            "res.partner.bank": self.bank1,
            "res.company": self.company,
            "client.balance.reason": self.env["client.balance.reason"].search(
                [("company_id", "=", self.company.id)], limit=1
            ),
            "account.payment": self._pay(20),
            "account.bank.statement.line": self._bank_line(30),
            "client.balance.statement": act,
            "client.balance.statement.line": act.line_ids[:1],
        }

    def _open_dialogs(self):
        """Dialogs and requests that wait for the administrator."""
        batch = self.env["client.balance.batch"].with_user(self.manager)
        request = self.env["client.balance.request"].with_user(self.accountant)
        self.records |= {
            batch._name: batch.create({"kind": "offset"}),
            request._name: request.request_settlement(
                {"partner_id": self.client.id, "amount": 7}
            ),
        }

    def _pay(self, amount):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.client.id,
                "amount": amount,
                "journal_id": self.bank_journal.id,
            }
        )
        payment.action_post()
        return payment

    def _bank_line(self, amount):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank_journal.id,
                "payment_ref": "Payment",
                "amount": amount,
                "partner_id": self.client.id,
            }
        )

    def _get_record(self, model):
        """:return: one record of this company, empty if there can be none"""
        records = self.env[model].sudo()
        if model in self.records:
            return self.records[model]
        if records._transient or records._abstract:
            return records
        return records.search([], limit=1)

    def _get_models(self):
        """:return: models that the addon defines, whether stored or not"""
        return [
            name
            for name in sorted(self.env.registry)
            if name.startswith("client.balance")
        ]

    def _get_methods(self):
        """:return: [(model, method)] that the addon adds, or overrides"""
        found = []
        for name in sorted(self.env.registry):
            methods = {
                key
                for cls in type(self.env[name]).__mro__
                if cls.__module__.startswith(OURS)
                for key, value in vars(cls).items()
                if is_public_method(key, value)
            }
            found += [(name, method) for method in sorted(methods - GENERIC)]
        return found

    def _call(self, kind, model, method):
        """:return: whether the user is let in, where all three protocols lead"""
        answer = self._knock(kind, model, method)
        if answer is None:
            # a dialog that is not open: whoever may open it gets on
            records = self.env[model].with_user(self.users[kind])
            return records.has_access("create" if records._transient else "read")
        return answer

    def _knock(self, kind, model, method, values=None, **context):
        """Call a method as the three protocols do.

        :param values: the arguments, without the ids
        :param context: beside the user's companies
        :return: True, False if the user is turned away, or None if Python says that
            the arguments make no sense
        """
        user = self.users[kind]
        context |= self._get_context(kind)
        records = self.env(user=user.id, su=False, context=context)[model]
        try:
            get_public_method(records, method)
        except AccessError:
            # private to all, by a decorator of Odoo's own class
            return False
        ids = self._get_record(model).ids
        args = self._get_arguments(getattr(type(records), method), ids, values)
        try:
            with self._undone():
                call_kw(records, method, args, {})
        except (AccessError, MissingError):
            return False
        except UserError:
            return True
        except NONSENSE:
            return None
        finally:
            self.env.invalidate_all()
        return True

    @contextmanager
    def _undone(self):
        """What happens inside is submitted to the database, and taken back."""
        with self.env.cr.savepoint() as savepoint, mute_logger(*LOGGERS):
            yield
            self.env.flush_all()
            savepoint.rollback()

    def _get_context(self, kind):
        return {"allowed_company_ids": self.users[kind].sudo().company_ids.ids}

    def _get_arguments(self, function, ids, values=None):
        """:return: what a program would send"""
        if values is None:
            values = self._get_values(function).values()
        if getattr(function, "_api_model", False):
            return [*values]
        return [ids, *values]

    def _get_values(self, function, optional=False):
        """:return: {name: value} of the arguments that have no default, or of all"""
        parameters = list(inspect.signature(function).parameters.values())[1:]
        return {
            parameter.name: ARGUMENTS.get(parameter.name, False)
            for parameter in parameters
            if (optional or parameter.default is parameter.empty)
            and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        }

    def _get_answers(self, model, method):
        return {kind: self._call(kind, model, method) for kind in self.users}

    def _get_own_fields(self, model):
        """:return: names of the fields of a model of ours, without Odoo's own"""
        return [
            name
            for name, field in sorted(self.env[model]._fields.items())
            if field._module == "client_balance"
        ]

    def _get_rights(self, model, kind):
        """:return: which of read, write, create and delete, for a table"""
        records = self.env[model].with_user(self.users[kind])
        letters = {"read": "r", "write": "w", "create": "c", "unlink": "d"}
        rights = "".join(
            letter
            for operation, letter in letters.items()
            if records.has_access(operation)
        )
        return rights or "–"

    def _get_fields(self):
        """:return: [(model, field)] that the addon adds to models of others"""
        own = set(self._get_models())
        return [
            (name, field.name)
            for name in sorted(self.env.registry)
            if name not in own
            for field in self.env[name]._fields.values()
            if field._module == "client_balance" and not field.inherited
        ]
