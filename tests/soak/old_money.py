"""Money of every kind in the books of version 19.0.1.0.1: see ``old_books.py``."""

from odoo import Command

# ``odoo shell`` provides it; the name keeps linters quiet.
OldCompany = globals()["OldCompany"]


class OldMoney(OldCompany):
    def fill_settlements(self):
        """Manual ones, reversed, corrected, in a foreign currency, with a limit."""
        reason = self.reason("bonus")
        self.settle(self.a, 5000, "2026-01-10", self.a1, is_advance=True)
        self.settle(self.a, 750, "2026-01-12", self.a2, reason_id=reason.id)
        self.settle(self.b, 4000, "2026-01-15", external_ref="LETTER-1")
        self.settle(self.b, -300, "2026-01-20", description="Penalty by letter 2")
        self.settle(self.f, 120, "2026-01-20")
        reversed_one = self.settle(self.a, 60, "2026-01-21", self.a1)
        reversed_one.action_reverse()
        self.settle(self.a, 70, "2026-01-22", self.a1).action_correct({"amount": 65})
        document = self.manager["ir.attachment"].create(
            {"name": "letter.txt", "raw": b"Letter 3"}
        )
        self.settle(self.c, 900, "2026-01-25", attachment_ids=[[4, document.id]])
        for amount, day, currency in (
            (1000, "2026-01-05", self.usd),
            (500, "2026-02-05", self.usd),
            (400, "2026-01-06", self.eur),
            (-200, "2026-02-06", self.usd),
        ):
            self.settle(self.d, amount, day, currency_id=currency.id)
        self.confirm("limit", self.balance(self.c), limit=300, note="By the contract")
        self.settle(self.c, -1000, "2026-02-01", description="Below zero")
        self.balance(self.b).with_env(self.manager).overdraft_limit = 1000

    def fill_payments(self):
        """The payment dialog, advances, and what is reset and posted again."""
        pay, day = self.register, "2026-02-10"
        pay(self.invoice(self.a, 20000, "2026-02-01"), 20159, day, to_client_balance=1)
        shortfall = {
            "from_client_balance": True,
            "client_balance_bank_id": self.a1.id,
            "client_balance_amount": 1500,
        }
        invoice = self.invoice(self.a, 10000, "2026-02-02")
        pay(invoice, 8500, "2026-02-11", **shortfall)
        # both, reset and posted again
        invoice = self.invoice(self.b, 300, "2026-02-03")
        again = pay(invoice, 340, "2026-02-12", to_client_balance=True)
        invoice = self.invoice(self.a, 200, "2026-02-03")
        again |= pay(invoice, 150, day, **{**shortfall, "client_balance_amount": 50})
        # reset and left so; cancelled
        invoice = self.invoice(self.b, 500, "2026-02-04")
        draft = pay(invoice, 540, "2026-02-12", to_client_balance=True)
        cancelled = self.payment(self.b, 33, "2026-02-13", client_balance_advance=True)
        for payment in again | draft | cancelled:
            payment.action_draft()
        again.action_post()
        cancelled.action_cancel()
        # several invoices at once, in a foreign currency
        invoices = self.invoice(self.d, 600, "2026-02-05", self.usd)
        invoices |= self.invoice(self.d, 300, "2026-02-06", self.usd)
        pay(
            invoices,
            1000,
            "2026-02-14",
            currency_id=self.usd.id,
            group_payment=True,
            to_client_balance=True,
        )
        self.payment(
            self.e,
            12000,
            "2026-02-15",
            client_balance_advance=True,
            client_balance_advance_bank_id=self.banks[8].id,
        )
        waiting = self.clerk["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.e.id,
                "amount": 77,
                "date": "2026-02-15",
                "client_balance_advance": True,
            }
        )
        assert waiting.state == "draft"

    def fill_without_money(self):
        """Invoices that the balance paid: dialog, one click, by itself, undone."""
        invoice = self.invoice(self.a, 2000, "2026-02-16")
        self.pay_from_balance(invoice, 800, self.a1, "2026-02-17")
        self.pay_from_balance(invoice, 100, self.a2, "2026-02-18")
        invoice = self.invoice(self.b, 150, "2026-02-16")
        invoice.action_apply_client_balance(False)
        self.set(auto_use="always")
        self.invoice(self.e, 1000, "2026-02-19")
        self.set(auto_use="suggest")
        invoice = self.invoice(self.d, 250, "2026-02-20", self.usd)
        self.pay_from_balance(invoice, 250, self.env["res.partner.bank"], "2026-02-21")
        # unreconciled: the money is back
        invoice = self.invoice(self.b, 160, "2026-02-20")
        invoice.action_apply_client_balance(False)
        [content] = invoice.invoice_payments_widget["content"]
        invoice.js_remove_outstanding_partial(content["partial_id"])
        # whoever applies while the invoice is a draft
        draft = self.clerk["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.a.id,
                "client_balance_bank_id": self.a1.id,
                "invoice_line_ids": [Command.create({"name": "X", "price_unit": 10})],
            }
        )
        draft.client_balance_apply = {"bank_id": self.a1.id}

    def fill_credits(self):
        """Credit notes and payments that went to the balance, one by one and listed."""
        note = {"move_type": "out_refund"}
        self.deposit(self.invoice(self.b, 240, "2026-02-22", **note), "2026-02-23")
        self.deposit(self.payment(self.a, 410, "2026-02-22"), "2026-02-23")
        self.payment(self.b, 55, "2026-02-22")
        self.payment(self.c, 66, "2026-02-22")
        self.run(self.clerk["client.balance.batch"].action_open_credits())

    def run(self, action, user=None):
        """Post a list of proposals."""
        batch = (user or self.clerk)["client.balance.batch"].browse(action["res_id"])
        counts = batch.run_batch(limit=500)
        assert counts["done"] and not counts["failed"], batch.line_ids.mapped("message")

    def fill_dialogs(self):
        """Top-up, refund, transfers between banks and clients, exchange."""
        day = {"date": "2026-02-24"}
        self.confirm(
            "top.up",
            self.balance(self.a, self.a1),
            self.clerk,
            amount=3000,
            is_advance=True,
            **day,
        )
        accountant = self.people.as_user("accountant")
        self.confirm(
            "refund", self.balance(self.a, self.a1), accountant, amount=500, **day
        )
        self.confirm(
            "transfer",
            self.balance(self.a, self.a1),
            bank_to_id=self.a2.id,
            amount=600,
            **day,
        )
        self.confirm(
            "transfer",
            self.balance(self.a, self.a2),
            partner_to_id=self.b.id,
            bank_to_id=self.b1.id,
            amount=200,
            description="Assignment 4",
            **day,
        )
        # undone, both legs
        self.confirm(
            "transfer", self.balance(self.b), bank_to_id=self.b2.id, amount=20, **day
        )
        self.made("transfer")[-1:].with_env(self.manager).action_reverse()
        self.confirm(
            "exchange",
            self.balance(self.d, currency=self.usd),
            amount=100,
            currency_to_id=self.uah.id,
            **day,
        )

    def fill_bank_lines(self):
        """Lines of a statement: to a balance, refunded, undone, matched, left alone."""
        lines = self.accountant["account.bank.statement.line"].create(
            [
                {
                    "journal_id": self.bank.id,
                    "date": "2026-02-25",
                    "payment_ref": f"Bank {number}",
                    "amount": amount,
                    "partner_id": client.id,
                }
                for number, (client, amount) in enumerate(
                    [
                        (self.a, 1000),
                        (self.b, 2000),
                        (self.b, -100),
                        (self.c, 90),
                        (self.d, 80),
                    ]
                )
            ]
        )
        self.env["account.bank.statement"].create(
            {"name": "February", "line_ids": [Command.set(lines[:2].ids)]}
        )
        put, undone, _left = lines[:3], lines[3:4], lines[4:]
        action = put.with_env(self.accountant).action_to_client_balance()
        self.run(action, self.accountant)
        self.run(undone.with_env(self.clerk).action_to_client_balance())
        undone.with_env(self.clerk).action_undo_client_balance()
        # reset and posted again by an accountant
        move = lines[0].move_id.with_env(self.accountant)
        move.button_draft()
        move.action_post()

    def fill_online(self):
        """A provider that only pretends: top-ups in each state, an overpayment."""
        method = self.env["payment.method"].create(
            {
                "name": "Card",
                "code": "old_card",
                "support_refund": "partial",
                "support_manual_capture": "partial",
                "support_tokenization": True,
            }
        )
        provider = self.env["payment.provider"].create(
            {
                "name": "Demo",
                "code": "demo",
                "state": "test",
                "is_published": True,
                "company_id": self.company.id,
                "payment_method_ids": [Command.set(method.ids)],
                "inline_form_view_id": self.env.ref("payment_demo.inline_form").id,
            }
        )
        provider.journal_id = self.bank
        self.bank.inbound_payment_method_line_ids.payment_account_id = (
            self.create_account("311991", "asset_current")
        )
        for number, state in enumerate(
            ("done", "pending", "cancel", "error", "draft", "done")
        ):
            self.transact(
                provider,
                method,
                f"TOP-{number}",
                state,
                amount=100 + number,
                client_balance_partner_id=self.a.id,
                client_balance_bank_id=self.a1.id,
            )
        invoice = self.invoice(self.a, 300, "2026-02-26")
        paid = self.transact(
            provider,
            method,
            "INV-1",
            "done",
            amount=330,
            invoice_ids=[Command.set(invoice.ids)],
        )
        refund = paid.action_refund(amount_to_refund=30)
        refund = self.env["payment.transaction"].search([("amount", "<", 0)])
        self.notify(refund, "done")

    def transact(self, provider, method, reference, state, **vals):
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": reference,
                "currency_id": self.uah.id,
                "partner_id": self.contact.id,
                "operation": "online_direct",
                **vals,
            }
        )
        if state != "draft":
            self.notify(transaction, state)
        return transaction

    def notify(self, transactions, state):
        for transaction in transactions:
            transaction._process(
                "demo",
                {"reference": transaction.reference, "simulated_state": state},
            )
            if not transaction.is_post_processed:
                transaction._post_process()

    def fill_opening(self):
        """Two imported files: each one is an entry that several clients share."""
        for day, rows in (
            ("2026-01-01", ((self.a, 700), (self.b, 250), (self.c, 90))),
            ("2026-01-02", ((self.e, 40), (self.f, 30))),
        ):
            self.import_opening(
                "\n".join(
                    ["Client,Currency,Amount,Accounting date"]
                    + [f"{client.ref},UAH,{amount},{day}" for client, amount in rows]
                )
            )
        self.import_opening(
            f"Client,Currency,Amount,Accounting date\n{self.d.ref},USD,100,2026-01-01"
        )
        one_of_three = self.made("opening").filtered(lambda row: row.amount == 90)
        one_of_three.with_env(self.manager).action_reverse()

    def import_opening(self, text):
        wizard = self.manager["base_import.import"].create(
            {
                "res_model": "client.balance.settlement",
                "file": text.encode(),
                "file_name": "opening.csv",
                "file_type": "text/csv",
            }
        )
        result = wizard.execute_import(
            ["partner_id", "currency_id", "amount", "date"],
            ["Client", "Currency", "Amount", "Accounting date"],
            {
                "quoting": '"',
                "separator": ",",
                "has_headers": True,
                "date_format": "%Y-%m-%d",
                "float_thousand_separator": " ",
                "float_decimal_separator": ".",
            },
        )
        assert result["ids"], result["messages"]
