"""Every text of the addon is in its template, and every one is in Ukrainian."""

import re
from io import BytesIO

import polib

from odoo.tests import TransactionCase
from odoo.tools.translate import trans_export

from tools.common import ADDON
from tools.translations import DATES

TEMPLATE = "client_balance.pot"
#: Texts that Ukrainian writes the same way: Odoo's export leaves them empty.
ICON = '<i class="fa fa-download me-1" role="img" aria-hidden="true"/>'
SAME = {"CSV", "Excel (XLSX)", "ID", f"{ICON}PDF", f"{ICON}XLSX"}


def entries(name):
    path = ADDON / "i18n" / name
    assert path.exists(), f"there is no {path}: run `make i18n`"
    return polib.pofile(path.read_text("utf-8"))


def placeholders(text):
    return sorted(re.findall(r"%\(\w+\)[sdf]|%[sdf]|\{\w*\}", text))


class TestTranslations(TransactionCase):
    def test_template_is_current(self):
        exported = BytesIO()
        trans_export(False, ["client_balance"], exported, "po", self.env)
        expected = DATES.sub("", exported.getvalue().decode())
        self.assertEqual(
            {entry.msgid for entry in polib.pofile(expected)},
            {entry.msgid for entry in entries(TEMPLATE)},
            "run `make i18n`, then translate what is new",
        )
        current = (ADDON / "i18n" / TEMPLATE).read_text("utf-8")
        self.assertEqual(expected, DATES.sub("", current), "run `make i18n`")

    def test_every_text_is_in_ukrainian(self):
        template = {entry.msgid for entry in entries(TEMPLATE)}
        ukrainian = entries("uk.po")
        done = {entry.msgid for entry in ukrainian if entry.translated()}
        self.assertFalse(template - done - SAME, "not translated into Ukrainian")
        self.assertFalse([entry.msgid for entry in ukrainian.fuzzy_entries()])

    def test_translations_keep_the_placeholders(self):
        wrong = [
            entry.msgid
            for entry in entries("uk.po")
            if entry.msgstr and placeholders(entry.msgid) != placeholders(entry.msgstr)
        ]
        self.assertFalse(wrong, "a placeholder of the text is not in its translation")
