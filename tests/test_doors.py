"""Who may do what through the doors of the server: JSON-RPC, XML-RPC and JSON-2.

All three call a public method of a model by its name (``odoo.service.model``), so each
method of ours is called here the way they call it, once per kind of user. The result
is the table in docs/doors.md: `make doors` writes it, and the tests below say what may
never be in it.
"""

import ast
import inspect
import os
import re
from pathlib import Path

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw, get_public_method
from odoo.tools import mute_logger

from odoo.addons.client_balance.tests.common import ClientBalanceCommon

ROOT = Path(__file__).parent.parent
ADDON = ROOT / "client_balance"
DOCUMENT = ROOT / "docs" / "doors.md"
OURS = "odoo.addons.client_balance."

#: What stands for arguments without a default.
ARGUMENTS = {"vals": {}, "domain": [], "fields": [], "data": [], "values": {}}
#: What every model has; the rights on records are in a table of their own.
GENERIC = {
    *("create", "write", "unlink", "copy", "copy_data", "read", "search"),
    *("default_get", "init", "onchange", "web_read", "web_save", "name_create"),
}
#: Kinds of users that have no business with balances in the backend.
STRANGERS = ("public", "portal", "employee")

INTRODUCTION = """\
# Doors

What the server answers when a program calls it, through JSON-RPC, XML-RPC or JSON-2:
all three reach the public methods of a model, and nothing else. Written by `make doors`
with `tests/test_doors.py`.

**yes**: the method does its work, or refuses with a sentence about the money. **–**:
the user is turned away. Users: nobody logged in (public), a portal client, an employee
without rights, a salesperson (*Own clients*), a reader (*All clients*), a billing clerk
(*Use balances*), an administrator of balances, and such an administrator of another
company, on records of this one.
"""


def is_public_method(name, value):
    return (
        not name.startswith("_")
        and inspect.isfunction(value)
        and not getattr(value, "_api_private", False)
    )


class TestDoors(ClientBalanceCommon):
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
        }

    # What there is --------------------------------------------------------------------

    def test_no_model_leaves_out_what_its_base_asks_for(self):
        """A method that only raises NotImplementedError is never the last one."""
        missing = []
        for name, model in self.env.registry.items():
            if not name.startswith("client.balance") or model._abstract:
                continue
            for method_name, method in inspect.getmembers(model, inspect.isfunction):
                if method.__module__.startswith(OURS) and (
                    "raise NotImplementedError" in inspect.getsource(method)
                ):
                    missing.append(f"{name}.{method_name}")
        self.assertFalse(missing)

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
        """Call a method as the three protocols do. :return: whether it let us in"""
        user = self.users[kind]
        records = self.env(
            user=user.id,
            su=False,
            context={"allowed_company_ids": user.sudo().company_ids.ids},
        )[model]
        record = self.records.get(model)
        if record is None and not records._transient and not records._abstract:
            record = self.env[model].sudo().search([], limit=1)
        try:
            get_public_method(records, method)
        except AccessError:
            # private to all, by a decorator of Odoo's own class
            return False
        function = getattr(type(records), method)
        args = self._get_arguments(function, record.ids if record else [])
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.addons.base.models"):
                call_kw(records, method, args, {})
        except (AccessError, MissingError):
            return False
        except UserError:
            return True
        except (ValueError, TypeError, AttributeError, KeyError):
            # a dialog that is not open: whoever may open it gets on
            return records.has_access("create" if records._transient else "read")
        finally:
            self.env.invalidate_all()
        return True

    def _get_arguments(self, function, ids):
        """:return: what a program would send"""
        parameters = list(inspect.signature(function).parameters.values())[1:]
        args = [
            ARGUMENTS.get(parameter.name, False)
            for parameter in parameters
            if parameter.default is parameter.empty
            and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        ]
        if getattr(function, "_api_model", False):
            return args
        return [ids, *args]

    def _get_answers(self, model, method):
        return {kind: self._call(kind, model, method) for kind in self.users}

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

    # What must be so ------------------------------------------------------------------

    def test_strangers_are_turned_away(self):
        """Neither portal nor employees nor another company move a balance."""
        for model, method in self._get_methods():
            if not model.startswith("client.balance"):
                continue
            if self.env[model]._abstract or self.env[model]._transient:
                continue
            for kind in STRANGERS:
                with self.subTest(model=model, method=method, kind=kind):
                    before = self._snapshot()
                    self._call(kind, model, method)
                    self.assertEqual(self._snapshot(), before)

    def _snapshot(self):
        return (
            self._balance(self.bank1),
            self.env["client.balance.settlement"].search_count([]),
        )

    def test_strangers_have_no_right_on_our_models(self):
        """A portal client reads statements, its own by a record rule."""
        statements = {"client.balance.statement", "client.balance.statement.line"}
        for model in self._get_models():
            for kind in STRANGERS:
                with self.subTest(model=model, kind=kind):
                    read = kind == "portal" and model in statements
                    self.assertEqual(
                        self._get_rights(model, kind), "r" if read else "–"
                    )

    def test_only_administrators_write_the_ledger(self):
        for model in ("client.balance", "client.balance.settlement"):
            for kind in ("salesperson", "reader", "clerk"):
                self.assertEqual(self._get_rights(model, kind), "r")

    def test_strangers_read_none_of_our_fields_on_other_models(self):
        """But for those that are no secret: a setting, a flag, a bank account."""
        for model, field in self._get_fields():
            if not self.env[model]._fields[field].groups:
                continue
            for kind in STRANGERS:
                with self.subTest(model=model, field=field, kind=kind):
                    records = self.env[model].with_user(self.users[kind])
                    self.assertFalse(
                        records._has_field_access(records._fields[field], "read")
                    )

    def test_each_sudo_has_its_reason(self):
        for place, _function, reason in find_sudo():
            with self.subTest(place=place):
                self.assertTrue(reason, "write the reason in a comment before it")

    # The document ---------------------------------------------------------------------

    def test_the_document_is_written(self):
        text = "\n".join(
            [
                INTRODUCTION,
                *self._write_rights(),
                *self._write_methods(),
                *self._write_fields(),
                *write_sudo(),
            ]
        )
        self.assertIn("client.balance.settlement", text)
        if os.environ.get("DOORS"):
            DOCUMENT.write_text(text + "\n", encoding="utf-8")

    def _write_row(self, *cells):
        return "| " + " | ".join(cells) + " |"

    def _write_head(self, *names):
        return [
            self._write_row(*names, *self.users),
            self._write_row(*["---"] * (len(names) + len(self.users))),
        ]

    def _write_rights(self):
        yield "## Records\n\nr read, w write, c create, d delete. Record rules narrow"
        yield "them further: own clients, own companies. Nobody edits the ledger: what"
        yield "is not a description or a limit is refused, whatever the table says.\n"
        yield from self._write_head("model")
        for model in self._get_models():
            if not self.env[model]._abstract:
                rights = [self._get_rights(model, kind) for kind in self.users]
                yield self._write_row(f"`{model}`", *rights)

    def _write_methods(self):
        yield "\n## Methods\n"
        yield from self._write_head("method")
        for model, method in self._get_methods():
            if self.env[model]._abstract:
                continue
            answers = self._get_answers(model, method).values()
            words = ["yes" if answer else "–" for answer in answers]
            yield self._write_row(f"`{model}.{method}`", *words)

    def _write_fields(self):
        yield "\n## Fields on models of Odoo\n\nWho may read them, beside the right on"
        yield "the record itself.\n"
        yield from self._write_head("field")
        for model, name in self._get_fields():
            if self.env[model]._abstract:
                continue
            field = self.env[model]._fields[name]
            words = []
            for user in self.users.values():
                records = self.env[model].with_user(user)
                may = records._has_field_access(field, "read")
                words.append("yes" if may and records.has_access("read") else "–")
            yield self._write_row(f"`{model}.{name}`", *words)


# --- sudo ---------------------------------------------------------------------------


def find_sudo():
    """:return: [(place, function, reason)] of each ``sudo()`` of the addon"""
    found = []
    for path in sorted(ADDON.rglob("*.py")):
        if "tests" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        functions = [
            node
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef)
        ]
        for number, line in enumerate(lines, 1):
            if ".sudo(" not in line or ".sudo(False)" in line:
                continue
            around = [
                node for node in functions if node.lineno <= number <= node.end_lineno
            ]
            function = max(around, key=lambda node: node.lineno, default=None)
            first = function.lineno if function else 1
            found.append(
                (
                    f"{path.relative_to(ROOT)}:{number}",
                    function.name if function else "",
                    find_reason(lines[first - 1 : number], function),
                )
            )
    return found


def find_reason(lines, function):
    """:return: the last comment before the call, or what the function is for"""
    comment = []
    for line in reversed(lines):
        match = re.search(r"#\s*(.*)", line)
        if match and not line.lstrip().startswith(('"', "'")):
            comment.insert(0, match[1])
        elif comment:
            break
    if comment:
        return " ".join(comment)
    docstring = ast.get_docstring(function) if function else ""
    return (docstring or "").split("\n\n")[0].replace("\n", " ")


def write_sudo():
    yield "\n## `sudo()`\n\nEach use, and its reason in the code.\n"
    yield "| where | function | reason |\n| --- | --- | --- |"
    for place, function, reason in find_sudo():
        yield f"| `{place.partition(':')[0]}` | `{function}` | {reason} |"
