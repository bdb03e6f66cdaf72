from contextlib import contextmanager

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

#: A company that the database of the tests has ready: `make test` prepares it, since
#: to load a chart of accounts takes seconds, in each class.
PREPARED_COMPANY = "client_balance_tests.company"


@tagged("post_install", "-at_install")
class ClientBalanceCommon(AccountTestInvoicingCommon):
    """A company in hryvnias, one client with two bank accounts, users per group.

    ``assertLedgerSound`` runs after every test: all invariants hold, always.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.uah = cls.env.ref("base.UAH")
        cls.usd = cls.env.ref("base.USD")
        (cls.uah | cls.usd).active = True
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=cls.company.ids)
        )
        cls.company = cls.company.with_env(cls.env)
        cls.company._client_balance_set_up()
        # As a chart of accounts leaves them; core's class gives both an account.
        methods = cls.inbound_payment_method_line | cls.outbound_payment_method_line
        methods.payment_account_id = False
        cls._set_rate(cls.usd, "2026-01-01", 40.0)
        cls.balance_account = cls.company.client_balance_account_id
        cls.bank_journal = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.misc_journal = cls.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.income_account = cls.company.income_account_id or cls.env[
            "account.account"
        ].search(
            [
                ("account_type", "=", "income"),
                ("company_ids", "in", cls.company.ids),
            ],
            limit=1,
        )
        cls.client = cls._create_client("Romashka LLC")
        cls.bank1, cls.bank2 = cls.env["res.partner.bank"].create(
            [
                {"partner_id": cls.client.id, "acc_number": f"UA00{number}"}
                for number in (1111, 2222)
            ]
        )
        cls.other_client = cls._create_client("Volia PJSC")
        cls.receivable = cls.client.property_account_receivable_id
        cls.accountant = cls._create_user(
            "cb_accountant", "account.group_account_user,account.group_account_manager"
        )
        cls.manager = cls._create_user(
            "cb_manager",
            "client_balance.group_client_balance_manager,base.group_partner_manager",
        )
        cls.clerk = cls._create_user("cb_clerk", "account.group_account_invoice")
        cls.reader = cls._create_user(
            "cb_reader", "client_balance.group_client_balance_user"
        )
        cls.salesperson = cls._create_user(
            "cb_sales", "client_balance.group_client_balance_own"
        )
        cls.employee = cls._create_user("cb_employee", "base.group_user")

    @classmethod
    def setup_independent_company(cls, **kwargs):
        # OVERRIDE: one company in hryvnias is all that we need.
        company = cls.env.ref(PREPARED_COMPANY, raise_if_not_found=False)
        if not company:
            uah = cls.env.ref("base.UAH")
            return cls._create_company(
                name="Perfect Trade", currency_id=uah.id, **kwargs
            )
        cls.env.user.company_ids = [Command.link(company.id)]
        return company

    @classmethod
    def _set_rate(cls, currency, date, hryvnias):
        """One ``currency`` costs so many hryvnias from ``date`` on."""
        cls.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "company_id": cls.company.id,
                "name": date,
                "inverse_company_rate": hryvnias,
            }
        )

    @classmethod
    def _create_client(cls, name, **vals):
        return cls.env["res.partner"].create(
            {"name": name, "is_company": True, "company_id": False, **vals}
        )

    @classmethod
    def _create_user(cls, login, groups):
        group_ids = [cls.env.ref(name).id for name in groups.split(",")]
        group_ids.append(cls.env.ref("base.group_user").id)
        return (
            cls.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": login,
                    "login": login,
                    "password": login,
                    "email": f"{login}@example.com",
                    "group_ids": [Command.set(group_ids)],
                    "company_id": cls.company.id,
                    "company_ids": [Command.set(cls.company.ids)],
                }
            )
        )

    # Documents --------------------------------------------------------------------

    def _invoice(self, amount, date="2026-03-01", partner=None, currency=None, **vals):
        """A posted invoice without taxes."""
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (partner or self.client).id,
                "invoice_date": date,
                "date": date,
                "currency_id": (currency or self.uah).id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "price_unit": amount,
                            "account_id": self.income_account.id,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **vals,
            }
        )
        invoice.action_post()
        return invoice

    def _entry(
        self,
        amount,
        date="2026-03-01",
        partner=None,
        bank=None,
        currency=None,
        post=True,
        user=None,
        account=None,
        counterpart=None,
    ):
        """A plain journal entry that puts ``amount`` on (+) or takes it from (−)."""
        currency = currency or self.uah
        balance = currency._convert(amount, self.uah, self.company, date)
        common = {"currency_id": currency.id, "name": "Entry"}
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.misc_journal.id,
                "date": date,
                "line_ids": [
                    Command.create(
                        {
                            **common,
                            "account_id": (account or self.balance_account).id,
                            "partner_id": (
                                self.client if partner is None else partner
                            ).id,
                            "client_balance_bank_id": bank and bank.id,
                            "amount_currency": -amount,
                            "balance": -balance,
                        }
                    ),
                    Command.create(
                        {
                            **common,
                            "account_id": (counterpart or self.income_account).id,
                            "amount_currency": amount,
                            "balance": balance,
                        }
                    ),
                ],
            }
        )
        if post:
            (move.with_user(user) if user else move).action_post()
        return move

    @classmethod
    def _discount_term(cls):
        """Payment terms with an early payment discount: 2 % within 10 days."""
        return cls.env["account.payment.term"].create(
            {
                "name": "2% within 10 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )

    def _settle(self, amount, date="2026-03-01", bank=None, user=None, **vals):
        """A manual settlement, recorded by a manager of balances."""
        return (
            self.env["client.balance.settlement"]
            .with_user(user or self.manager)
            .create(
                {
                    "partner_id": self.client.id,
                    "partner_bank_id": bank and bank.id,
                    "amount": amount,
                    "date": date,
                    **vals,
                }
            )
            .with_env(self.env)
        )

    def _balance(self, bank=None, partner=None, currency=None):
        """:return: the amount on a key, 0.0 where there is none"""
        balance = self.env["client.balance"]._get_balance(
            self.company, partner or self.client, bank, currency or self.uah
        )
        return balance.amount

    def _settlements(self, bank=None, partner=None, currency=None):
        """:return: the ledger of a key in recording order"""
        balance = self.env["client.balance"]._get_balance(
            self.company, partner or self.client, bank, currency or self.uah
        )
        return balance.settlement_ids.sorted("number")

    def _line(self, move):
        return move.line_ids.filtered("account_id.is_client_balance")

    @staticmethod
    def _day(date):
        return fields.Date.to_date(date)

    @contextmanager
    def assertRefused(self, message, exception=UserError):
        """The block is refused with a sentence like ``message`` and leaves nothing."""
        with self.assertRaises(exception) as refused:
            yield
        self.assertRegex(str(refused.exception), message)

    # Invariants ---------------------------------------------------------------------

    def assertLedgerSound(self):
        self.env.flush_all()
        self.assertEqual(self.env["client.balance"].check_integrity(), [])
        self.assertTrialBalance()

    def assertTrialBalance(self):
        """Debits equal credits in every company and in every entry.

        What the balance accounts show in it is compared by ``check_integrity``.
        """
        self.env.cr.execute(
            """
            SELECT company_id, move_id, SUM(debit), SUM(credit), SUM(balance)
              FROM account_move_line
             WHERE parent_state = 'posted'
          GROUP BY GROUPING SETS ((company_id), (company_id, move_id))
            HAVING SUM(debit) <> SUM(credit) OR SUM(balance) <> 0
                OR SUM(debit) - SUM(credit) <> SUM(balance)
            """
        )
        self.assertEqual(self.env.cr.fetchall(), [], "the trial balance")

    def tearDown(self):
        self.assertLedgerSound()
        super().tearDown()
