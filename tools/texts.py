"""`make lint texts`: the translation files know every text of the sources.

It reads the files only, so that it needs no database and takes a second: texts of
Python and JavaScript, labels and helps of fields, attributes of views. What only Odoo
can tell (the running text of views) is compared by tests/test_translations.py.
"""

import ast
import re
import sys
from xml.etree import ElementTree

import polib

from tools.common import ADDONS, ROOT

TRANSLATORS = {"_", "_lt", "_t"}
#: Named arguments of a field that people read.
LABELS = {"string", "help"}
#: Attributes of a view that people read.
ATTRIBUTES = [
    "string",
    "help",
    "placeholder",
    "confirm",
    "confirm-label",
    "title",
    "sum",
    "alt",
    "aria-label",
]
JS_TEXT = re.compile(r"\b_t\(\s*((?:\"(?:[^\"\\]|\\.)*\"\s*\+?\s*)+)", re.S)
JS_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"", re.S)
#: Written for developers only.
SKIPPED = {"tests", "i18n"}


def constant(node):
    """Return the text of a constant, or nothing."""
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""


def called(call):
    function = call.func
    return getattr(function, "attr", None) or getattr(function, "id", "")


def is_field(call):
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "fields"
    )


def is_internal(call):
    """:return: whether a field says that nobody reads its name"""
    return any(
        keyword.arg == "export_string_translation"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is False
        for keyword in call.keywords
    )


def python_texts(source):
    """Yield the texts of a Python file."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        if called(node) in TRANSLATORS and node.args:
            yield constant(node.args[0])
        elif is_field(node) and not is_internal(node):
            for keyword in node.keywords:
                if keyword.arg in LABELS:
                    yield constant(keyword.value)


def javascript_texts(source):
    """Yield the texts of a JavaScript file."""
    for call in JS_TEXT.finditer(source):
        yield "".join(
            ast.literal_eval(part) for part in JS_STRING.findall(call.group(1))
        )


def xml_texts(source):
    """Yield what the attributes of views say."""
    for element in ElementTree.fromstring(source).iter():
        if element.tag in ("template", "t", "record", "menuitem"):
            continue
        for name in ATTRIBUTES:
            yield element.get(name, "").strip()


READERS = {".py": python_texts, ".js": javascript_texts, ".xml": xml_texts}


def sources(addon):
    for path in sorted(addon.rglob("*")):
        inside = set(path.relative_to(addon).parts)
        if path.suffix in READERS and not inside & SKIPPED:
            yield path


def source_texts(addon):
    """Return the texts of an addon with the file that has each."""
    texts = {}
    for path in sources(addon):
        # As bytes: an XML file declares its encoding itself.
        source = path.read_bytes() if path.suffix == ".xml" else path.read_text("utf-8")
        for text in READERS[path.suffix](source):
            # A technical attribute has no letters, or names a field.
            if re.search(r"[^\W\d_]", text):
                texts.setdefault(text, path.relative_to(ROOT))
    return texts


def gone(template):
    """Yield what the template quotes from files that are not there any more."""
    for entry in template:
        for place, _line in entry.occurrences:
            name = place.removeprefix("code:addons/")
            if name != place and not (ROOT / name).exists():
                yield entry.msgid, name


def read_entries(addon, name):
    """Return the entries of a translation file; an addon without texts has none."""
    path = addon / "i18n" / name
    return polib.pofile(str(path)) if path.exists() else []


def findings():
    """Return a sentence for each text that a translation file lacks or has too much."""
    return [finding for addon in ADDONS for finding in addon_findings(addon)]


def addon_findings(addon):
    template = read_entries(addon, f"{addon.name}.pot")
    known = {entry.msgid for entry in template}
    translated = {entry.msgid for entry in read_entries(addon, "uk.po")}
    return [
        *(
            f"{path}: not in the template: {text!r}"
            for text, path in source_texts(addon).items()
            if text not in known
        ),
        *(f"{name} is gone: {text!r}" for text, name in gone(template)),
        *(f"not in uk.po: {text!r}" for text in sorted(known - translated)),
    ]


if __name__ == "__main__":
    found = findings()
    for finding in found:
        print(finding)
    if found:
        sys.exit("The translation files are old: run `make i18n`, then translate.")
