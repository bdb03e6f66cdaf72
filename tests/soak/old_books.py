"""Books of version 19.0.1.0.1 with data of every kind, for the test of the upgrade.

`odoo shell` of that version runs ``old_company.py``, ``old_money.py`` and this file:
they speak the language of that version, and nothing of ours is imported. People do
things with their own rights, as on the screens. ``find_missing`` says what is missing:
no kind of thing that the version knew may.

What the next version does not allow any more stands in ``fill_allowed_then``.
"""

import base64
from datetime import timedelta

from odoo import Command, fields

# ``odoo shell`` provides both; the names keep linters quiet.
env = globals()["env"]
OldMoney = globals()["OldMoney"]

TODAY = fields.Date.today()
#: A single transparent pixel.
PICTURE = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA"
    b"AABJRU5ErkJggg=="
)
#: What one person may move, once there is a second one.
ALONE = 10_000
#: Fields of Odoo's own, not ours.
EMPTY = {"message_follower_ids", "website_message_ids"}


class OldBooks(OldMoney):
    def fill(self):
        self.fill_settlements()
        self.fill_payments()
        self.fill_without_money()
        self.fill_credits()
        self.fill_dialogs()
        self.fill_bank_lines()
        self.fill_online()
        self.fill_opening()
        self.fill_adopted()
        self.fill_elsewhere()
        self.fill_papers()
        self.fill_acts()
        self.fill_allowed_then()
        self.fill_requests()
        self.fill_around()

    def fill_adopted(self):
        """An account that was used before, with items without a client, below zero."""
        account = self.create_account("681990", "liability_current", reconcile=True)
        self.entry(self.e, 500, "2026-01-08", account=account)
        self.entry(self.e, -700, "2026-01-09", account=account)
        self.entry(self.env["res.partner"], 40, "2026-01-09", account=account)
        adopt = self.accountant["client.balance.adopt"].create(
            {"account_id": account.id}
        )
        adopt.item_ids.partner_id = self.a
        adopt.key_ids.overdraft_limit = 200
        adopt.action_adopt()
        self.entry(self.a, 45, "2026-03-01", self.a1, account)

    def fill_elsewhere(self):
        """A branch, another company, a plain entry, merged clients and accounts."""
        self.entry(self.b, 88, "2026-02-26", self.b1)
        self.entry(self.b, -8, "2026-02-27", self.b1)
        branch = self.people.as_user("manager", self.company | self.branch)
        branch = branch(context={"allowed_company_ids": self.branch.ids})
        self.settle(self.b, 44, "2026-02-26", user=branch)
        other = self.people.as_user("manager", self.other)
        for amount in (10, -4):
            self.settle(self.b, amount, "2026-02-26", user=other)
        merge = self.plain["base.partner.merge.automatic.wizard"].create({})
        merge._merge([self.a.id, self.f.id], self.a)

    def fill_papers(self):
        """What an act shows beside: purchases, papers, differences, conversions."""
        sales = self.invoice(self.a, 1, "2025-12-01").journal_id
        kinds = (("SRV", "service_act"), ("DLV", "delivery_note"))
        for code, kind in kinds:
            journal = sales.sudo().copy(
                {
                    "code": code,
                    "name": kind,
                    "default_account_id": self.income.id,
                    "client_balance_document_kind": kind,
                }
            )
            self.invoice(self.a, 70, "2026-02-07", journal_id=journal.id)
        for move_type, amount, day in (
            ("in_invoice", 500, "2025-12-20"),
            ("in_invoice", 600, "2026-02-07"),
            ("in_refund", 60, "2026-02-08"),
        ):
            vals = {"move_type": move_type, "date": day}
            self.invoice(self.a, amount, day, user=self.accountant, **vals)
        # the difference is written off, which core does
        invoice = self.invoice(self.a, 130, "2026-02-07")
        self.register(
            invoice,
            129,
            "2026-02-09",
            payment_difference_handling="reconcile",
            writeoff_account_id=self.income.id,
        )
        # dollars paid in hryvnias, and before the invoice
        invoice = self.invoice(self.d, 10, "2026-02-10", self.usd)
        self.register(invoice, 410, "2026-02-11", currency_id=self.uah.id)
        payment = self.payment(self.d, 410, "2026-02-10")
        late = self.invoice(self.d, 10, "2026-02-12", self.usd)
        items = (payment.move_id | late).line_ids
        items.filtered(
            lambda item: item.account_id.account_type == "asset_receivable"
        ).reconcile()

    def fill_acts(self):
        """Acts in each state, in the background, with differences, of two sides."""
        self.set(
            statement_place="Kyiv",
            statement_signatory="O. Bondar",
            statement_position="Chief accountant",
        )
        acts = self.clerk["client.balance.statement"].create(
            [
                {
                    "partner_id": client.id,
                    "date_from": "2026-01-11",
                    "date_to": "2026-02-28",
                    "contract": f"Contract {client.id}",
                    "client_signatory": "O. Client",
                    "client_position": "Director",
                    "print_language": language,
                    **vals,
                }
                for client, language, vals in (
                    (self.a, "uk", {"include_purchases": True}),
                    (self.b, "en", {}),
                    (self.c, "both", {}),
                    (self.d, "uk", {"include_foreign": True}),
                    (self.d, "uk", {"currency_id": self.usd.id}),
                    (self.e, "uk", {}),
                    (self.b, "uk", {"currency_id": self.usd.id}),
                )
            ]
        )
        agreed, differs, refused, revoked, sent, _draft, signed = acts
        (agreed | differs | refused | revoked | sent | signed).action_mark_sent()
        # as the portal does
        answer = {"client_debit": 1, "client_document": "Theirs 7"}
        signed.sudo()._answer_with_differences(
            {},
            5,
            [{name: answer.get(name) for name in signed.line_ids._get_client_fields()}],
            {"signature": PICTURE, "signed_by": "Олена", "signed_on": "2026-03-02"},
        )
        paper = {
            "document": base64.b64encode(b"%PDF-1.4 signed"),
            "document_name": "signed.pdf",
            "signed_by": "O. Client",
            "signed_position": "Director",
            "signed_on": "2026-03-02",
        }
        answer = self.clerk["client.balance.statement.answer"]
        answer.create({"statement_id": agreed.id, **paper}).action_confirm()
        differs.action_mirror()
        line = differs.line_ids[:1]
        line.client_debit = line.client_debit + 1
        answer.create(
            {"statement_id": differs.id, "outcome": "differences", **paper}
        ).action_confirm()
        answer.create(
            {"statement_id": refused.id, "outcome": "refused", "answer": "Not ours"}
        ).action_confirm()
        revoked.action_reissue()
        sent.action_print()
        batches = self.clerk["client.balance.statement.batch"].create(
            [
                {
                    "date_from": "2026-01-01",
                    "date_to": day,
                    "currency_id": self.uah.id,
                    "partner_ids": [Command.set((self.a | self.e).ids)],
                }
                for day in ("2026-01-31", "2026-01-31", "2026-02-15")
            ]
        )
        for batch in batches:
            batch.action_start()
        tasks = batches.sudo().task_ids
        for task in tasks.filtered(lambda task: task.batch_id != batches[2]):
            task._process()
        failed, *_waiting = tasks.filtered(lambda task: task.state == "todo")
        failed.write({"state": "failed", "message": "The server was stopped"})
        self.set(statement_schedule="monthly")
        self.a.client_balance_statement_schedule = "quarterly"
        self.b.client_balance_statement_schedule = "never"
        self.plain["client.balance.statement.batch"]._cron_schedule()

    def fill_allowed_then(self):
        """Entries of a pass that somebody has reset, and matches across keys."""
        day = {"date": "2026-03-03"}
        manual = self.settle(self.b, 11, "2026-03-02").move_id
        invoice = self.invoice(self.b, 120, "2026-03-02")
        paid = self.pay_from_balance(
            invoice, 120, self.env["res.partner.bank"], "2026-03-03"
        )
        note = self.invoice(self.b, 31, "2026-03-02", move_type="out_refund")
        credited = self.deposit(note, "2026-03-03")
        self.confirm(
            "transfer", self.balance(self.b), bank_to_id=self.b2.id, amount=21, **day
        )
        moved = self.made("transfer")[-1:].move_id
        self.confirm(
            "exchange",
            self.balance(self.d, currency=self.usd),
            amount=7,
            currency_to_id=self.uah.id,
            **day,
        )
        exchanged = self.made("exchange")[-1:].move_id
        opening = self.made("opening").filtered(lambda row: row.amount in (40, 30))
        reset = manual | paid | credited | moved | exchanged | opening.move_id
        for move in reset.with_env(self.accountant):
            move.button_draft()
        # reset and posted again
        again = self.settle(self.b, 12, "2026-03-02").move_id.with_env(self.accountant)
        again.button_draft()
        again.action_post()
        # money of one client's two bank accounts, of two clients, of two currencies
        for client, bank, other, other_bank in (
            (self.c, None, self.c, self.c1),
            (self.a, self.a1, self.b, self.b2),
        ):
            took = self.entry(client, -15, "2026-03-04", bank)
            gave = self.entry(other, 15, "2026-03-05", other_bank)
            self.match(took, gave)

    def match(self, *entries):
        """Reconcile items on the balance account by hand."""
        items = self.env["account.move"].union(*entries).line_ids
        items = items.filtered("account_id.is_client_balance")
        items.remove_move_reconcile()
        items.with_env(self.accountant).reconcile()

    def fill_requests(self):
        """A second person: every operation, every answer."""
        self.set(approval=True, approval_amount=ALONE)
        Request = self.manager["client.balance.request"]
        day = "2026-03-06"

        def ask(amount, **vals):
            return Request.request_settlement(
                {"partner_id": self.e.id, "amount": amount, "date": day, **vals}
            )

        letter = self.manager["ir.attachment"].create({"name": "L", "raw": b"Letter"})
        waiting = ask(20001, description="Waits", attachment_ids=[[4, letter.id]])
        refused, cancelled = ask(20002), ask(20003)
        approved = ask(90000, external_ref="APPROVED-1", description="Approved")
        decide = self.second["client.balance.request"].browse
        decide(refused.id).action_refuse("Not agreed")
        cancelled.action_cancel()
        decide(approved.id).action_approve()
        settlement = approved.settlement_ids
        correction = Request.request_correction(settlement.id, {"amount": 80000})
        decide(correction.id).action_approve()
        balance = self.balance(self.e)
        refund = {"amount": 15000, "date": day, "partner_bank_id": self.banks[8].id}
        for model, vals in (
            (
                "transfer",
                {"amount": 14000, "partner_to_id": self.b.id, "description": "Letter"},
            ),
            ("exchange", {"amount": 41000, "currency_to_id": self.usd.id, "rate": 41}),
        ):
            self.confirm(model, balance, date=day, **vals)
        self.settle(self.e, 9000, day, self.banks[8])
        self.settle(self.e, 9000, day, self.banks[8])
        balance = self.balance(self.e, self.banks[8])
        self.confirm("refund", balance, self.accountant, **refund)
        asked = Request.search([("state", "=", "requested")]) - waiting
        assert set(asked.mapped("operation")) == {"transfer", "exchange", "refund"}
        decide(asked.ids).action_approve()

    def fill_around(self):
        """Notices, ageing, reasons, rights and settings of their own."""
        self.plain["client.balance.suspension"].create(
            [
                {
                    "company_id": self.company.id,
                    "description": "Martial law",
                    "date_from": "2026-01-01",
                    "date_to": "2026-01-31",
                },
                {
                    "company_id": self.company.id,
                    "description": "Since then",
                    "date_from": "2026-03-01",
                },
            ]
        )
        self.manager["client.balance.reason"].create(
            {
                "name": "Of their own",
                "company_id": self.company.id,
                "direction": "out",
                "account_id": self.income.id,
                "needs_document": True,
            }
        )
        today = TODAY - timedelta(days=1)
        self.settle(self.a, 21, today)
        self.settle(self.a, -2, today)
        self.settle(self.b, 22, today)
        self.c.client_balance_muted = True
        self.settle(self.d, 24, today)
        notices = self.plain["client.balance.notice"].search([])
        sent, failed, skipped, *_queued = notices
        sent._deliver()
        failed.write({"state": "failed", "error": "No such mailbox"})
        skipped.settlement_id.sudo(False).with_env(self.manager).action_reverse()
        skipped._deliver()
        group = self.plain["res.groups"].create(
            {
                "name": "Old group",
                "implied_ids": [
                    Command.link(
                        self.env.ref("client_balance.group_client_balance_user").id
                    )
                ],
            }
        )
        self.people.users["clerk"].group_ids += group
        self.plain["ir.model.access"].create(
            {
                "name": "old access",
                "model_id": self.env.ref("client_balance.model_client_balance").id,
                "group_id": group.id,
                "perm_read": True,
            }
        )
        # what an administrator has changed of ours stays as it is
        self.env.ref("client_balance.mail_template_notice_credit").subject = "Old"


def find_missing(books):
    """:return: what the books have not: models, values of selections, fields"""
    missing = []
    for name, model in books.plain.registry.items():
        ours = model._original_module == "client_balance"
        if not ours or not model._auto or model._transient or model._abstract:
            continue
        records = books.plain[name].with_context(active_test=False).search([])
        if not records:
            missing.append(name)
        for field in model._fields.values():
            if not field.store or field.name in EMPTY or field.type == "boolean":
                continue
            found = set(records.mapped(field.name)) if field.type != "json" else {True}
            wanted = {True}
            if field.type == "selection":
                wanted = {value for value, _label in field._description_selection(env)}
            elif found - {False, ""}:
                wanted = set()
            missing += [f"{name}.{field.name}: {value}" for value in wanted - found]
    return missing


def main():
    books = OldBooks(env)
    books.fill()
    env.flush_all()
    found = env["client.balance"].check_integrity()
    assert not found, found
    missing = find_missing(books)
    assert not missing, missing
    env.cr.commit()


main()
