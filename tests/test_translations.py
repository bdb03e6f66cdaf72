"""Every text of the addon is in its template, and every one is in Ukrainian."""

import re
from io import BytesIO

import polib

from odoo.tests import TransactionCase
from odoo.tools.translate import trans_export

from tools.common import ADDON
from tools.translations import COMPANY_RECORDS, DATES

TEMPLATE = "client_balance.pot"
#: Words that Ukrainian writes the same way: Odoo's export leaves such texts empty.
SAME = {"CSV", "Excel (XLSX)", "IBAN", "ID", "PDF", "XLSX"}
#: Core's Ukrainian name of an account type, quoted as people find it on the screen.
QUOTED = "Короткострокові зобов’язання"
#: The name of a report's file is an expression, and Odoo offers it for translation.
EXPRESSION = "object._get_report_base_filename()"


def entries(name):
    path = ADDON / "i18n" / name
    assert path.exists(), f"there is no {path}: run `make i18n`"
    return polib.pofile(path.read_text("utf-8"))


def placeholders(text):
    return sorted(re.findall(r"%\(\w+\)[sdf]|%[sdf]|\{\w*\}", text))


def expressions(text):
    """:return: what templates compute: a link that is lost is lost in one language"""
    return sorted(re.findall(r'\bt-[\w-]+="[^"]*"|\{\{.*?\}\}', text))


def is_same(text):
    """:return: whether a text has nothing to translate: marks, signs, names"""
    words = re.sub(r"<[^>]*>|%\(\w+\)s|&(amp;)?\w+;", "", text).strip()
    return words in SAME | {EXPRESSION} or not re.search(r"[^\W\d_]", words)


class TestTranslations(TransactionCase):
    def test_template_is_current(self):
        exported = BytesIO()
        trans_export(False, ["client_balance"], exported, "po", self.env)
        expected = DATES.sub("", exported.getvalue().decode())
        expected = COMPANY_RECORDS.sub("", expected)
        self.assertEqual(
            {entry.msgid for entry in polib.pofile(expected)},
            {entry.msgid for entry in entries(TEMPLATE)},
            "run `make i18n`, then translate what is new",
        )
        current = (ADDON / "i18n" / TEMPLATE).read_text("utf-8")
        self.assertEqual(expected, DATES.sub("", current), "run `make i18n`")

    def test_names_that_companies_may_change_are_not_loaded(self):
        for name in (TEMPLATE, "uk.po"):
            text = (ADDON / "i18n" / name).read_text("utf-8")
            self.assertFalse(COMPANY_RECORDS.findall(text), name)

    def test_every_text_is_in_ukrainian(self):
        template = {entry.msgid for entry in entries(TEMPLATE)}
        ukrainian = entries("uk.po")
        done = {entry.msgid for entry in ukrainian if entry.translated()}
        missing = {text for text in template - done if not is_same(text)}
        self.assertFalse(missing, "not translated into Ukrainian")
        self.assertFalse([entry.msgid for entry in ukrainian.fuzzy_entries()])

    def test_translations_keep_the_placeholders(self):
        wrong = [
            entry.msgid
            for entry in entries("uk.po")
            if entry.msgstr and placeholders(entry.msgid) != placeholders(entry.msgstr)
        ]
        self.assertFalse(wrong, "a placeholder of the text is not in its translation")

    def test_translations_keep_what_templates_compute(self):
        wrong = [
            entry.msgid
            for entry in entries("uk.po")
            if entry.msgstr and expressions(entry.msgid) != expressions(entry.msgstr)
        ]
        self.assertFalse(wrong, "a link or a value is not in its translation")

    def test_apostrophes_are_written_one_way(self):
        """Who searches for a word finds it everywhere."""
        wrong = [
            entry.msgstr
            for entry in entries("uk.po")
            if re.search("[’ʼ]", entry.msgstr.replace(QUOTED, ""))
        ]
        self.assertFalse(wrong, "write ' as the glossary does")
