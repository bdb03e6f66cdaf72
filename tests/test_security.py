"""docs/security.md: what comes from outside, and why nothing follows from it.

The tables say what stands in the code, and the tests below compare them; `make doors`
writes them anew. The reasons are written here, since they speak of whole files.
"""

import os
import re
from pathlib import Path

from tests.doors import DoorsCommon

ROOT = Path(__file__).parent.parent
ADDON = ROOT / "client_balance"
DOCUMENT = ROOT / "docs" / "security.md"
BEGIN, END = "<!-- from outside: begin -->", "<!-- from outside: end -->"
QUERY = re.compile(r"\bexecute_query(_dict)?\b|\bcr\.execute\b")

#: Why the ids in a file's SQL are nobody else's: who has looked at them before.
QUERIES = {
    "models/account_account.py": "of accounts of which somebody asks what is posted",
    "models/client_balance_approval.py": "none: rates of the company, less those of the"
    " person who is judged",
    "models/client_balance_approval_day.py": "the person who is judged, the company"
    " of what moves",
    "models/client_balance_available.py": "of the balances that a search of the reader"
    " finds, by the query of that search where one is asked by id",
    "models/client_balance_gate.py": "of items that were posted: the gate sees all",
    "models/client_balance_gate_rows_renamed.py": "of entries that were renamed",
    "models/client_balance_guard.py": "keys that a caller has checked, in its step",
    "models/client_balance_integrity.py": "none: all tables, told company by company",
    "models/client_balance_integrity_glance.py": "none: all tables",
    "models/client_balance_integrity_screen.py": "none: clearing accounts of the"
    " companies of the user",
    "models/client_balance_merge.py": "keys of clients that core has merged, after it"
    " has asked for the right",
    "models/client_balance_owner_change.py": "of clients that get another owner, after"
    " the right was asked for",
    "models/client_balance_portal_ledger.py": "of the visitor's own balances",
    "models/client_balance_report_columns.py": "none: which currencies are used",
    "models/client_balance_report_export.py": "the query of the reader's own search",
    "models/client_balance_request_deciding.py": "of the request that was read before",
    "models/client_balance_settlement.py": "of settlements that were read before",
    "models/client_balance_settlement_rows.py": "of entries whose accounts core has"
    " merged or split",
    "models/client_balance_statement_source.py": "of clients whose act the user may"
    " write: an act names clients and companies that its user may see",
    "models/client_balance_statement_words.py": "as the act's source, which calls it",
    "models/client_balance_total.py": "of clients whose balance has moved",
}
#: Whose rights a job has, and what it does with them.
JOBS = {
    "client_balance_notice_cron": "superuser: sends what the gate has queued, each to"
    " the client whose balance has moved",
    "client_balance_report_cron": "superuser: adds columns, reads which currencies are"
    " used",
    "ir_cron_client_balance_statement": "whoever has started the batch, in the own"
    " companies of the batch; what was asked for is frozen when it is started."
    " Batches of the schedule, which is a setting of the company: superuser",
    "ir_cron_client_balance_statement_schedule": "superuser: starts the batch of each"
    " company as its settings say",
}

INTRODUCTION = """\
## What comes from outside

An id in an argument of RPC, an address, a context, JSON or a field of a dialog is
a number until `client.balance.posting._browse_asked` (or the rules of a search) has
looked at it as the user: it exists, may be read, and is of a company in which the user
works. Only then `sudo()` and SQL begin. Each `sudo()` has its reason in
[doors.md](doors.md#sudo). What else a program may send ends in a sentence.

A dialog belongs to who opened it, by a record rule, and names only what this person may
see (`client.balance.asked`). Jobs do what was asked for, with the rights of who asked.

Who may read is not the client. Acts are answered by the client's own portal users and
by who was given the link of an act; people who work here never answer in the portal,
they record the answer with the buttons of the act. Not covered: whoever reads the
e-mail of an act (its follower, or who reads the client's mailbox) holds its link and
can use it without being logged in. A signature is a PNG or JPEG by its content; the
signed document and the documents of a request are frozen.

Reports, files and addresses show the rows that the reader may read: the accounting note
of an entry that opened the balances of many clients has the rows of one's own. The
printed invoice is the same whoever prints it: it shows the client's balance to who may
print the client's invoice.

An exchange rounds down to the smallest unit: the client never gets more than the rate.
"""


class TestSecurityDocument(DoorsCommon):
    def test_the_document_says_what_comes_from_outside(self):
        before, _begin, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
        found, _end, after = rest.partition(END)
        text = "\n".join(
            [
                INTRODUCTION,
                *self._write("Dialogs", "model", self._get_dialogs()),
                *self._write("Jobs", "job", self._get_jobs()),
                *self._write("SQL", "file", self._get_queries()),
            ]
        )
        if os.environ.get("DOORS"):
            DOCUMENT.write_text(
                f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8"
            )
            return
        self.maxDiff = None
        self.assertEqual(
            found.strip().splitlines(),
            text.strip().splitlines(),
            "what comes from outside has changed: `make doors` writes it anew",
        )

    def _write(self, title, head, rows):
        yield f"### {title}\n\n| {head} | why it is safe |\n| --- | --- |"
        for name, reason in rows:
            yield f"| `{name}` | {reason} |"
        yield ""

    def _get_dialogs(self):
        """:return: [(model, whose it is)], from the rules"""
        rules = self.env["ir.rule"].sudo().search([("groups", "=", False)])
        for model in self._get_models():
            if self.env[model]._transient:
                own = rules.filtered(lambda rule, m=model: rule.model_id.model == m)
                domain = own.domain_force or ""
                reason = "**nobody's**"
                if "('create_uid', '=', user.id)" in domain:
                    reason = "of who opened it"
                if match := re.search(r"'(\w+)\.create_uid'", domain):
                    reason += f", with its `{match[1]}`"
                yield model, reason

    def _get_jobs(self):
        names = (
            self.env["ir.model.data"]
            .sudo()
            .search([("module", "=", "client_balance"), ("model", "=", "ir.cron")])
        )
        for name in sorted(names.mapped("name")):
            self.assertIn(name, JOBS, "say with whose rights this job runs")
            yield name, JOBS[name]

    def _get_queries(self):
        found = sorted(
            str(path.relative_to(ADDON))
            for path in ADDON.rglob("*.py")
            if not {"tests", "migrations"} & set(path.parts)
            and path.name not in ("hooks.py",)
            and QUERY.search(path.read_text(encoding="utf-8"))
        )
        for path in found:
            self.assertIn(path, QUERIES, "say who has looked at the ids in this SQL")
            yield path, QUERIES[path]
