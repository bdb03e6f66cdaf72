"""`make i18n`: the translation template and the Ukrainian file, from the sources."""

import re

from tools import runtime, testing
from tools.common import ADDON, SATELLITES, satellites_to_install, say

#: Records that are made per company have other numbers in each database. Their names
#: stand in the code, too; a language that is loaded must not touch a company's own.
COMPANY_RECORDS = re.compile(rf"^#: model:[\w.]+,\w+:{ADDON.name}\.\d+_\w+\n", re.M)
DATES = re.compile(r'^"(POT-Creation|PO-Revision)-Date:.*\n', re.M)


def export(_arguments=()):
    """Let Odoo write the files of each addon that has texts."""
    store = testing.TestStore(runtime.prepare("test"))
    with store.clone(store.ready) as database:
        export_addon(store, database, ADDON)
        # after it: what others add to our models is theirs
        modules = satellites_to_install()
        store.install(database, modules, f"Installing {', '.join(modules)}")
        for addon in SATELLITES:
            if (addon / "i18n").is_dir():
                export_addon(store, database, addon)


def export_addon(store, database, addon):
    """Let Odoo write both files; keep one in which only the date changed."""
    folder = addon / "i18n"
    before = {path: path.read_text(encoding="utf-8") for path in folder.glob("*.po*")}
    for language, path in (("pot", f"{addon.name}.pot"), ("uk", "uk.po")):
        # Beside the file, since Odoo reads the texts of the code from it meanwhile.
        fresh = folder / f"new.{path}"
        store.odoo(
            # The addon stands before -l, which takes all that follows.
            *("i18n", "export", addon.name, "-d", database, "-o", str(fresh)),
            *("-l", language),
            title=f"Collecting the texts of {addon.name}: {path}",
        )
        fresh.replace(folder / path)
    for path in sorted(folder.glob("*.po*")):
        after = COMPANY_RECORDS.sub("", path.read_text(encoding="utf-8"))
        old = before.get(path, "")
        after = keep_translations(old, after)
        path.write_text(after, encoding="utf-8")
        if DATES.sub("", after) == DATES.sub("", old):
            path.write_text(old, encoding="utf-8")
        else:
            say(f"   {path.name} has changed")


def keep_translations(old, after):
    """The file is the source: what it says stays, and what is new comes in.

    Odoo leaves out a translation that a database does not use, or that is the same.

    :return: the text of the file ``after`` with the translations of ``old``
    """
    known = dict(map(split_entry, old.strip().split("\n\n")))
    entries = []
    for entry in after.strip().split("\n\n"):
        text, translation = split_entry(entry)
        kept = known.get(text, '""')
        if text != 'msgid ""' and kept != '""':
            entries.append(entry.removesuffix(translation) + kept)
        else:
            entries.append(entry)
    return "\n\n".join(entries) + "\n"


def split_entry(entry):
    """:return: the text of an entry and its translation, as they are written"""
    head, _mark, translation = entry.partition("\nmsgstr ")
    return head[head.find("msgid ") :], translation
