from contextlib import suppress

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .money_common import MoneyCommon

BY_WHOM = "Only a manager of client balances of Perfect Trade"


@tagged("post_install", "-at_install")
class TestOwnerDecision(MoneyCommon):
    """A client's money comes to another client by a manager, or not at all.

    The editor manages contacts and has no accounting right whatsoever.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        contacts = cls.env.ref("base.group_partner_manager")
        cls.editor = cls._create_user("cb_editor", "base.group_partner_manager")
        cls.bookkeeper = cls._create_user("cb_book", "account.group_account_user")
        for user in (cls.clerk, cls.accountant, cls.bookkeeper):
            user.group_ids += contacts
        (cls.client | cls.other_client).email = "both@example.com"

    def _contact(self, name="Olena", parent=None, **vals):
        return self.env["res.partner"].create(
            {
                "name": name,
                "parent_id": (parent or self.client).id,
                "email": "both@example.com",
                **vals,
            }
        )

    def _client(self, name, **vals):
        return self._create_client(name, email="both@example.com", **vals)

    def _rpc(self, user):
        """Commands that core runs past ``sudo()`` run as whoever has called."""
        self.addCleanup(
            setattr,
            self.env.transaction,
            "default_env",
            self.env.transaction.default_env,
        )
        self.env.transaction.default_env = self.env(user=user)

    def _bank(self, partner, number="UA007777"):
        return self.env["res.partner.bank"].create(
            {"partner_id": partner.id, "acc_number": number}
        )

    def _place(self, user, client=None, parent=None, env=None):
        """``user`` makes a part of another client of ``client``."""
        (client or self.client).with_user(user).write(
            {"is_company": False, "parent_id": (parent or self.other_client).id}
        )

    def _merge_as(self, user, source, target):
        self.env["base.partner.merge.automatic.wizard"].with_user(user)._merge(
            (source | target).ids, target.with_user(user)
        )
        self.env.invalidate_all()

    def _books(self):
        """All that must be as before where a change was refused."""
        self.env.flush_all()
        rows = []
        for query in (
            """SELECT id, company_id, partner_id, partner_bank_id, currency_id, amount,
                      overdraft_limit, settlement_count FROM client_balance""",
            """SELECT id, partner_id, partner_bank_id, balance_id, amount, number,
                      is_live, reversed_by_id FROM client_balance_settlement""",
            """SELECT id, partner_id, client_balance_bank_id, amount_residual,
                      reconciled, parent_state FROM account_move_line""",
            "SELECT id, partner_id, commercial_partner_id FROM account_move",
            """SELECT id, parent_id, commercial_partner_id, is_company, active
                 FROM res_partner""",
            "SELECT id, partner_id, active FROM res_partner_bank",
        ):
            self.env.cr.execute(f"{query} ORDER BY id")
            rows.append(self.env.cr.fetchall())
        return rows

    def _refused(self, attack, message=BY_WHOM, exception=AccessError):
        """``attack`` is refused and has changed nothing."""
        before = self._books()
        with self.assertRefused(message, exception):
            attack()
            self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self._books(), before)

    # Who decides ----------------------------------------------------------------------

    def test_people_who_are_no_managers_do_not_give_a_client_to_another_one(self):
        """Neither the editor, nor a clerk or a bookkeeper, nor a method for them."""
        self._settle(54800)
        for user in (self.editor, self.clerk, self.bookkeeper):
            for sudo in (False, True):
                client = self.client.with_user(user).sudo(sudo)
                with self.subTest(user.login, sudo=sudo):
                    self._refused(
                        lambda client=client: client.write(
                            {"is_company": False, "parent_id": self.other_client.id}
                        ),
                        "What belongs to Romashka LLC would belong to Volia PJSC:\n"
                        "• No bank account, UAH: 54,800.00(.|\n)*" + BY_WHOM,
                    )

    def test_a_manager_an_accountant_and_the_superuser_do(self):
        superuser = self.env["res.users"].browse(SUPERUSER_ID)
        for index, user in enumerate((self.manager, self.accountant, superuser)):
            client = self._client(f"Client {index}")
            self._settle(10, partner_id=client.id)
            self._place(user, client)
        self.assertEqual(self._balance(partner=self.other_client), 30)

    def test_no_field_command_import_or_button_leads_round(self):
        person = self._client("Petro", is_company=False, company_name="Petro Ltd")
        self._settle(54800, partner_id=person.id)
        self._settle(54800)
        self._rpc(self.editor)
        other_id, editor = self.other_client.id, self.editor
        other = self.other_client.with_user(editor)
        partners = self.env["res.partner"].with_user(editor)
        writes = [
            (person, {"parent_id": other_id}),
            (self.client, {"commercial_partner_id": other_id}),
            (self.client, {"company_type": "person", "parent_id": other_id}),
            (other, {"child_ids": [Command.link(person.id)]}),
            (other, {"child_ids": [Command.set(person.ids)]}),
            (
                other,
                {
                    "child_ids": [
                        Command.create(
                            {"name": "O", "child_ids": [Command.link(person.id)]}
                        )
                    ]
                },
            ),
        ]
        for partner, vals in writes:
            with self.subTest(vals):
                self._refused(lambda p=partner, v=vals: p.with_user(editor).write(v))
        with self.subTest("create"):
            self._refused(
                lambda: partners.create(
                    {"name": "New", "child_ids": [Command.link(person.id)]}
                )
            )
        with self.subTest("a company made of the contact's own text"):
            self._refused(person.with_user(editor).create_company)
        with self.subTest("merge"):
            self._refused(
                lambda: self._merge_as(editor, self.client, self.other_client)
            )
        with self.subTest("merge by a method for the editor"):
            wizard = self.env["base.partner.merge.automatic.wizard"].with_user(editor)
            ids = (self.client | self.other_client).ids
            self._refused(lambda: wizard.sudo()._merge(ids, other.sudo()))
        with self.subTest("load"):
            before = self._books()
            result = (
                self.env["res.partner"]
                .with_user(self.clerk)
                .load(
                    ["id", "name", "parent_id/.id"],
                    [[self._name(person), "Petro", str(other_id)]],
                )
            )
            self.assertRegex(str(result["messages"]), BY_WHOM)
            self.assertEqual(self._books(), before)

    def _name(self, partner):
        """:return: the external id by which files name ``partner``"""
        name = f"cb_test.partner_{partner.id}"
        self.env["ir.model.data"]._update_xmlids([{"xml_id": name, "record": partner}])
        return name

    def test_a_contact_cannot_be_its_own_company(self):
        self._settle(100)
        contact = self._contact()
        self._refused(
            lambda: self.client.with_user(self.editor).write(
                {"is_company": False, "parent_id": contact.id}
            ),
            ".",
            UserError,
        )
        self._refused(
            lambda: self.client.write({"commercial_partner_id": False}),
            "cannot belong to nobody",
            UserError,
        )

    def test_a_company_under_another_is_no_part_of_it_until_it_is_a_person(self):
        self._settle(100)
        self.client.with_user(self.editor).parent_id = self.other_client
        self.assertEqual(self._balance(), 100)
        self._refused(
            lambda: self.client.with_user(self.editor).write({"is_company": False})
        )

    def test_a_manager_of_another_company_does_not_decide(self):
        other = self._create_company(name="Other Trade", currency_id=self.uah.id)
        self._settle(54800)
        stranger = self._create_user(
            "cb_stranger",
            "client_balance.group_client_balance_manager,base.group_partner_manager",
        )
        stranger.write(
            {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        )
        stranger_env = self.client.with_user(stranger).with_context(
            allowed_company_ids=other.ids
        )
        with self.assertRaises(AccessError) as refused:
            stranger_env.write({"is_company": False, "parent_id": self.other_client.id})
        self.assertRegex(str(refused.exception), f"• Perfect Trade\n{BY_WHOM}")
        self.assertEqual(self._balance(), 54800)

    def test_a_limit_and_a_debt_are_money_too(self):
        balances = self.env["client.balance"]
        for client, amount in ((self.client, 0), (self._client("Petro"), -30)):
            self._settle(100, partner_id=client.id)
            balance = balances._get_balance(
                self.company, client, self.env["res.partner.bank"], self.uah
            )
            balance.with_user(self.manager).overdraft_limit = 50
            self._settle(amount - 100, partner_id=client.id, date="2026-03-02")
            with self.subTest(client.name):
                self._refused(lambda client=client: self._place(self.editor, client))

    def test_whoever_swallows_the_refusal_cannot_commit(self):
        self._settle(100)
        with self.assertRefused(BY_WHOM), self.env.cr.savepoint():
            with suppress(UserError):
                self._place(self.bookkeeper)
            self.env.cr.precommit.run()
        self.assertEqual(self._balance(), 100)

    # Two people -----------------------------------------------------------------------

    def test_above_the_amount_of_one_person_a_manager_alone_does_not_decide(self):
        self.company.write(
            {"client_balance_approval": True, "client_balance_approval_amount": 1000}
        )
        self._settle(700, bank=self.bank1)
        self._settle(300, bank=self.bank2)
        self._place(self.manager)
        self.assertEqual(self._balance(self.bank1, self.other_client), 700)
        third = self._client("Third LLC")
        self._settle(0.01, partner_id=self.other_client.id)
        message = "everything above 1,000.00(.|\n)*second manager(.|\n)*Transfer"
        for move in (
            lambda: self._place(self.manager, self.other_client, third),
            lambda: self._merge_as(self.accountant, self.other_client, third),
        ):
            self._refused(move, message, UserError)

    # Debts ----------------------------------------------------------------------------

    def test_a_debt_does_not_come_to_somebody_elses_money(self):
        """Else the money of one client would pay the invoice of another one."""
        invoice = self._invoice(100, partner=self.other_client)
        self._settle(500)
        placing = {"is_company": False, "parent_id": self.client.id}
        for attack in (
            lambda: self.other_client.with_user(self.editor).write(placing),
            lambda: self._merge_as(self.editor, self.other_client, self.client),
        ):
            self._refused(attack, f"{invoice.name}: 100.00(.|\n)*{BY_WHOM}")
        self._place(self.manager, self.other_client, self.client)
        self.assertEqual(invoice.commercial_partner_id, self.client)

    def test_the_amount_of_one_person_counts_debts(self):
        self._invoice(600, partner=self.other_client)
        self._settle(500)
        self.company.write(
            {"client_balance_approval": True, "client_balance_approval_amount": 500}
        )
        self._refused(
            lambda: self._place(self.manager, self.other_client, self.client),
            "second manager",
            UserError,
        )

    # What goes along ------------------------------------------------------------------

    def _assert_of(self, client, *invoices):
        """Document, stored copy and open items name one client."""
        for invoice in invoices:
            items = invoice.line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
            )
            self.assertEqual(invoice.partner_id.commercial_partner_id, client)
            self.assertEqual(invoice.commercial_partner_id, client)
            self.assertEqual(items.partner_id, client)

    def _documents(self):
        """Invoices to a client, to its contact and a paid one; an open credit."""
        contact = self._contact()
        paid = self._invoice(40)
        self._settle(40)
        self.assertTrue(paid.with_user(self.clerk).action_apply_client_balance())
        return (
            self._invoice(100) | self._invoice(200, partner=contact),
            paid,
            self._entry(-30, account=self.receivable),
        )

    def test_documents_and_open_items_follow_a_client_placed_under_another(self):
        invoices, paid, credit = self._documents()
        self._settle(300)
        self._place(self.manager)
        self.env.invalidate_all()
        self._assert_of(self.other_client, *invoices)
        self.assertEqual(paid.commercial_partner_id, self.other_client)
        self.assertEqual(
            credit.line_ids.partner_id.commercial_partner_id, self.other_client
        )
        for invoice in invoices:
            self.assertTrue(invoice.with_user(self.clerk).action_apply_client_balance())
        self.assertEqual(self._balance(partner=self.other_client), 0)

    def test_they_follow_a_client_that_becomes_a_person_and_an_owner_that_is_written(
        self,
    ):
        invoices, _paid, _credit = self._documents()
        self.client.parent_id = self.other_client
        self._settle(300)
        self.client.with_user(self.manager).is_company = False
        self.env.invalidate_all()
        self._assert_of(self.other_client, *invoices)
        third = self._client("Third LLC")
        self.other_client.with_user(self.manager).commercial_partner_id = third
        self.env.invalidate_all()
        self._assert_of(third, *invoices)
        self.assertEqual(self._balance(partner=third), 300)

    def test_they_follow_clients_that_are_merged_with_a_contact(self):
        invoices, _paid, _credit = self._documents()
        self._settle(300)
        self.client.is_company = False
        contact = self._contact("Ivan", self.other_client)
        self._merge_as(self.manager, self.client, contact)
        self.env.invalidate_all()
        self.assertEqual(self._balance(partner=self.other_client), 300)
        self._assert_of(self.other_client, *invoices)

    def test_what_is_owed_stays_with_the_client_when_a_contact_leaves(self):
        """As in core; whose the document is cannot be told until it is corrected."""
        contact = self._contact()
        self._settle(500)
        invoice = self._invoice(100, partner=contact)
        contact.with_user(self.editor).parent_id = self.other_client
        self.assertEqual(invoice.commercial_partner_id, self.client)
        self.assertEqual(invoice.line_ids.partner_id, self.client)

    def test_archived_contacts_follow_the_client_that_was_merged(self):
        contact = self._contact()
        entry = self._entry(100, partner=contact)
        contact.active = False
        person = self._contact("Ivan", self.other_client)
        self._merge_as(self.manager, self.client, person)
        self.assertEqual(contact.commercial_partner_id, person)
        self.assertEqual(self._balance(partner=person), 100)
        self.assertEqual(self._line(entry).partner_id.commercial_partner_id, person)

    def test_whoever_belongs_to_a_client_by_hand_goes_along_with_it(self):
        twin = self._client("Twin LLC")
        twin.commercial_partner_id = self.client
        self._entry(100, partner=twin)
        self.assertEqual(self._balance(), 100)
        self._refused(lambda: self._place(self.editor))
        self._place(self.manager)
        self.assertEqual(twin.commercial_partner_id, self.other_client)
        self.assertEqual(self._balance(partner=self.other_client), 100)

    def test_merging_a_company_into_a_contact_makes_a_client_with_its_money(self):
        """Core gives the remaining contact what it lacks: here, to be a company."""
        contact = self._contact("Ivan", self.other_client)
        self._settle(100)
        self._refused(lambda: self._merge_as(self.editor, self.client, contact))
        self._merge_as(self.manager, self.client, contact)
        self.assertEqual(contact.commercial_partner_id, contact)
        self.assertEqual(self._balance(partner=contact), 100)
        self.assertEqual(self._balance(partner=self.other_client), 0)

    def test_merging_a_contact_into_a_person_gives_the_person_to_its_company(self):
        """Core gives the remaining contact what it lacks: here, a company."""
        person = self._client("Petro", is_company=False)
        contact = self._contact("Petro")
        self._settle(100, partner_id=person.id)
        self._refused(lambda: self._merge_as(self.editor, contact, person))
        self._merge_as(self.manager, contact, person)
        self.assertEqual(person.commercial_partner_id, self.client)
        self.assertEqual(self._balance(), 100)

    def test_deleting_a_contact_leaves_the_money_of_its_contacts_with_the_client(self):
        contact = self._contact()
        below = self._contact("Ivan", contact)
        entry = self._entry(100, partner=below)
        contact.with_user(self.editor).unlink()
        self.assertEqual(below.commercial_partner_id, below)
        self.assertEqual(self._balance(), 100)
        self.assertEqual(self._line(entry).partner_id, self.client)

    def test_a_contact_with_a_bank_account_of_the_clients_money_is_not_deleted(self):
        contact = self._contact()
        bank = self._bank(contact)
        self._settle(100, bank=bank)
        self._refused(contact.with_user(self.editor).unlink, "UA007777", UserError)

    # The way back ---------------------------------------------------------------------

    def test_the_way_back_is_a_transfer_of_the_part(self):
        """What was added up is one; the sentence says what to do first."""
        self._settle(54800, bank=self.bank1)
        self._settle(50, partner_id=self.other_client.id)
        self._place(self.manager)
        back = {"is_company": True, "parent_id": False}
        self._refused(
            lambda: self.client.with_user(self.manager).write(dict(back)),
            "Romashka LLC cannot leave Volia PJSC with bank account UA001111: Volia"
            " PJSC has settlements on it .now 54,800.00.*First make Volia PJSC the"
            " holder.*transfer the part of Romashka LLC to Romashka LLC afterwards",
            UserError,
        )
        self.bank1.with_user(self.manager).partner_id = self.other_client
        self.client.with_user(self.editor).write(dict(back))
        self.assertEqual(self._balance(), 0)
        self._confirm(
            self._get(self.bank1, self.other_client),
            model="client.balance.transfer",
            partner_to_id=self.client,
            bank_to_id=self.env["res.partner.bank"],
            amount=54800,
            description="It was another client after all",
        )
        self.assertEqual(self._balance(), 54800)
        self.assertEqual(self._balance(partner=self.other_client), 50)

    def test_the_money_stays_also_where_entries_still_name_who_leaves(self):
        self.client.parent_id = self.other_client
        settlement = self._settle(300)
        self.client.with_user(self.manager).is_company = False
        self.assertEqual(self._line(settlement.move_id).partner_id, self.client)
        self.client.with_user(self.editor).is_company = True
        self.assertEqual(self._line(settlement.move_id).partner_id, self.other_client)
        self.assertEqual(self._balance(partner=self.other_client), 300)

    # Everyday work --------------------------------------------------------------------

    def test_an_editor_works_on_contacts_of_clients_with_money(self):
        self._settle(54800, bank=self.bank1)
        self._invoice(100)
        editor = self.editor
        person = self._client("Petro", is_company=False)
        self._settle(10, partner_id=person.id)
        contact = self._contact()
        self._entry(5, partner=contact)
        client = self.client.with_user(editor)
        before = self._all_balances()
        self._rpc(editor)
        client.write({"name": "Romashka", "is_company": True, "parent_id": False})
        client.write({"child_ids": [Command.create({"name": "Ivan"})]})
        client.write({"child_ids": [Command.update(contact.id, {"phone": "1"})]})
        client.company_id = self.company
        client.company_id = False
        # core lets only people with accounting rights import contacts of a company
        partners = self.env["res.partner"].with_user(self.clerk)
        for _time in range(2):
            result = partners.load(
                ["id", "name", "is_company", "parent_id/.id", "email"],
                [
                    [self._name(self.client), "Romashka", "1", "", "a@example.com"],
                    [self._name(contact), "Olena", "0", str(client.id), "b@b.example"],
                    ["cb_test.new", "New", "0", str(client.id), "n@example.com"],
                ],
            )
            self.assertEqual(result["messages"], [])
        contact.with_user(editor).parent_id = self.other_client
        self.assertEqual(self._all_balances(), before)

    def _all_balances(self):
        return {
            balance.id: (balance.partner_id, balance.amount)
            for balance in self.env["client.balance"].search([])
            if balance.amount
        }

    def test_an_editor_merges_and_places_whoever_has_no_money(self):
        self._settle(54800)
        empty, double = (self._client(name) for name in ("Empty", "Double"))
        self._settle(5, partner_id=empty.id)
        self._settle(-5, partner_id=empty.id, date="2026-03-02")
        self._merge_as(self.editor, double, self.client)
        self._place(self.editor, empty, self.client)
        self.assertEqual(self._balance(), 54800)
        self.assertEqual(len(self._settlements()), 3)
        ivan, olena = (self._contact(name) for name in ("Ivan", "Olena"))
        self._entry(7, partner=olena)
        self._merge_as(self.editor, ivan, olena)
        self._merge_as(
            self.editor,
            self._contact("Olena", self.other_client),
            olena,
        )
        self.assertEqual(self._balance(), 54807)

    def test_where_nobody_has_money_core_moves_debts_as_ever(self):
        person = self._client("Petro", is_company=False)
        invoice = self._invoice(100, partner=person)
        person.with_user(self.editor).parent_id = self.other_client
        self._assert_of(self.other_client, invoice)

    def test_clients_on_the_website_change_their_addresses(self):
        """Forms write as superuser for a portal user, or for the public one."""
        self._settle(100)
        contact = self._contact(email="olena@example.com")
        portal = self.env["res.users"].create(
            {
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
                "login": "cb_portal",
                "partner_id": contact.id,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        for user in (portal, self.env.ref("base.public_user").sudo()):
            partner_sudo = contact.with_user(user).sudo()
            partner_sudo.write({"street": user.login, "parent_id": self.client.id})
            partner_sudo.create(
                {"name": "Shop", "type": "delivery", "parent_id": self.client.id}
            )
            partner_sudo.create({"name": "New", "email": "new@example.com"})
        self.assertEqual(self._balance(), 100)
