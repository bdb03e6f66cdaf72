"""`make mutants`: break the product on purpose, one line at a time.

The running code is changed, not the files: the method in which a mutant lives is
compiled anew and put in its place, the test that must notice is run, and the method
is put back. Mutants of one test class share its fixtures.
"""

import ast
import importlib
import traceback
import unittest
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from odoo.modules import module as odoo_modules
from odoo.tests.result import OdooTestResult

from odoo.addons import client_balance

from tests.mutants import MUTANTS, RULES

ADDON = Path(client_balance.__file__).parent
SOURCES = {
    path: path.read_text(encoding="utf-8")
    for folder in ("models", "wizards")
    for path in sorted((ADDON / folder).glob("*.py"))
}


# --- what is broken -----------------------------------------------------------------


def find_source(code):
    """:return: the one file that has ``code``"""
    found = [path for path, text in SOURCES.items() if code in text]
    assert len(found) == 1, f"{len(found)} files have {code!r}"
    assert SOURCES[found[0]].count(code) == 1, f"{found[0].name} has it twice"
    return found[0]


def get_functions(tree):
    """:return: {(class name or "", function name): its node}"""
    functions = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            functions["", node.name] = node
        elif isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.FunctionDef):
                    functions[node.name, item.name] = item
    return functions


def compile_method(node, module, owner):
    """:return: the function of ``node``, as if it stood in class ``owner``"""
    # zero-argument super() looks for a cell of this name
    maker = ast.parse("def make(__class__):\n    pass\n")
    maker.body[0].body = [
        node,
        ast.Return(ast.Name(id=node.name, ctx=ast.Load())),
    ]
    ast.fix_missing_locations(maker)
    scope = {}
    exec(compile(maker, module.__file__, "exec"), module.__dict__, scope)
    return scope["make"](owner)


@contextmanager
def broken(code, replacement):
    """Inside, the addon runs with ``replacement`` where ``code`` was."""
    path = find_source(code)
    text = SOURCES[path]
    name = f"odoo.addons.client_balance.{path.parent.name}.{path.stem}"
    module = importlib.import_module(name)
    before = get_functions(ast.parse(text))
    after = get_functions(ast.parse(text.replace(code, replacement)))
    changed = [
        key
        for key, node in after.items()
        if key not in before or ast.dump(node) != ast.dump(before[key])
    ]
    assert changed, "the mutant changes no function"
    undo = []
    for class_name, function_name in changed:
        owner = getattr(module, class_name) if class_name else module
        new = compile_method(
            after[class_name, function_name], module, owner if class_name else None
        )
        undo.append((owner, function_name, vars(owner).get(function_name)))
        setattr(owner, function_name, new)
    for key in before.keys() - after.keys():
        owner = getattr(module, key[0])
        undo.append((owner, key[1], vars(owner)[key[1]]))
        delattr(owner, key[1])
    try:
        yield
    finally:
        for owner, function_name, old in undo:
            if old is None:
                delattr(owner, function_name)
            else:
                setattr(owner, function_name, old)


def forget_collected_methods(registry):
    """Odoo remembers the functions of constraints and of deletion."""
    for model in registry.values():
        for name in ("_ondelete_methods", "_constraint_methods"):
            if name in vars(model):
                delattr(model, name)


# --- who notices --------------------------------------------------------------------


class Fixtures:
    """The class of the running test, kept open for the next mutant."""

    def __init__(self):
        self.cls = None

    def open(self, cls):
        if cls is not self.cls:
            self.close()
            self.cls = cls
            cls.setUpClass()

    def close(self):
        if self.cls:
            self.cls.tearDownClass()
            self.cls.doClassCleanups()
            self.cls = None


@pytest.fixture(scope="module")
def fixtures():
    holder = Fixtures()
    yield holder
    holder.close()


def find_class(file, test):
    """:return: the test class of ``file`` that has ``test``"""
    module = importlib.import_module(f"odoo.addons.client_balance.tests.{file}")
    found = [
        cls
        for cls in vars(module).values()
        if isinstance(cls, type)
        and issubclass(cls, unittest.TestCase)
        and test in vars(cls)
    ]
    assert found, f"{file} has no {test}"
    return found[0]


class Result(OdooTestResult):
    """Prints why a test fails: seen where a test fails that should not."""

    def addError(self, test, err):
        traceback.print_exception(*err)
        super().addError(test, err)

    def addFailure(self, test, err):
        print(err[1])
        super().addFailure(test, err)


def run(cls, test):
    """:return: whether the test passes"""
    case = cls(test)
    result = Result()
    # what Odoo's own test suite says to the cursors of a test
    with patch.object(odoo_modules, "current_test", case):
        case.run(result)
    forget_collected_methods(cls.registry)
    assert result.testsRun == 1, "the test did not run"
    return result.wasSuccessful()


MUTANTS_BY_CLASS = sorted(MUTANTS, key=lambda mutant: mutant[3:])


@pytest.mark.parametrize(
    "mutant", MUTANTS_BY_CLASS, ids=[mutant[0] for mutant in MUTANTS_BY_CLASS]
)
def test_a_mutant_of_the_code_is_noticed(fixtures, mutant):
    _what, code, replacement, file, test = mutant
    cls = find_class(file, test)
    fixtures.open(cls)
    forget_collected_methods(cls.registry)
    with broken(code, replacement):
        assert not run(cls, test), f"{test} passes although it is broken"
    forget_collected_methods(cls.registry)


@pytest.mark.parametrize("mutant", RULES, ids=[mutant[0] for mutant in RULES])
def test_a_mutant_of_the_rights_is_noticed(fixtures, mutant):
    _what, name, values, file, test = mutant
    cls = find_class(file, test)
    fixtures.open(cls)
    record = cls.env.ref(f"client_balance.{name}")
    before = record.read(list(values))[0]
    record.write(values)
    cls.env.flush_all()
    try:
        assert not run(cls, test), f"{test} passes although it is broken"
    finally:
        record.write({key: before[key] for key in values})
        cls.env.flush_all()


@pytest.mark.parametrize(
    "case", sorted({mutant[3:] for mutant in MUTANTS + RULES}), ids="::".join
)
def test_without_a_mutant_the_same_test_passes(fixtures, case):
    cls = find_class(*case)
    fixtures.open(cls)
    assert run(cls, case[1])
