"""Who may do what through the doors of the server: JSON-RPC, XML-RPC and JSON-2.

All three call a public method of a model by its name (``odoo.service.model``), so each
method of ours is called here the way they call it, once per kind of user. The result
is the table in docs/doors.md: `make doors` writes it, and the tests below say that it
is true and what may never be in it.
"""

import ast
import inspect
import os
import re

from odoo.exceptions import UserError

from tests.doors import NONSENSE, OURS, DoorsCommon
from tools.common import ADDONS, ROOT

DOCUMENT = ROOT / "docs" / "doors.md"
#: What a program may send instead of what was meant.
ODD = (
    *("", "x", "\0", None, True, 0, -1, 1.5, float("nan"), float("inf"), 2**31, 2**63),
    *([], ["x"], [2**63], [[6, 0, ["x"]]], {}, {"x": 1}),
)
#: Kinds of users that have no business with balances in the backend.
STRANGERS = ("public", "portal", "employee")

INTRODUCTION = """\
# Doors

What the server answers when a program calls it, through JSON-RPC, XML-RPC or JSON-2:
all three reach the public methods of a model, and nothing else. Written by `make doors`
with `tests/test_doors.py`; `tests/test_doors_http.py` knocks at each door through each
of the three protocols as well, and all must answer as these tables say. Who is not
logged in is turned away by all three before any method is reached; the column *public*
says what the method itself would answer to the user of the public pages.

**yes**: the method does its work, or refuses with a sentence about the money. **–**:
the user is turned away. Users: nobody logged in (public), a portal client, an employee
without rights, a salesperson (*Own clients*), a reader (*All clients*), a billing clerk
(*Use balances*), an administrator of balances, and such an administrator of another
company, on records of this one.
"""


class TestDoors(DoorsCommon):
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

    def test_no_field_of_the_ledger_is_written_directly(self):
        """But for a description, and a limit with its reason."""
        written = {
            (model, field)
            for model in ("client.balance", "client.balance.settlement")
            for field in self._get_own_fields(model)
            for kind in self.users
            if "w" in self._get_field_rights(model, field, kind)
        }
        self.assertEqual(
            written,
            {
                ("client.balance", "limit_note"),
                ("client.balance", "overdraft_limit"),
                ("client.balance.settlement", "description"),
            },
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

    # Odd arguments --------------------------------------------------------------------

    def test_odd_arguments_end_in_a_sentence(self):
        """Whatever a program sends, no method of ours ends in an error of Python."""
        self._open_dialogs()
        good = {"partner_id": self.client.id, "amount": 5, "date": "2026-03-01"}
        calls = [("client.balance.settlement", "create", [{}])]
        for model, method in self._get_methods():
            function = getattr(type(self.env[model]), method)
            values = self._get_values(function, optional=True)
            if values and not self._is_of_odoo(model, method):
                calls.append((model, method, [*values.values()]))
        self.assertGreater(len(calls), 5)
        # what the ledger writes itself is refused by its name, whatever the value
        posting = self.env["client.balance.posting"]
        known = self.env["client.balance.settlement"]._fields
        fields = [name for name, field in known.items() if posting._is_asked(field)]
        for model, method, values in calls:
            for place, usual in enumerate(values):
                odd = ODD
                if usual == {}:
                    values[place] = good
                    odd = (*ODD, *({**good, name: v} for name in fields for v in ODD))
                for value in odd:
                    sent = [*values[:place], value, *values[place + 1 :]]
                    with self.subTest(model=model, method=method, sent=str(sent)[:99]):
                        answer = self._knock("administrator", model, method, sent)
                        self.assertIsNotNone(answer, "an error of Python")

    def test_odd_defaults_end_in_a_sentence(self):
        """What stands in the context of a dialog comes from outside, too."""
        for model in self._get_models():
            if not self.env[model]._transient:
                continue
            names = [
                name
                for name, field in self.env[model]._fields.items()
                if field.type == "many2one"
                and field.store
                and not name.endswith("_uid")
            ]
            for name in names:
                for value in ODD:
                    with self.subTest(model=model, field=name, value=value):
                        answer = self._knock(
                            "administrator",
                            model,
                            "default_get",
                            [[*names]],
                            **{f"default_{name}": value},
                        )
                        self.assertIsNotNone(answer, "an error of Python")

    def _is_of_odoo(self, model, method):
        """:return: whether Odoo has this method, and says what it takes"""
        return any(
            method in vars(cls) and not cls.__module__.startswith(OURS)
            for cls in type(self.env[model]).__mro__
        )

    # The document ---------------------------------------------------------------------

    def test_the_document_says_what_is_so(self):
        text = "\n".join(
            [
                INTRODUCTION,
                *self._write_rights(),
                *self._write_methods(),
                *self._write_own_fields(),
                *self._write_fields(),
                *write_sudo(),
            ]
        )
        if os.environ.get("DOORS"):
            DOCUMENT.write_text(text + "\n", encoding="utf-8")
        self.maxDiff = None
        self.assertEqual(
            DOCUMENT.read_text(encoding="utf-8").splitlines(),
            text.splitlines(),
            "who may do what has changed: `K=document make doors` writes it anew",
        )

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

    def _write_own_fields(self):
        yield "\n## Fields of our models\n\nFields of one row have the same answers: r"
        yield "who may read the field of a record of this company, w who may write it"
        yield "directly. Dialogs are left out: each person has the own ones.\n"
        yield from self._write_head("model", "fields")
        for model in self._get_models():
            if self.env[model]._abstract or self.env[model]._transient:
                continue
            alike = {}
            for field in self._get_own_fields(model):
                rights = tuple(
                    self._get_field_rights(model, field, kind) for kind in self.users
                )
                alike.setdefault(rights, []).append(f"`{field}`")
            for rights, names in alike.items():
                yield self._write_row(f"`{model}`", ", ".join(names), *rights)

    def _get_field_rights(self, model, field, kind):
        """:return: r, w, both or none, from trying"""
        record = self._get_record(model)
        if not record:
            return self._get_model_rights(model, field, kind)
        rights = "r" if self._knock(kind, model, "read", [[field]]) else ""
        value = record._fields[field].convert_to_write(record[field], record)
        if (
            rights
            and not record._fields[field].compute
            and self._may_write(kind, record, {field: value})
        ):
            rights += "w"
        return rights or "–"

    def _get_model_rights(self, model, field, kind):
        """The same where there is no record to try with."""
        records = self.env[model].with_user(self.users[kind])
        may = records._has_field_access(records._fields[field], "read")
        return "r" if may and records.has_access("read") else "–"

    def _may_write(self, kind, record, vals):
        records = record.with_env(self.env(user=self.users[kind].id, su=False))
        try:
            with self._undone():
                records.with_context(**self._get_context(kind)).write(vals)
        except (UserError, *NONSENSE):
            return False
        finally:
            self.env.invalidate_all()
        return True

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
    """:return: [(place, function, reason)] of each ``sudo()`` of the addons"""
    found = []
    files = [file for addon in ADDONS for file in addon.rglob("*.py")]
    for path in sorted(files):
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
                    find_reason(lines[first - 1 : number]),
                )
            )
    return found


def find_reason(lines):
    """:return: the last comment of the function up to the call"""
    comment = []
    for line in reversed(lines):
        if match := re.search(r"(?:^|\s)#\s(.*)", line):
            comment.insert(0, match[1])
        elif comment:
            break
    return " ".join(comment)


def write_sudo():
    yield "\n## `sudo()`\n\nEach use, and its reason in the code.\n"
    yield "| where | function | reason |\n| --- | --- | --- |"
    for place, function, reason in find_sudo():
        yield f"| `{place.partition(':')[0]}` | `{function}` | {reason} |"
