"""Cases 1 to 5 of money in other worlds: companies, a branch, other decimals."""

from functools import wraps
from typing import NamedTuple

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.models import BaseModel
from odoo.tests import Form, tagged

from .money_common import MoneyCommon


class World(NamedTuple):
    """Where a case happens, with which money and by whom."""

    company: BaseModel
    currency: BaseModel
    clerk: BaseModel
    manager: BaseModel
    unit: float  #: amounts of the cases are multiples of it


def in_every_world(case):
    """The case happens in each world, and leaves nothing for the next one."""

    @wraps(case)
    def test(self):
        for name, world in self.worlds.items():
            with self.subTest(world=name), self.env.cr.savepoint() as savepoint:
                case(self, world)
                self.assertOthersUntouched(world)
                self.assertLedgerSound()
                savepoint.rollback()
            self.env.invalidate_all()

    del test.__wrapped__  # pytest would take the argument for a fixture
    return test


@tagged("post_install", "-at_install")
class TestWorlds(MoneyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls._create_company(
            name="Kvitka Trade", currency_id=cls.uah.id
        )
        cls.other_company._client_balance_set_up()
        cls.branch = cls.env["res.company"].create(
            {"name": "Perfect Trade, Lviv", "parent_id": cls.company.id}
        )
        cls.env.cr.precommit.run()  # charts of branches are loaded there
        cls.worlds = {
            "root": cls._make_world("root", cls.company, cls.uah, 1),
            "unrelated": cls._make_world("unrelated", cls.other_company, cls.uah, 1),
            "branch": cls._make_world("branch", cls.branch, cls.uah, 1),
            "yen": cls._make_world("yen", cls.company, cls._activate("JPY", 0.27), 1),
            "dinar": cls._make_world(
                "dinar", cls.company, cls._activate("KWD", 130.5, 0.001), 0.001
            ),
        }
        companies = cls.company | cls.other_company | cls.branch
        cls.env.user.company_ids |= companies
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=companies.ids)
        )

    @classmethod
    def _activate(cls, name, hryvnias, rounding=None):
        currency = cls.env.ref(f"base.{name}")
        currency.active = True
        if rounding:
            currency.rounding = rounding
        cls._set_rate(currency, "2026-01-01", hryvnias)
        return currency

    @classmethod
    def _make_world(cls, name, company, currency, unit):
        users = [
            cls._create_user(f"cb_{name}_{role}", groups)
            for role, groups in (
                ("clerk", "account.group_account_invoice"),
                (
                    "manager",
                    "account.group_account_manager,account.group_account_user",
                ),
            )
        ]
        for user in users:
            user.write(
                {
                    "company_ids": [Command.set(company.ids)],
                    "company_id": company.id,
                }
            )
        return World(company, currency, *users, unit)

    # Documents of a world -------------------------------------------------------------

    def _as(self, model, user, world):
        return (
            self.env[model]
            .with_user(user)
            .with_context(allowed_company_ids=world.company.ids)
        )

    def _put(self, world, amount, date="2026-03-01", partner=None, **vals):
        return self._as("client.balance.settlement", world.manager, world).create(
            {
                "partner_id": (partner or self.client).id,
                "amount": amount * world.unit,
                "currency_id": world.currency.id,
                "date": date,
                "is_advance": True,
                **vals,
            }
        )

    def _bill(self, world, amount, move_type="out_invoice", date="2026-03-05"):
        income = self.env["account.account"].search(
            [
                ("account_type", "=", "income"),
                ("company_ids", "in", world.company.root_id.ids),
            ],
            limit=1,
        )
        move = self._as("account.move", world.clerk, world).create(
            {
                "move_type": move_type,
                "partner_id": self.client.id,
                "invoice_date": date,
                "date": date,
                "currency_id": world.currency.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "price_unit": amount * world.unit,
                            "account_id": income.id,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        move.action_post()
        return move

    def _pay_from_balance(self, world, invoice):
        action = invoice.action_pay_from_client_balance()
        dialog = self._as("client.balance.pay", world.clerk, world)
        dialog = dialog.with_context(**action["context"]).create({"date": "2026-03-10"})
        dialog.action_confirm()

    def _open_dialog(self, world, model, **values):
        form = Form(
            self._as(model, world.manager, world).with_context(
                default_balance_id=self._of(world).id
            )
        )
        for name, value in values.items():
            setattr(form, name, value)
        form.save().action_confirm()

    def _of(self, world, partner=None, bank=None, currency=None):
        """:return: the balance of a key, which is the root company's"""
        return self.env["client.balance"]._get_balance(
            world.company,
            partner or self.client,
            bank,
            currency or world.currency,
        )

    def assertHas(self, world, amount, **key):
        balance = self._of(world, **key)
        currency = balance.currency_id or world.currency
        self.assertEqual(
            currency.compare_amounts(balance.amount, amount * world.unit),
            0,
            f"{balance.amount} instead of {amount * world.unit}",
        )

    def assertOthersUntouched(self, world):
        """Nothing was posted in, or for, a company that has no part in it."""
        roots = (self.company | self.other_company) - world.company.root_id
        moves = self.env["account.move"].search([("company_id", "in", roots.ids)])
        self.assertFalse(moves, "another company's books")
        balances = self.env["client.balance"].search([("company_id", "in", roots.ids)])
        self.assertFalse(balances, "another company's balances")

    # The cases ------------------------------------------------------------------------

    @in_every_world
    def test_invoices_are_paid_first_in_first_out_and_undone(self, world):
        first = self._put(world, 1000, "2026-02-10")
        second = self._put(world, 700, "2026-02-20")
        invoice = self._bill(world, 1200)
        self._pay_from_balance(world, invoice)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertHas(world, 500)
        items = (first + second).sudo().move_line_id
        self.assertEqual(items.mapped("reconciled"), [True, False])
        self.assertAlmostEqual(items[1].amount_residual_currency, -500 * world.unit)
        entry = invoice.sudo().client_balance_settlement_ids.move_id
        self.assertEqual(entry.company_id, world.company)
        self.assertEqual(
            set(entry.line_ids.account_id.ids),
            {
                world.company._get_client_balance_account(world.currency).id,
                invoice.sudo()
                .line_ids.filtered(lambda line: line.account_type == "asset_receivable")
                .account_id.id,
            },
        )
        invoice.button_draft()
        self.assertHas(world, 1700)
        self.assertAlmostEqual(
            sum(items.mapped("amount_residual_currency")), -1700 * world.unit
        )

    @in_every_world
    def test_more_than_there_is_does_not_pay(self, world):
        self._put(world, 1000)
        with self.assertRefused("Not enough money"):
            self._put(world, -1001, "2026-03-02")
        self._put(world, -1000, "2026-03-02")
        self.assertHas(world, 0)

    @in_every_world
    def test_a_credit_note_goes_to_the_balance_and_back(self, world):
        note = self._bill(world, 240, "out_refund")
        action = note.action_to_client_balance()
        dialog = self._as("client.balance.deposit", world.clerk, world)
        dialog = dialog.with_context(**action["context"]).create(
            {"date": "2026-03-10", "partner_bank_id": False}
        )
        dialog.action_confirm()
        self.assertHas(world, 240)
        self.assertEqual(note.amount_residual, 0)
        made = self._of(world).settlement_ids
        made.with_user(world.manager).with_context(
            allowed_company_ids=world.company.ids
        ).action_reverse()
        self.assertHas(world, 0)
        self.assertAlmostEqual(note.amount_residual, 240 * world.unit)

    @in_every_world
    def test_a_transfer_keeps_the_day_and_the_value(self, world):
        credit = self._put(world, 1000, "2026-02-10")
        self._open_dialog(
            world,
            "client.balance.transfer",
            partner_to_id=self.other_client,
            amount=400 * world.unit,
            date="2026-03-20",
            description="Assignment 3",
        )
        self.assertHas(world, 600)
        self.assertHas(world, 400, partner=self.other_client)
        arrived = self._of(world, self.other_client).settlement_ids.sudo()
        self.assertEqual(arrived.advance_date, self._day("2026-02-10"))
        value = credit.sudo().move_line_id.balance * 0.4
        self.assertAlmostEqual(arrived.move_line_id.balance, value, 2)

    @in_every_world
    def test_a_refund_leaves_through_the_company_s_own_bank(self, world):
        self.bank1.allow_out_payment = True
        journal = self.env["account.journal"].search(
            [
                ("type", "=", "bank"),
                ("company_id", "parent_of", world.company.ids),
            ],
            limit=1,
        )
        self._put(world, 1000)
        self._open_dialog(
            world,
            "client.balance.refund",
            partner_bank_id=self.bank1,
            journal_id=journal,
            amount=300 * world.unit,
            date="2026-03-20",
        )
        self.assertHas(world, 700)
        payment = self._of(world).settlement_ids.payment_id
        self.assertEqual(payment.company_id, world.company)
        payment.action_draft()
        self.assertHas(world, 1000)

    @in_every_world
    def test_an_exchange_turns_it_into_another_currency(self, world):
        target = self.uah if world.currency != self.uah else self.usd
        self._put(world, 1000)
        self._open_dialog(
            world,
            "client.balance.exchange",
            currency_to_id=target,
            amount=800 * world.unit,
            date="2026-03-20",
        )
        self.assertHas(world, 200)
        expected = world.currency._convert(
            800 * world.unit, target, world.company, self._day("2026-03-20")
        )
        self.assertAlmostEqual(self._of(world, currency=target).amount, expected, 2)

    # Two companies that know nothing of each other ------------------------------------

    def test_people_of_one_company_neither_see_nor_spend_the_other_s_balances(self):
        own, other = self.worlds["root"], self.worlds["unrelated"]
        self._put(other, 1000)
        balance = self._of(other)
        for user in (own.clerk, own.manager):
            with self.subTest(user=user.login):
                mine = balance.with_user(user).with_context(
                    allowed_company_ids=own.company.ids
                )
                self.assertFalse(mine.search([("id", "=", balance.id)]))
                with self.assertRaises(AccessError):
                    mine.read(["amount"])
        with self.assertRaises(AccessError):
            self._put(own, 5, company_id=other.company.id)
        invoice = self._bill(own, 100)
        self.assertFalse(invoice.client_balance_apply)
        self.assertFalse(invoice.action_apply_client_balance())
        self.assertHas(other, 1000)

    def test_a_branch_spends_the_root_s_money_and_people_of_the_root_see_it(self):
        root, branch = self.worlds["root"], self.worlds["branch"]
        self._put(root, 1000, "2026-02-10")
        invoice = self._bill(branch, 300)
        self._pay_from_balance(branch, invoice)
        self.assertHas(root, 700)
        self.assertEqual(self._of(root), self._of(branch))
        self.assertEqual(
            invoice.sudo().client_balance_settlement_ids.company_id, self.company
        )
