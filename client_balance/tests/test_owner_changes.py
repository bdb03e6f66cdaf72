from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestOwnerChanges(ClientBalanceCommon):
    """Clients, bank accounts, currencies and companies change: no money is lost."""

    def _merge(self, source, target):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (source | target).ids, target
        )
        self.env.invalidate_all()

    def _switch_on(self, other):
        """The people work in the company of the test and in ``other`` at once."""
        (self.env.user | self.manager).company_ids |= other
        companies = self.company | other
        self.env = self.env(context={"allowed_company_ids": companies.ids})
        self.client = self.client.with_env(self.env)
        self.other_client = self.other_client.with_env(self.env)

    def assertChain(self, settlements, amounts):
        """The chain is numbered 1..n in recording order and sums up."""
        self.assertEqual(settlements.mapped("amount"), amounts)
        self.assertEqual(settlements.mapped("number"), list(range(1, len(amounts) + 1)))
        self.assertEqual(settlements, settlements.sorted("id"))
        level, levels = 0, []
        for amount in amounts:
            level += amount
            levels.append(level)
        self.assertEqual(settlements.mapped("balance_after"), levels)

    # Clients are merged ---------------------------------------------------------------

    def test_merging_clients_adds_up_the_same_key(self):
        """1,000.00 and 2,000.00 without bank account, part of both is spent."""
        self._settle(1000, date="2026-03-01")
        self._settle(2000, date="2026-03-02", partner_id=self.other_client.id)
        self._settle(-300, date="2026-03-03")
        self._settle(-500, date="2026-03-04", partner_id=self.other_client.id)
        rows = self._settlements() | self._settlements(partner=self.other_client)
        dates = {row.id: row.date for row in rows}
        self._merge(self.client, self.other_client)
        self.assertEqual(self._balance(partner=self.other_client), 2200)
        settlements = self._settlements(partner=self.other_client)
        self.assertChain(settlements, [1000, 2000, -300, -500])
        self.assertEqual({row.id: row.date for row in settlements}, dates)
        self.assertEqual(settlements.partner_id, self.other_client)
        self.assertFalse(self.client.exists())

    def test_the_chatter_of_the_balance_says_so(self):
        self._settle(1000)
        self._settle(2000, partner_id=self.other_client.id)
        self._merge(self.client, self.other_client)
        balance = self._settlements(partner=self.other_client).balance_id
        self.assertRegex(
            balance.message_ids[0].body, r"Romashka LLC.*Volia PJSC.*2 settlements"
        )

    def test_merging_moves_a_key_that_the_other_client_did_not_have(self):
        self._settle(1000, bank=self.bank1)
        self._settle(-200, bank=self.bank1, date="2026-03-02")
        self._merge(self.client, self.other_client)
        self.assertEqual(self.bank1.partner_id, self.other_client)
        self.assertEqual(self._balance(self.bank1, self.other_client), 800)

    def test_merging_clients_with_the_same_bank_account_adds_up(self):
        twin = self.env["res.partner.bank"].create(
            {"partner_id": self.other_client.id, "acc_number": "UA00 1111"}
        )
        self._settle(1000, bank=self.bank1)
        self._settle(-700, bank=self.bank1, date="2026-03-02")
        self._settle(50, partner_id=self.other_client.id, bank=twin)
        self._merge(self.client, self.other_client)
        self.assertChain(self._settlements(twin, self.other_client), [1000, -700, 50])
        items = self.env["account.move.line"].search(
            [("account_id", "=", self.balance_account.id)]
        )
        self.assertEqual(items.client_balance_bank_id, twin)

    def test_merging_two_clients_with_one_bank_account_into_a_third_adds_up(self):
        number, merged = "UA005555", self.env["res.partner"]
        for name, amount in (("Petro", 10), ("Pavlo", 20)):
            client = self._create_client(name)
            bank = self.env["res.partner.bank"].create(
                {"partner_id": client.id, "acc_number": number}
            )
            self._settle(amount, partner_id=client.id, bank=bank)
            merged |= client
        self._merge(merged, self.client)
        bank = self.client.bank_ids.filtered(lambda bank: bank.acc_number == number)
        self.assertEqual(len(bank), 1)
        self.assertChain(self._settlements(bank), [10, 20])
        self.assertEqual(self._balance(bank), 30)

    def test_merging_keeps_the_bank_account_of_a_contact_apart(self):
        contact = self.env["res.partner"].create(
            {"name": "Olena", "parent_id": self.other_client.id}
        )
        bank = self.env["res.partner.bank"].create(
            {"partner_id": contact.id, "acc_number": self.bank1.acc_number}
        )
        self._settle(10, partner_id=self.other_client.id, bank=bank)
        self._settle(7, bank=self.bank1)
        self._merge(self.other_client, self.client)
        self.assertEqual(contact.commercial_partner_id, self.client)
        self.assertEqual(self._balance(bank), 10)
        self.assertEqual(self._balance(self.bank1), 7)

    def test_merging_keeps_limits_and_days_in_order(self):
        self._settle(100)
        self._settle(100, partner_id=self.other_client.id)
        balances = (
            self._settlements().balance_id
            | self._settlements(partner=self.other_client).balance_id
        )
        balances.overdraft_limit = 50
        self._settle(-150, date="2026-03-02")
        self._merge(self.client, self.other_client)
        balance = self._settlements(partner=self.other_client).balance_id
        self.assertRecordValues(
            balance, [{"amount": 50, "overdraft_limit": 100, "available": 150}]
        )

    def test_merging_matches_an_overdraft_with_the_other_money(self):
        self._settle(100)
        self._settlements().balance_id.overdraft_limit = 50
        spend = self._settle(-150, date="2026-03-02")
        self._settle(100, partner_id=self.other_client.id)
        self._merge(self.client, self.other_client)
        self.assertTrue(self._line(spend.move_id).reconciled)

    def test_merging_keeps_invoices_and_their_links(self):
        self._settle(1500, bank=self.bank1)
        invoice = self._invoice(1000, client_balance_bank_id=self.bank1.id)
        invoice.with_user(self.clerk).action_apply_client_balance(self.bank1.id)
        self._merge(self.client, self.other_client)
        self.assertIn("1,000.00", invoice.client_balance_spent)
        invoice.button_draft()
        self.assertEqual(self._balance(self.bank1, self.other_client), 1500)

    def test_merging_contacts_named_in_entries_leaves_the_money_where_it_is(self):
        contact = self.env["res.partner"].create(
            {"name": "Olena", "parent_id": self.client.id}
        )
        other = self.env["res.partner"].create(
            {"name": "Olena", "parent_id": self.other_client.id}
        )
        entry = self._entry(100, partner=contact)
        self._merge(contact, other)
        self.assertEqual(self._balance(), 100)
        self.assertEqual(self._balance(partner=self.other_client), 0)
        self.assertEqual(self._line(entry).partner_id, self.client)

    def test_contacts_of_a_merged_client_follow_their_new_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Olena", "parent_id": self.client.id}
        )
        self._entry(100, partner=contact)
        self._entry(-30, partner=contact, date="2026-03-02")
        self._merge(self.client, self.other_client)
        self.assertEqual(contact.commercial_partner_id, self.other_client)
        self.assertEqual(self._balance(partner=self.other_client), 70)

    def test_a_bank_account_with_another_clients_money_is_not_merged_away(self):
        contact = self.env["res.partner"].create(
            {"name": "Olena", "parent_id": self.client.id}
        )
        bank = self.env["res.partner.bank"].create(
            {"partner_id": contact.id, "acc_number": "UA003333"}
        )
        self._settle(100, bank=bank)
        with self.assertRefused("Transfer the money"):
            self._merge(contact, self.other_client)

    # A client moves under another -----------------------------------------------------

    def test_a_client_placed_under_another_takes_the_money_along(self):
        person = self._create_client("Petro", is_company=False)
        self._settle(1000, partner_id=person.id)
        self._settle(-800, partner_id=person.id, date="2026-03-02")
        self._settle(50)
        person.parent_id = self.client
        self.assertEqual(person.commercial_partner_id, self.client)
        self.assertChain(self._settlements(), [1000, -800, 50])
        self.assertEqual(self._balance(), 250)

    def test_an_owner_that_a_program_writes_takes_the_money_along(self):
        self._settle(1000)
        self._entry(50)
        self.client.commercial_partner_id = self.other_client
        self.assertEqual(self._balance(partner=self.other_client), 1050)

    def test_a_client_with_a_bank_account_placed_under_another_keeps_it(self):
        person = self._create_client("Petro", is_company=False)
        bank = self.env["res.partner.bank"].create(
            {"partner_id": person.id, "acc_number": "UA004444"}
        )
        self._settle(1000, partner_id=person.id, bank=bank)
        self._settle(-800, partner_id=person.id, bank=bank, date="2026-03-02")
        person.parent_id = self.client
        self.assertEqual(self._balance(bank), 200)
        self.assertEqual(len(self._settlements(bank)), 2)

    def test_a_company_placed_under_another_stays_its_own_client(self):
        self._settle(1000)
        self.client.parent_id = self.other_client
        self.assertEqual(self._balance(), 1000)

    def test_a_contact_that_becomes_a_company_leaves_the_money_with_its_client(self):
        contact = self.env["res.partner"].create(
            {"name": "Olena", "parent_id": self.client.id}
        )
        entry = self._entry(100, partner=contact)
        contact.is_company = True
        self.assertEqual(self._balance(partner=contact), 0)
        self.assertEqual(self._balance(), 100)
        self.assertEqual(self._line(entry).partner_id, self.client)

    def test_a_contact_whose_money_the_company_spent_may_leave(self):
        contact = self.env["res.partner"].create(
            {"name": "Olena", "parent_id": self.client.id}
        )
        self._entry(100, partner=contact)
        self._settle(-60, date="2026-03-02")
        contact.parent_id = False
        self.assertEqual(self._balance(), 40)

    def test_a_contact_on_whose_bank_account_money_lies_cannot_leave(self):
        contact = self.env["res.partner"].create(
            {"name": "Olena", "parent_id": self.client.id}
        )
        bank = self.env["res.partner.bank"].create(
            {"partner_id": contact.id, "acc_number": "UA003333"}
        )
        self._settle(100, bank=bank)
        for vals in ({"parent_id": self.other_client.id}, {"is_company": True}):
            with (
                self.subTest(vals),
                self.assertRefused("cannot leave.*First make Romashka LLC the holder"),
            ):
                contact.write(dict(vals))
        self.assertEqual(self._balance(bank), 100)
        bank.partner_id = self.client
        contact.is_company = True
        self.assertEqual(self._balance(bank), 100)
        self.assertEqual(contact.commercial_partner_id, contact)

    # Archiving, deleting, reassigning -------------------------------------------------

    def test_a_client_with_money_is_not_archived(self):
        self._settle(1000, bank=self.bank1)
        with self.assertRefused("1,000.00(.|\n)*transfer"):
            self.client.action_archive()
        self._settle(-1000, bank=self.bank1, date="2026-03-02")
        self.client.action_archive()
        self.assertFalse(self.client.active)

    def test_a_client_with_money_is_not_given_to_another_company(self):
        other = self._create_company(name="Other Trade", currency_id=self.uah.id)
        self._settle(1000, bank=self.bank1)
        with self.assertRefused(
            "Romashka LLC cannot belong to Other Trade alone(.|\n)*1,000.00"
        ):
            self.client.company_id = other
        branch = self.env["res.company"].create(
            {"name": "Perfect Trade Lviv", "parent_id": self.company.id}
        )
        self._switch_on(branch)
        for company in (self.company, branch, self.env["res.company"]):
            self.client.company_id = company
        self._settle(-1000, bank=self.bank1, date="2026-03-02")
        self.client.company_id = other
        self.assertEqual(self._balance(self.bank1), 0)

    def test_an_account_of_a_contact_stays_apart_from_the_merged_one(self):
        """Odoo makes one of two accounts with one number, but none of a contact's."""
        contact = self._create_client("Olena")
        banks = self.env["res.partner.bank"].create(
            [
                {"partner_id": owner.id, "acc_number": "UA009999"}
                for owner in (contact, self.client)
            ]
        )
        for bank, amount in zip(banks, (1000, 200), strict=True):
            self._settle(amount, bank=bank, partner_id=bank.partner_id.id)
        contact.write({"is_company": False, "parent_id": self.other_client.id})
        self._merge(self.client, self.other_client)
        self.assertEqual(banks.partner_id, contact | self.other_client)
        for bank, amount in zip(banks, (1000, 200), strict=True):
            self.assertEqual(self._balance(bank, self.other_client), amount)
        self.assertLedgerSound()

    def test_money_does_not_come_to_a_client_of_another_company(self):
        """Neither by merging two clients nor by placing one under the other."""
        other = self._create_company(name="Other Trade", currency_id=self.uah.id)
        self._switch_on(other)
        self.other_client.company_id = other
        self._settle(1000, bank=self.bank1)
        refusal = "Volia PJSC cannot belong to Other Trade alone(.|\n)*1,000.00"
        with self.assertRefused(refusal):
            self._merge(self.client, self.other_client)
        with self.assertRefused(refusal):
            self.client.write({"is_company": False, "parent_id": self.other_client.id})
        self.assertEqual(self._balance(self.bank1), 1000)

    def test_a_client_with_settlements_is_not_deleted(self):
        self._settle(1000)
        self._settle(-1000, date="2026-03-02")
        with self.assertRaises(UserError):
            self.client.unlink()

    def test_a_client_with_a_claimed_but_empty_balance_may_be_deleted(self):
        client = self._create_client("Petro")
        self.env["client.balance"]._touch(
            (self.company, client, self.env["res.partner.bank"], self.uah)
        )
        client.unlink()
        self.assertFalse(client.exists())

    def test_a_bank_account_with_money_is_neither_archived_nor_deleted(self):
        self._settle(1000, bank=self.bank1)
        for refused in (self.bank1.action_archive, self.bank1.unlink):
            with self.assertRefused("1,000.00(.|\n)*Transfer"):
                refused()
        self.bank2.unlink()
        self._settle(-1000, bank=self.bank1, date="2026-03-02")
        self.bank1.unlink()
        self.assertFalse(self.bank1.active)
        self.assertEqual(self._settlements(self.bank1).partner_bank_id, self.bank1)

    def test_a_bank_account_with_settlements_is_not_given_to_another_client(self):
        self._settle(1000, bank=self.bank1)
        with self.assertRefused("cannot be given to Volia"):
            self.bank1.partner_id = self.other_client
        contact = self.env["res.partner"].create(
            {"name": "Olena", "parent_id": self.client.id}
        )
        self.bank1.partner_id = contact
        self.bank2.partner_id = self.other_client

    def test_a_default_bank_account_that_went_to_another_client_is_passed_over(self):
        self.client.client_balance_bank_id = self.bank2
        self.assertEqual(self.client._get_client_balance_bank(), self.bank2)
        self.bank2.partner_id = self.other_client
        self.assertEqual(self.client._get_client_balance_bank(), self.bank1)

    def test_changing_the_default_bank_account_moves_nothing(self):
        self._settle(1000, bank=self.bank1)
        self.client.client_balance_bank_id = self.bank2
        self.bank2.sequence = 1
        self.assertEqual(self._balance(self.bank1), 1000)

    def test_a_currency_in_which_money_is_kept_is_not_deactivated(self):
        zloty = self.env.ref("base.PLN")
        zloty.active = True
        self._set_rate(zloty, "2026-01-01", 10.0)
        settlement = self._settle(10, currency_id=zloty.id)
        with self.assertRefused("1 client balances"):
            zloty.active = False
        settlement.with_user(self.manager).action_reverse()
        zloty.active = False
        self.assertFalse(zloty.active)

    def test_a_company_with_balances_is_not_deleted(self):
        self._settle(1000)
        with self.assertRaises(UserError):
            self.company.unlink()

    # Branches -------------------------------------------------------------------------

    def test_a_branch_uses_the_balance_of_its_company(self):
        self._settle(1500)
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env.user.company_ids += branch
        self.clerk.company_ids += branch
        companies = (self.company | branch).ids
        self.env = self.env(
            context=dict(self.env.context, allowed_company_ids=companies)
        )
        self.client.with_company(
            branch
        ).property_account_receivable_id = self.receivable
        invoice = self._invoice(1000, company_id=branch.id)
        self.assertEqual(invoice.company_id, branch)
        clerk_invoice = invoice.with_user(self.clerk)
        self.assertTrue(clerk_invoice.action_apply_client_balance())
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(), 500)
        entry = invoice.client_balance_settlement_ids.move_id
        self.assertEqual(entry.company_id, branch)
        self.assertEqual(invoice.client_balance_settlement_ids.company_id, self.company)
        content = invoice.invoice_payments_widget["content"]
        clerk_invoice.js_remove_outstanding_partial(content[0]["partial_id"])
        self.assertEqual(self._balance(), 1500)
