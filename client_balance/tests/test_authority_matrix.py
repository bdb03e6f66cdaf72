from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .provider_common import ProviderCommon
from .test_second_person_requests import RequestsCommon


@tagged("post_install", "-at_install")
class TestAuthorityMatrix(RequestsCommon, ProviderCommon):
    """Features × features: what must happen where two of them meet.

    One person may move 1 000,00 ₴ alone. Each cell is one method below; it is run in a
    savepoint of its own, and the books are sound after each.

    | feature | meets | what must happen |
    |---|---|---|
    | approval | portal | the client pays any own invoice from the own balance |
    | approval | automatic use | a confirmed invoice takes what it needs |
    | approval | exchange | a large exchange waits, also at the rate of the day |
    | approval | adoption | the money of an old account becomes the clients' by two |
    | approval | limit | a limit counts like money given |
    | approval | opening import | the lines of one call count together |
    | approval | branch | the root company's amount holds for a branch |
    | approval | branch approver | a manager of the branch alone cannot approve |
    | approval | lock date | what was approved is judged by today's locked period |
    | approval | archived bank | money leaves an archived bank account by two as well |
    | approval | credit note | what a client is owed comes to the balance alone |
    | approval | correction | only the difference counts |
    | approval | superuser | programs need nobody else |
    | approval | provider refund | the provider's is booked, ours waits |
    | branch | adoption | items of a branch are balances of its root company |
    | portal | archived bank | the client spends what lies on it |
    | portal | archived client | what was paid online is booked, a person is told |
    | lock date | chargeback | it is booked on the first open day |
    | limit | exchange | no more is exchanged than balance and limit hold |
    | limit | refund | no more is paid out than balance and limit hold |
    | limit | chargeback | balance and limit are used up, the rest is owed |
    | transfer | archived client | nothing comes to an archived client |
    """

    def test_every_cell(self):
        names = [name for name in dir(self) if name.startswith("_cell_")]
        self.assertEqual(len(names), self.__doc__.count("\n    |") - 2)
        for name in names:
            with self.subTest(cell=name), self.env.cr.savepoint() as savepoint:
                try:
                    getattr(self, name)()
                    self.assertLedgerSound()
                finally:
                    savepoint.rollback()
                    self.env.invalidate_all()

    def _branch(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env.user.company_ids += branch
        return branch

    def _person_of(self, branch):
        user = self._create_user(
            "cb_branch", "client_balance.group_client_balance_manager"
        )
        user.write({"company_ids": [Command.set(branch.ids)], "company_id": branch.id})
        return user

    def _cell_approval_portal(self):
        self._fund(50000)
        invoice = self._invoice(50000)
        application = self.env["client.balance.application"]
        # as the portal does: the visitor was checked, he may read his invoice
        application.with_user(self.portal_user).sudo()._pay_invoice(
            invoice.with_user(self.portal_user).sudo(),
            {self.bank1: 50000},
            self._day("2026-03-10"),
        )
        self.assertEqual(self._balance(self.bank1), 0)

    def _cell_approval_automatic_use(self):
        self.company.client_balance_auto_use = "always"
        self._fund(50000)
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "invoice_date": "2026-03-10",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "price_unit": 20000,
                            "account_id": self.income_account.id,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        invoice.with_user(self.clerk).action_post()
        self.assertEqual(self._balance(self.bank1), 30000)

    def _cell_approval_exchange(self):
        self._fund(40000)
        self._confirm(
            self._get(self.bank1),
            model="client.balance.exchange",
            currency_to_id=self.usd,
            amount=20000,
            date="2026-03-20",
        )
        self.assertEqual(self._balance(self.bank1), 40000)
        self._approve()
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 500)

    def _cell_approval_adoption(self):
        account = self._old_account(5000)
        adopt = self.env["client.balance.adopt"].with_user(self.alone)
        adopt.create({"account_id": account.id}).action_adopt()
        self.assertFalse(account.is_client_balance)
        self._approve()
        self.assertEqual(self._balance(), 5000)

    def _cell_approval_limit(self):
        self._settle(1)
        with self.assertRefused("needs a second person"):
            self._get().with_user(self.manager).overdraft_limit = 1001

    def _cell_approval_opening_import(self):
        Settlement = self.env["client.balance.settlement"].with_user(self.manager)
        result = Settlement.with_context(import_file=True).load(
            ["settlement_type", "partner_id", "amount", "date"],
            [
                ["opening", self.client.name, "600", "2026-03-01"],
                ["opening", self.other_client.name, "600", "2026-03-01"],
            ],
        )
        self.assertFalse(result["ids"])

    def _cell_approval_branch(self):
        branch = self._branch()
        person = self._person_of(branch)
        mine = self.env["client.balance.settlement"].with_user(person)
        mine = mine.with_context(allowed_company_ids=branch.ids)
        with self.assertRefused("needs a second person"):
            mine.create(self._vals(1001))
        mine.create(self._vals(1000))

    def _cell_approval_branch_approver(self):
        request = self._ask(5000)
        person = self._person_of(self._branch())
        approvers = self.env["client.balance.approval"]._get_approvers(
            self.company, self.manager
        )
        self.assertIn(self.second, approvers)
        self.assertIn(person, approvers, "the branch belongs to the root company")
        request.with_user(person).with_context(
            allowed_company_ids=person.company_id.ids
        ).action_refuse("Not ours")
        self.assertEqual(request.state, "refused")

    def _cell_approval_lock_date(self):
        request = self._ask(5000)
        self.company.fiscalyear_lock_date = "2026-03-31"
        with self.assertRefused("locked period"):
            request.with_user(self.second).action_approve()

    def _cell_approval_archived_bank(self):
        self._fund(5000)
        self.env.cr.execute(
            "UPDATE res_partner_bank SET active = FALSE WHERE id = %s", [self.bank1.id]
        )
        self.env.invalidate_all()
        with self.assertRefused("needs a second person|archived"):
            self._settle(-5000, bank=self.bank1)

    def _cell_approval_credit_note(self):
        credit = self._invoice(20000, move_type="out_refund")
        item = credit.line_ids.filtered(lambda line: line.account_id == self.receivable)
        application = self.env["client.balance.application"].with_user(self.clerk)
        application._put_on_balance(
            item.with_user(self.clerk), 20000, self.bank1, "2026-03-10"
        )
        self.assertEqual(self._balance(self.bank1), 20000)

    def _cell_approval_correction(self):
        settlement = self._fund(5000)
        settlement = settlement.with_user(self.manager).action_correct({"amount": 4900})
        self.assertEqual(self._balance(self.bank1), 4900)
        with self.assertRefused("needs a second person"):
            settlement.with_user(self.manager).action_correct({"amount": 6500})

    def _cell_approval_superuser(self):
        self._fund(50000)
        self.assertEqual(self._balance(self.bank1), 50000)

    def _cell_approval_provider_refund(self):
        transaction = self._top_up(9000, bank=self.bank1)
        self._chargeback(transaction, 5000)
        self.assertEqual(self._balance(self.bank1), 4000)
        transaction.with_user(self.alone).action_refund(4000)
        self.assertEqual(self._balance(self.bank1), 4000)
        self._approve()
        self.assertEqual(self._balance(self.bank1), 0)

    def _cell_portal_archived_client(self):
        transaction = self._top_up(5000, notify="pending")
        self.portal_user.active = False
        (self.bank1 | self.bank2).active = False
        (self.contact | self.client).active = False
        self._notify(transaction)
        self.assertEqual(self._balance(), 5000)
        self.assertIn("archived", transaction.payment_id.activity_ids.note)

    def _cell_lock_date_chargeback(self):
        transaction = self._top_up(5000, bank=self.bank1)
        closed = fields.Date.today() + timedelta(days=3)
        self.company.hard_lock_date = closed
        refund = self._chargeback(transaction, 5000)
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(refund.payment_id.move_id.date, closed + timedelta(days=1))

    def _cell_limit_chargeback(self):
        transaction = self._top_up(5000, bank=self.bank1)
        self._get(self.bank1).with_user(self.manager).overdraft_limit = 500
        for _spent in range(5):
            self._settle(-1000, bank=self.bank1, date=fields.Date.today())
        self._chargeback(transaction, 5000)
        self.assertEqual(self._balance(self.bank1), -500)
        self.assertEqual(self._owed(), 4500)

    def _cell_branch_adoption(self):
        account = self._old_account(500)
        branch = self._branch()
        self.env["account.move"].with_context(
            allowed_company_ids=(branch | self.company).ids
        ).create(
            {
                "company_id": branch.id,
                "journal_id": self.misc_journal.id,
                "date": "2026-03-01",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": used.id,
                            "partner_id": self.client.id,
                            "balance": balance,
                        }
                    )
                    for used, balance in ((account, -300), (self.income_account, 300))
                ],
            }
        ).action_post()
        self.alone.company_ids += branch
        adopt = self.env["client.balance.adopt"].with_user(self.alone)
        adopt.create({"account_id": account.id}).action_adopt()
        self.assertEqual(self._balance(), 800)

    def _cell_portal_archived_bank(self):
        self._fund(5000)
        self.env.cr.execute(
            "UPDATE res_partner_bank SET active = FALSE WHERE id = %s", [self.bank1.id]
        )
        self.env.invalidate_all()
        invoice = self._invoice(5000)
        self.env["client.balance.application"].with_user(
            self.portal_user
        ).sudo()._pay_invoice(
            invoice.with_user(self.portal_user).sudo(),
            {self.bank1: 5000},
            self._day("2026-03-10"),
        )
        self.assertEqual(self._balance(self.bank1), 0)

    def _cell_limit_exchange(self):
        self._settle(100, bank=self.bank1)
        self._get(self.bank1).with_user(self.manager).overdraft_limit = 500
        with self.assertRefused("[Nn]ot enough|more than|available"):
            self._confirm(
                self._get(self.bank1),
                model="client.balance.exchange",
                currency_to_id=self.usd,
                amount=700,
                date="2026-03-20",
            )

    def _cell_limit_refund(self):
        self._settle(100, bank=self.bank1)
        self._get(self.bank1).with_user(self.manager).overdraft_limit = 500
        with self.assertRefused("."):
            self._confirm(
                self._get(self.bank1),
                self.alone,
                "client.balance.refund",
                amount=700,
                date="2026-03-20",
            )

    def _cell_transfer_archived_client(self):
        self._fund(500)
        archived = self._create_client("Left LLC")
        archived.active = False
        with self.assertRefused("archived"):
            self._confirm(
                self._get(self.bank1),
                partner_to_id=archived,
                amount=100,
                date="2026-03-20",
                description="Letter",
            )
