from datetime import date
from itertools import pairwise

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form

from .statement_common import StatementCommon


class TestStatementBooks(StatementCommon):
    """The act says what the books say: documents, totals, currencies."""

    def test_an_overpayment_is_one_row_of_what_was_paid(self):
        invoice = self._invoice(20000)
        self._receipt(invoice, 20159, to_client_balance=True)
        act = self._act()
        self.assertEqual(self._rows(act), [("sale", 20000.0), ("payment", -20159.0)])
        self.assertEqual(act.closing_balance, -159.0)

    def test_paying_from_the_balance_is_no_document(self):
        self._settle(1500, date="2026-03-02")
        invoice = self._invoice(1000, date="2026-03-03")
        invoice.with_user(self.clerk).action_apply_client_balance()
        self.assertEqual(invoice.amount_residual, 0.0)
        act = self._act()
        self.assertEqual(self._rows(act), [("manual", -1500.0), ("sale", 1000.0)])
        self.assertEqual(act.closing_balance, -500.0)

    def test_a_shortfall_from_the_balance_is_one_row_of_the_bank_money(self):
        self._settle(1500, date="2026-03-02", bank=self.bank1)
        invoice = self._invoice(10000, date="2026-03-03")
        self._receipt(invoice, 8500, from_client_balance=True)
        act = self._act()
        self.assertEqual(
            self._rows(act),
            [("manual", -1500.0), ("sale", 10000.0), ("payment", -8500.0)],
        )
        self.assertEqual(act.closing_balance, 0.0)

    def test_a_difference_written_off_has_its_own_row(self):
        invoice = self._invoice(1000)
        self.env["account.payment.register"].with_user(self.clerk).with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create(
            {
                "payment_date": "2026-03-10",
                "amount": 990,
                "payment_difference_handling": "reconcile",
                "writeoff_account_id": self.income_account.id,
            }
        )._create_payments()
        self.assertEqual(
            self._rows(self._act()),
            [("sale", 1000.0), ("payment", -990.0), ("write_off", -10.0)],
        )

    def test_a_transfer_to_another_client_stands_in_both_acts(self):
        self._settle(700, date="2026-03-02", bank=self.bank1)
        self._transfer(200, partner_to_id=self.other_client.id)
        self.assertEqual(
            self._rows(self._act()), [("manual", -700.0), ("transfer", 200.0)]
        )
        other = self._act(partner_id=self.other_client.id)
        self.assertEqual(self._rows(other), [("transfer", -200.0)])

    def test_a_transfer_between_own_bank_accounts_is_no_document(self):
        self._settle(700, date="2026-03-02", bank=self.bank1)
        self._transfer(200, bank_to_id=self.bank2.id)
        self.assertEqual(self._rows(self._act()), [("manual", -700.0)])

    def _transfer(self, amount, **vals):
        balance = self.env["client.balance"]._get_balance(
            self.company, self.client, self.bank1, self.uah
        )
        self.env["client.balance.transfer"].with_user(self.manager).create(
            {
                "balance_id": balance.id,
                "partner_id": self.client.id,
                "partner_to_id": self.client.id,
                "amount": amount,
                "date": "2026-03-20",
                "description": "By letter No. 7",
                **vals,
            }
        ).action_confirm()

    def test_credit_note_refund_opening_and_transfer_to_another_client(self):
        self._settle(300, date="2026-03-02", settlement_type="opening")
        self._credit_note(200, date="2026-03-04")
        refund = self._advance(120, date="2026-03-05", payment_type="outbound")
        self.assertEqual(refund.move_id.state, "posted")
        act = self._act()
        self.assertEqual(
            self._rows(act),
            [("opening", -300.0), ("credit_note", -200.0), ("refund", 120.0)],
        )

    def test_an_entry_and_its_reversal_of_one_day_show_nothing(self):
        settlement = self._settle(700, date="2026-03-02")
        settlement.with_user(self.manager).action_reverse()
        act = self._act()
        self.assertEqual(self._rows(act), [])
        self.assertEqual((act.turnover_debit, act.turnover_credit), (0.0, 0.0))

    def test_a_reversal_of_another_month_stands_in_both_acts(self):
        entry = self._entry(700, date="2026-02-20")
        entry._reverse_moves([{"date": date(2026, 3, 5)}], cancel=True)
        february = self._act("2026-02-01", "2026-02-28")
        self.assertEqual(february.closing_balance, -700.0)
        march = self._act()
        self.assertEqual(self._rows(march), [("entry", 700.0)])
        self.assertEqual(march.closing_balance, 0.0)

    def test_drafts_never_stand_in_an_act(self):
        self._invoice(500).button_draft()
        self._entry(50, post=False)
        self.assertEqual(self._rows(self._act()), [])

    def test_other_clients_never_stand_in_an_act(self):
        self._invoice(500, partner=self.other_client)
        self._settle(50, partner_id=self.other_client.id)
        self.assertEqual(self._rows(self._act()), [])

    def test_the_contacts_documents_are_the_clients(self):
        contact = self.env["res.partner"].create(
            {"name": "Olena", "parent_id": self.client.id}
        )
        self._invoice(500, partner=contact)
        act = self._act(partner_id=contact.id)
        self.assertEqual(act.partner_id, self.client)
        self.assertEqual(self._rows(act), [("sale", 500.0)])

    def test_the_journal_says_what_the_invoice_is_called(self):
        invoice = self._invoice(500)
        invoice.journal_id.client_balance_document_kind = "delivery_note"
        act = self._act(print_language="both")
        self.assertEqual(act.line_ids.kind, "delivery_note")
        self.assertIn(invoice.name, act.line_ids.label)

    def test_the_description_of_a_settlement_stands_in_the_act_the_reason_not(self):
        reason = self.env["client.balance.reason"].create(
            {"name": "Gift of the house", "account_id": self.income_account.id}
        )
        self._settle(10, date="2026-03-02", description="By contract No. 5")
        self._settle(20, date="2026-03-03", reason_id=reason.id)
        labels = self._act().line_ids.mapped("label")
        self.assertIn("By contract No. 5", labels[0])
        self.assertNotIn("Gift of the house", labels[1])

    def test_purchases_are_a_section_of_their_own(self):
        self._invoice(1000)
        self._bill(400)
        self.assertEqual(self._rows(self._act()), [("sale", 1000.0)])
        act = self._act(include_purchases=True)
        self.assertEqual(self._rows(act), [("sale", 1000.0)])
        self.assertEqual(self._rows(act, "purchases"), [("bill", -400.0)])
        self.assertEqual(act.closing_balance, 1000.0)
        self.assertEqual(act.purchase_closing_balance, -400.0)

    def test_changing_the_period_of_a_draft_collects_anew(self):
        self._invoice(1000, date="2026-02-10")
        self._invoice(50, date="2026-03-10")
        act = self._act()
        self.assertEqual((act.opening_balance, act.turnover_debit), (1000.0, 50.0))
        form = Form(act.with_user(self.clerk))
        form.date_from = "2026-02-01"
        form.save()
        self.assertEqual((act.opening_balance, act.turnover_debit), (0.0, 1050.0))

    def test_branches_stand_in_the_act_of_their_company(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        invoice = self._invoice(300)
        self.env.cr.execute(
            "UPDATE account_move_line SET company_id = %s WHERE move_id = %s",
            (branch.id, invoice.id),
        )
        self.env.invalidate_all()
        act = self._act(company_id=branch.id)
        self.assertEqual(act.company_id, self.company)
        self.assertEqual(self._rows(act), [("sale", 300.0)])

    # Totals ---------------------------------------------------------------------------

    def _mix(self):
        """Documents of three months and a change of year."""
        self._invoice(5000, date="2025-12-20")
        first = self._invoice(20000, date="2026-02-10")
        self._receipt(first, 20159, date="2026-02-15", to_client_balance=True)
        self._settle(33.33, date="2026-03-02", bank=self.bank1)
        second = self._invoice(150.5, date="2026-03-05")
        second.with_user(self.clerk).action_apply_client_balance()
        self._credit_note(20.25, date="2026-03-15")
        self._advance(1000, date="2026-03-31")
        self._invoice(77.77, date="2026-04-01")

    def test_totals_equal_an_independent_sum(self):
        self._mix()
        act = self._act()
        self.assertEqual(act.opening_balance, round(self._sql_balance("2026-02-28"), 2))
        self.assertEqual(
            (act.turnover_debit, act.turnover_credit),
            tuple(
                round(amount, 2)
                for amount in self._sql_turnovers("2026-03-01", "2026-03-31")
            ),
        )
        self.assertEqual(act.closing_balance, round(self._sql_balance("2026-03-31"), 2))
        self.assertTrue(act.turnover_debit and act.turnover_credit)

    def test_an_act_closes_where_the_next_one_opens(self):
        self._mix()
        borders = [
            ("2025-11-01", "2025-12-31"),
            ("2026-01-01", "2026-02-28"),
            ("2026-03-01", "2026-03-31"),
            ("2026-04-01", "2026-04-30"),
        ]
        acts = [self._act(*period) for period in borders]
        for before, after in pairwise(acts):
            self.assertEqual(before.closing_balance, after.opening_balance)
        whole = self._act(borders[0][0], borders[-1][1])
        self.assertEqual(whole.closing_balance, acts[-1].closing_balance)
        self.assertEqual(
            round(sum(act.turnover_debit for act in acts), 2), whole.turnover_debit
        )

    def test_without_documents_it_has_no_rows_and_no_debt(self):
        act = self._act()
        self.assertEqual((self._rows(act), act.closing_balance), ([], 0.0))
        self.assertIn(
            "there is no debt", act._get_print_data("en_US")["conclusions"][0]
        )

    def test_the_debt_in_figures_and_words(self):
        self._invoice(1001)
        data = self._act()._get_print_data("en_US")
        self.assertIn("one thousand and one hryvnias 00 kop.", data["conclusions"][0])
        self.assertIn("in favour of Perfect Trade", data["conclusions"][0])
        self._settle(3000, date="2026-03-02")
        data = self._act()._get_print_data("en_US")
        self.assertIn("in favour of Romashka LLC", data["conclusions"][0])

    # Currencies -----------------------------------------------------------------------

    def test_the_preamble_names_both_parties_and_who_signs(self):
        self.client.name = "Romashka <LLC>"
        act = self._act(client_signatory="I. Franko", client_position="Director")
        self.assertIn(
            "and <strong>Romashka &lt;LLC&gt;</strong>, represented by Director"
            " I. Franko, on the other side",
            act._get_print_data("en_US")["preamble"],
        )

    def test_each_currency_has_its_own_act(self):
        self._invoice(100, currency=self.usd)
        self._invoice(700)
        self.assertEqual(self._rows(self._act()), [("sale", 700.0)])
        dollars = self._act(currency_id=self.usd.id)
        self.assertEqual(self._rows(dollars), [("sale", 100.0)])

    def _pay_dollars_in_hryvnias(self, rate, amount, date="2026-03-10", **vals):
        self._set_rate(self.usd, date, rate)
        invoice = self._invoice(100, currency=self.usd)
        payment = self._receipt(invoice, amount, date=date, currency=self.uah, **vals)
        self.assertEqual(invoice.payment_state, "paid")
        return invoice, payment

    def test_a_dollar_invoice_paid_in_hryvnias_after_the_rate_rose(self):
        self._pay_dollars_in_hryvnias(44.0, 4400)
        dollars = self._act(currency_id=self.usd.id)
        self.assertEqual(self._rows(dollars), [("sale", 100.0), ("payment", -100.0)])
        text = dollars.line_ids[1].label.replace("\xa0", " ")
        self.assertRegex(text, r"4,400\.00 .*₴.* for \$ ?100\.00 at 44\.0000 UAH/USD")
        self.assertEqual(self._rows(self._act()), [])
        self.assertEqual(self._act().closing_balance, 0.0)

    def test_a_dollar_invoice_paid_in_hryvnias_after_the_rate_fell(self):
        self._pay_dollars_in_hryvnias(36.0, 3600)
        dollars = self._act(currency_id=self.usd.id)
        self.assertEqual(self._rows(dollars), [("sale", 100.0), ("payment", -100.0)])
        self.assertEqual(self._rows(self._act()), [])

    def test_what_was_paid_too_much_stays_in_the_act_of_its_currency(self):
        self._pay_dollars_in_hryvnias(44.0, 5000, to_client_balance=True)
        self.assertEqual(self._rows(self._act()), [("payment", -600.0)])
        self.assertEqual(
            self._rows(self._act(currency_id=self.usd.id)),
            [("sale", 100.0), ("payment", -100.0)],
        )

    def test_a_hryvnia_invoice_paid_in_dollars(self):
        self._set_rate(self.usd, "2026-03-10", 44.0)
        invoice = self._invoice(4400)
        self._receipt(invoice, 100, currency=self.usd)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(
            self._rows(self._act()), [("sale", 4400.0), ("payment", -4400.0)]
        )
        self.assertEqual(self._rows(self._act(currency_id=self.usd.id)), [])

    def test_an_advance_in_hryvnias_pays_a_dollar_invoice_of_a_later_month(self):
        advance = self._advance(4000, date="2026-02-05")
        invoice = self._invoice(100, date="2026-03-10", currency=self.usd)
        february = self._act("2026-02-01", "2026-02-28")
        self.assertEqual(february.closing_balance, -4000.0)
        self._match(advance, invoice)
        march = self._act()
        self.assertEqual(march.opening_balance, february.closing_balance)
        self.assertEqual(self._rows(march), [("offset", 4000.0)])
        self.assertEqual(march.closing_balance, 0.0)
        dollars = self._act(currency_id=self.usd.id)
        self.assertEqual(self._rows(dollars), [("sale", 100.0), ("offset", -100.0)])

    def test_an_undone_match_puts_the_debt_back(self):
        invoice, payment = self._pay_dollars_in_hryvnias(44.0, 4400)
        invoice.line_ids.remove_move_reconcile()
        dollars = self._act(currency_id=self.usd.id)
        self.assertEqual(self._rows(dollars), [("sale", 100.0)])
        act = self._act()
        self.assertEqual(self._rows(act), [("payment", -4400.0)])
        self.assertTrue(payment.move_id)

    def test_open_amounts_equal_the_act_in_every_currency(self):
        self._pay_dollars_in_hryvnias(44.0, 5000, to_client_balance=True)
        invoice = self._invoice(250, date="2026-03-12", currency=self.usd)
        self._receipt(invoice, 4400, date="2026-03-20", currency=self.uah)
        for currency in (self.uah, self.usd):
            lines = self.env["account.move.line"].search(
                [
                    ("partner_id", "=", self.client.id),
                    ("currency_id", "=", currency.id),
                    ("parent_state", "=", "posted"),
                    ("account_id.reconcile", "=", True),
                    "|",
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("account_id.is_client_balance", "=", True),
                ]
            )
            act = self._act(currency_id=currency.id)
            self.assertEqual(
                act.closing_balance,
                currency.round(sum(lines.mapped("amount_residual_currency"))),
                currency.name,
            )

    def test_exchange_differences_stand_only_with_foreign_documents(self):
        self._set_rate(self.usd, "2026-03-10", 44.0)
        invoice = self._invoice(100, currency=self.usd)
        self._receipt(invoice, 100)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(
            self._rows(self._act(currency_id=self.usd.id)),
            [("sale", 100.0), ("payment", -100.0)],
        )
        act = self._act(include_foreign=True)
        self.assertEqual(
            self._rows(act),
            [("sale", 4000.0), ("payment", -4400.0), ("exchange_difference", 400.0)],
        )
        self.assertEqual(act.closing_balance, 0.0)
        self.assertIn("100.00", act.line_ids[0].label)

    def test_foreign_documents_are_included_only_in_the_company_currency(self):
        with self.assertRefused("Only an act in UAH", ValidationError):
            self._act(currency_id=self.usd.id, include_foreign=True)

    def test_an_exchange_stands_in_both_acts(self):
        self._settle(100, date="2026-03-02", currency_id=self.usd.id)
        balance = self.env["client.balance"]._get_balance(
            self.company, self.client, None, self.usd
        )
        form = Form(
            self.env["client.balance.exchange"]
            .with_user(self.manager)
            .with_context(default_balance_id=balance.id)
        )
        form.amount = 100
        form.currency_to_id = self.uah
        form.date = "2026-03-20"
        form.save().action_confirm()
        self.assertEqual(
            self._rows(self._act(currency_id=self.usd.id)),
            [("manual", -100.0), ("exchange", 100.0)],
        )
        self.assertEqual(self._rows(self._act()), [("exchange", -4000.0)])

    def test_a_currency_without_decimals(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        self._set_rate(yen, "2026-01-01", 0.25)
        self._invoice(1000, currency=yen)
        act = self._act(currency_id=yen.id)
        self.assertEqual(self._rows(act), [("sale", 1000.0)])
        self.assertEqual(act._format_amount(act.closing_balance), "1,000")


class TestStatementStates(StatementCommon):
    """A sent act is frozen; answers, versions and rights."""

    def test_a_sent_act_keeps_its_data_when_the_books_change(self):
        self._invoice(1000)
        self.client.company_registry = "12345678"
        act = self._sent()
        before = self._printed(act)
        self._invoice(250, date="2026-03-15")
        self._settle(99, date="2026-02-01")
        self.client.write({"name": "Romashka Plus", "company_registry": "87654321"})
        self.env.invalidate_all()
        self.assertEqual(self._printed(act), before)
        self.assertIn("12345678", before)
        self.assertEqual(self._act().closing_balance, 1151.0)

    def _printed(self, act):
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "client_balance.action_report_client_balance_statement", act.ids
        )
        return html.decode()

    def test_a_sent_act_names_the_country_in_each_language(self):
        germany = self.env.ref("base.de")
        self.client.write({"country_id": germany.id, "city": "Köln"})
        act = self._sent()
        self.client.country_id = self.env.ref("base.fr")
        for lang, name in (("en_US", "Germany"), ("uk_UA", "Німеччина")):
            with self.subTest(lang=lang):
                printed = act._get_print_data(lang)["client"]["address"]
                self.assertEqual(printed, f"Köln, {name}")

    def test_nothing_on_a_sent_act_is_edited(self):
        self._invoice(1000)
        act = self._sent().with_user(self.clerk)
        for vals in (
            {"date": "2026-04-01"},
            {"contract": "No. 5"},
            {"state": "draft"},
            {"closing_balance": 5},
            {"opening_balance": 5},
            {"parties_data": {}},
        ):
            with self.assertRefused("does not change any more|only with its buttons"):
                act.write(vals)
        with self.assertRefused("Our half of the act comes from the books"):
            act.line_ids[0].debit = 5
        with self.assertRefused("Our half of the act comes from the books"):
            act.line_ids[0].unlink()
        with self.assertRefused("was sent and is kept"):
            act.unlink()

    def test_lines_of_our_half_are_never_typed(self):
        self._invoice(1000)
        act = self._act().with_user(self.clerk)
        with self.assertRefused("Our half of the act comes from the books"):
            self.env["client.balance.statement.line"].with_user(self.clerk).create(
                {"statement_id": act.id, "debit": 10}
            )
        with self.assertRefused("in state “Draft”"):
            act.line_ids[0].client_credit = 10
        with self.assertRefused("only with its buttons"):
            act.copy({"state": "agreed"})

    def test_sending_collects_what_came_meanwhile(self):
        act = self._act()
        self._invoice(1000)
        act.with_user(self.clerk).action_mark_sent()
        self.assertEqual(act.closing_balance, 1000.0)
        with self.assertRefused("in state “Sent”"):
            act.with_user(self.clerk).action_mark_sent()

    def test_sending_mails_the_act_with_its_file(self):
        self._invoice(1000)
        act = self._act()
        act.with_user(self.clerk).action_send()
        mail = self.env["mail.mail"].search([("res_id", "=", act.id)], limit=1)
        self.assertEqual(act.state, "sent")
        self.assertIn(act.name, mail.subject)
        self.assertIn(act.access_token, mail.body_html)
        self.assertTrue(mail.attachment_ids)

    def test_without_an_address_it_is_not_sent(self):
        self.client.email = False
        act = self._act()
        with self.assertRefused("has no e-mail address"):
            act.with_user(self.clerk).action_send()
        self.assertEqual(act.state, "draft")

    def _answer(self, act, **vals):
        return (
            self.env["client.balance.statement.answer"]
            .with_user(self.clerk)
            .create({"statement_id": act.id, **vals})
        )

    def test_a_paper_needs_the_scan_the_signer_and_the_date(self):
        act = self._sent()
        with self.assertRefused("Attach the signed scan"):
            self._answer(act, signed_by="Petro").action_confirm()
        wrong = self._answer(
            act, signed_by="Petro", document=b"MZ", document_name="act.exe"
        )
        with self.assertRefused("is no signed document"):
            wrong.action_confirm()

    def test_a_signed_paper_is_kept_and_the_client_mirrors_us(self):
        self._invoice(1000)
        self._settle(300, date="2026-03-02")
        act = self._sent()
        self._answer(
            act,
            signed_by="Petro Bondar",
            signed_on="2026-04-10",
            document=b"TVo=",
            document_name="act.p7s",
        ).action_confirm()
        self.assertEqual((act.state, act.signed_by), ("agreed", "Petro Bondar"))
        self.assertEqual(act.signed_attachment_id.name, "act.p7s")
        self.assertEqual(act.signed_attachment_id.res_id, act.id)
        signed = act.with_user(self.clerk)
        with self.assertRefused("in state “Agreed”"):
            signed.client_opening_balance = 5.0
        with self.assertRefused("in state “Agreed”"):
            # with another field beside it, which a signed act may change
            signed.write({"client_opening_balance": 5.0, "user_id": self.clerk.id})
        self.assertEqual(
            [(line.client_debit, line.client_credit) for line in act.line_ids],
            [(line.credit, line.debit) for line in act.line_ids],
        )
        self.assertEqual(act.client_closing_balance, -act.closing_balance)
        self.assertEqual(act.difference, 0.0)

    def test_differences_on_paper_are_typed_by_the_office(self):
        self._invoice(1000)
        act = self._sent()
        act.with_user(self.clerk).action_mirror()
        act.with_user(self.clerk).line_ids.client_credit = 900
        self._answer(
            act,
            outcome="differences",
            signed_by="Petro",
            document=b"TVo=",
            document_name="act.pdf",
        ).action_confirm()
        self.assertEqual((act.state, act.difference), ("differences", 100.0))

    def test_a_refusal_needs_a_reason_and_tells_the_accountant(self):
        act = self._sent()
        with self.assertRefused("Write down why"):
            self._answer(act, outcome="refused", answer="  ").action_confirm()
        self._answer(act, outcome="refused", answer="Not ours").action_confirm()
        self.assertEqual((act.state, act.answer), ("refused", "Not ours"))
        self.assertEqual(act.activity_ids.user_id, self.clerk)
        self.assertIn("Not ours", act.activity_ids.note)

    def test_an_act_of_nobody_is_answered_to_whom_the_settings_name(self):
        """The scheduled action makes acts for nobody in particular."""
        act = self._act()
        act.user_id = False
        self.client.user_id = self.salesperson
        self.assertEqual(act._get_responsible(), self.salesperson)
        self.company.client_balance_responsible_id = self.accountant
        self.assertEqual(act._get_responsible(), self.accountant)

    def test_the_accountant_is_told_in_the_own_language(self):
        self.clerk.lang = "uk_UA"
        act = self._sent()
        self._answer(act, outcome="refused", answer="Not ours").action_confirm()
        self.assertEqual(act.activity_ids.summary, "Romashka LLC: Відмовлено")

    def test_a_new_version_says_what_differs(self):
        self._invoice(1000)
        gone = self._invoice(10, date="2026-03-03")
        act = self._sent()
        gone.button_draft()
        added = self._invoice(250, date="2026-03-15")
        action = act.with_user(self.clerk).action_reissue()
        new = act.browse(action["res_id"])
        self.assertEqual(act.state, "revoked")
        self.assertEqual(
            (new.state, new.name, new.version, new.previous_id),
            ("draft", act.name, 2, act),
        )
        text = new.version_difference
        self.assertRegex(text, r"Left out: .*10\.00")
        self.assertIn(added.name, text)
        self.assertNotRegex(text, r"1,000\.00 ?<")
        self.assertNotEqual(new.access_token, act.access_token)
        with self.assertRefused("already has a next version"):
            act.with_user(self.clerk).action_reissue()

    def test_a_second_act_of_the_period_is_announced(self):
        first = self._act()
        self.assertEqual(self._act().twin_id, first)
        self.assertFalse(self._act("2026-02-01", "2026-02-28").twin_id)

    def test_a_period_does_not_end_before_it_begins(self):
        with self.assertRefused("ends before it begins", ValidationError):
            self._act("2026-04-01", "2026-03-01")

    def test_a_language_that_is_not_installed_is_refused(self):
        self.env["res.lang"]._lang_get("uk_UA").active = False
        with self.assertRefused("language that is not installed", ValidationError):
            self._act(print_language="both")

    # Rights ---------------------------------------------------------------------------

    def test_readers_read_and_officers_make(self):
        act = self._act()
        self.assertEqual(act.with_user(self.reader).closing_balance, 0.0)
        for user in (self.reader, self.salesperson):
            with self.assertRefused("not allowed|access", AccessError):
                self._act(user=user)
        with self.assertRefused("not allowed|access", AccessError):
            act.with_user(self.reader).action_mark_sent()
        with self.assertRefused("not allowed|access", AccessError):
            act.with_user(self.employee).read(["name"])

    def test_a_salesperson_reads_the_acts_of_the_own_clients(self):
        self._invoice(1000)
        act = self._act()
        with self.assertRefused("not allowed|access", AccessError):
            act.with_user(self.salesperson).read(["name"])
        with self.assertRefused("not allowed|access", AccessError):
            act.line_ids.with_user(self.salesperson).read(["number"])
        self.client.user_id = self.salesperson
        self.assertTrue(act.with_user(self.salesperson).name)
        Form(act.with_user(self.salesperson))

    def test_another_company_does_not_see_it(self):
        act = self._act()
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self._create_user(
            "cb_other", "client_balance.group_client_balance_officer"
        )
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        theirs = act.with_user(stranger).with_context(allowed_company_ids=other.ids)
        with self.assertRefused("not allowed|access", AccessError):
            theirs.read(["name"])

    def test_officers_need_no_right_on_journals(self):
        officer = self._create_user(
            "cb_officer", "client_balance.group_client_balance_officer"
        )
        self._invoice(1000)
        self.assertEqual(self._act(user=officer).closing_balance, 1000.0)

    def test_the_pass_is_not_forged_from_the_context(self):
        act = self._sent()
        forged = act.with_user(self.clerk).with_context(client_balance_statement=True)
        with self.assertRefused("does not change any more|only with its buttons"):
            forged.write({"state": "draft"})

    def test_drafts_are_deleted(self):
        self._act().with_user(self.clerk).unlink()

    def test_the_client_card_counts_acts(self):
        act = self._act()
        client = self.client.with_user(self.reader)
        self.assertEqual(client.client_balance_statement_count, 1)
        action = client.action_open_client_balance_statements()
        found = self.env["client.balance.statement"].search(action["domain"])
        self.assertEqual(found, act)
