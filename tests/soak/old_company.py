"""A company of version 19.0.1.0.1, its people, and what they do on the screens.

See ``old_books.py``: `odoo shell` of that version runs both, nothing of ours is
imported.
"""

from odoo import Command

COMPANY, BRANCH, OTHER = "ТОВ «Стара»", "Філія «Стара-Захід»", "Old Ltd"
RATES = {
    "USD": {"2026-01-01": 40.0, "2026-02-01": 41.0, "2026-03-01": 42.0},
    "EUR": {"2026-01-01": 44.0, "2026-03-01": 46.0},
}


class People:
    """Users with the least rights, and the environment of each."""

    GROUPS = {
        "manager": (
            "client_balance.group_client_balance_manager",
            "base.group_partner_manager",
        ),
        "second": (
            "client_balance.group_client_balance_manager",
            "account.group_account_invoice",
        ),
        "accountant": ("account.group_account_user", "account.group_account_manager"),
        "clerk": ("account.group_account_invoice",),
        "reader": ("account.group_account_readonly",),
        "salesperson": ("client_balance.group_client_balance_own",),
    }

    def __init__(self, env, companies):
        self.env, self.companies = env, companies
        self.users = {name: self.create(name, groups) for name, groups in self.groups()}

    def groups(self):
        for name, groups in self.GROUPS.items():
            yield name, ("base.group_user", *groups)

    def create(self, login, groups, **vals):
        users = self.env["res.users"].with_context(no_reset_password=True)
        return users.create(
            {
                "name": login.title(),
                "login": f"old_{login}",
                "email": f"{login}@example.com",
                "company_id": self.companies[0].id,
                "company_ids": [Command.set(self.companies.ids)],
                "group_ids": [Command.set([self.env.ref(g).id for g in groups])],
                **vals,
            }
        )

    def as_user(self, name, company=None):
        companies = company or self.companies[0]
        return self.env(
            user=self.users[name].id, context={"allowed_company_ids": companies.ids}
        )


class OldCompany:
    def __init__(self, env):
        self.plain = env
        self.create_companies()
        self.env = env(context={"allowed_company_ids": self.company.ids})
        self.people = People(self.env, self.company | self.branch | self.other)
        for name in People.GROUPS:
            setattr(self, name, self.people.as_user(name))
        self.create_clients()

    # The company ----------------------------------------------------------------------

    def create_companies(self):
        env = self.plain
        uah, usd, eur = (env.ref(f"base.{name}") for name in ("UAH", "USD", "EUR"))
        (uah | usd | eur).active = True
        self.uah, self.usd, self.eur = uah, usd, eur
        self.company, self.other = env["res.company"].create(
            [
                {
                    "name": COMPANY,
                    "country_id": env.ref("base.ua").id,
                    "currency_id": uah.id,
                    "email": "office@example.com",
                },
                {"name": OTHER, "currency_id": usd.id},
            ]
        )
        env.user.company_ids |= self.company | self.other
        load = env["account.chart.template"].try_loading
        load("ua_psbo", self.company, False)
        load("generic_coa", self.other, False)
        self.branch = env["res.company"].create(
            {"name": BRANCH, "parent_id": self.company.id, "currency_id": uah.id}
        )
        env.user.company_ids |= self.branch
        for name, rates in RATES.items():
            env["res.currency.rate"].create(
                [
                    {
                        "currency_id": env.ref(f"base.{name}").id,
                        "company_id": self.company.id,
                        "name": day,
                        "inverse_company_rate": rate,
                    }
                    for day, rate in rates.items()
                ]
            )
        self.bank = env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        self.misc = env["account.journal"].search(
            [
                ("type", "=", "general"),
                ("company_id", "=", self.company.id),
                ("id", "!=", self.company.client_balance_journal_id.id),
            ],
            limit=1,
        )
        self.income = self.company.income_account_id or self.find_account("income")
        lines = self.bank.inbound_payment_method_line_ids
        lines |= self.bank.outbound_payment_method_line_ids
        lines.payment_account_id = self.create_account("311990", "asset_current")
        self.set(
            portal_pay=True,
            portal_top_up=True,
            online_overpayment=True,
            notice_spend=True,
            limitation_days=900,
            limitation_warning=30,
            foreign_valuation="advance",
        )

    def set(self, **settings):
        """One by one: core hands several at once down to branches in two minds."""
        for name, value in settings.items():
            self.company[f"client_balance_{name}"] = value

    def create_account(self, code, account_type, **vals):
        return self.plain["account.account"].create(
            {
                "name": f"Old {code}",
                "code": code,
                "account_type": account_type,
                "reconcile": account_type == "asset_current",
                "company_ids": [Command.set(self.company.ids)],
                **vals,
            }
        )

    def find_account(self, account_type):
        return self.plain["account.account"].search(
            [
                ("account_type", "=", account_type),
                ("company_ids", "in", self.company.ids),
            ],
            limit=1,
        )

    def create_clients(self):
        env = self.env
        names = ("Ромашка", "Воля", "Агро", "Глобал", "Коваленко", "Злиття")
        self.clients = env["res.partner"].create(
            [
                {
                    "name": f"ТОВ «{name}»",
                    "is_company": True,
                    "email": f"client{number}@example.com",
                    "ref": f"OLD-{number}",
                }
                for number, name in enumerate(names, 1)
            ]
        )
        self.a, self.b, self.c, self.d, self.e, self.f = self.clients
        self.banks = env["res.partner.bank"].create(
            [
                {
                    "partner_id": client.id,
                    "acc_number": f"UA0000{client.id}{number}",
                    "allow_out_payment": True,
                }
                for client in self.clients[:5]
                for number in (1, 2)
            ]
        )
        self.a1, self.a2, self.b1, self.b2, self.c1 = self.banks[:5]
        self.a.client_balance_bank_id = self.a2
        self.a.user_id = self.people.users["salesperson"]
        self.contact = env["res.partner"].create(
            {"name": "Олена", "parent_id": self.a.id, "email": "olena@example.com"}
        )
        groups = ("base.group_portal",)
        self.people.users["portal"] = self.people.create(
            "portal", groups, partner_id=self.contact.id
        )

    # What people do -------------------------------------------------------------------

    def settle(self, client, amount, day, bank=None, user=None, **vals):
        """A manual settlement."""
        return (user or self.manager)["client.balance.settlement"].create(
            {
                "partner_id": client.id,
                "partner_bank_id": bank and bank.id,
                "amount": amount,
                "date": day,
                **vals,
            }
        )

    def invoice(self, client, amount, day, currency=None, user=None, **vals):
        invoice = (user or self.clerk)["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": client.id,
                "invoice_date": day,
                "currency_id": (currency or self.uah).id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **vals,
            }
        )
        invoice.action_post()
        return invoice

    def register(self, invoices, amount, day, **vals):
        """The payment dialog."""
        dialog = self.clerk["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoices.ids
        )
        dialog = dialog.create({"payment_date": day, "amount": amount, **vals})
        return dialog._create_payments()

    def payment(self, client, amount, day, **vals):
        payment = self.clerk["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": client.id,
                "journal_id": self.bank.id,
                "amount": amount,
                "date": day,
                **vals,
            }
        )
        payment.action_post()
        return payment

    def entry(self, client, amount, day, bank=None, account=None, company=None):
        """A plain journal entry on a balance account, by an accountant."""
        env = self.people.as_user("accountant", company)
        account = account or self.company.client_balance_account_id
        move = env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.misc.id,
                "date": day,
                "line_ids": [
                    Command.create(
                        {
                            "name": "Entry",
                            "account_id": account.id,
                            "partner_id": client.id,
                            "client_balance_bank_id": bank and bank.id,
                            "balance": -amount,
                        }
                    ),
                    Command.create(
                        {
                            "name": "Entry",
                            "account_id": self.income.id,
                            "balance": amount,
                        }
                    ),
                ],
            }
        )
        move.action_post()
        return move

    def balance(self, client, bank=None, currency=None):
        none = self.env["res.partner.bank"]
        return self.env["client.balance"]._get_balance(
            self.company, client, bank or none, currency or self.uah
        )

    def open(self, model, balance, user=None, **vals):
        """A dialog opened on a balance."""
        dialog = (user or self.manager)[f"client.balance.{model}"].with_context(
            default_balance_id=balance.id
        )
        names = dialog.default_get(list(dialog._fields))
        return dialog.create({**names, **vals})

    def confirm(self, *args, **vals):
        dialog = self.open(*args, **vals)
        dialog.action_confirm()
        return dialog

    def made(self, settlement_type):
        return self.env["client.balance.settlement"].search(
            [
                ("settlement_type", "=", settlement_type),
                ("company_id", "=", self.company.id),
            ],
            order="id",
        )

    def pay_from_balance(self, invoice, amount, bank, day):
        """The dialog of the invoice."""
        action = invoice.with_env(self.clerk).action_pay_from_client_balance()
        dialog = self.clerk["client.balance.pay"].with_context(**action["context"])
        dialog = dialog.create({"date": day})
        for line in dialog.line_ids:
            line.amount = amount if line.partner_bank_id == bank else 0.0
        dialog.action_confirm()
        return invoice.client_balance_settlement_ids.sorted("id")[-1:].move_id

    def deposit(self, document, day, **vals):
        """To client balance, of one document."""
        document = document.with_env(self.clerk)
        action = document.action_to_client_balance()
        dialog = self.clerk["client.balance.deposit"].with_context(**action["context"])
        dialog.create({"date": day, **vals}).action_confirm()
        return self.made("credit_note")[-1:].move_id

    def reason(self, suffix):
        return self.env.ref(f"client_balance.{self.company.id}_reason_{suffix}")
