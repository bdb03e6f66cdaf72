"""A Ukrainian company to look at, made the way people make it.

Fed to ``odoo shell`` once, by `make demo`, on a database with demo data. Invoices are
paid in the real payment dialog, by the clerk; settlements are added by the accountant.
Running it again does nothing.
"""

from datetime import timedelta

from odoo import Command, fields

# ``odoo shell`` provides ``env``; the name keeps linters quiet.
env = globals()["env"]

COMPANY = "ТОВ «Перфект Трейд»"
TODAY = fields.Date.today()
LANG = "uk_UA"

#: How many hryvnias a unit cost so many days ago.
RATES = {
    "USD": {200: "41.20", 120: "41.55", 60: "41.80", 20: "42.10", 0: "42.25"},
    "EUR": {200: "44.90", 120: "45.60", 60: "47.20", 20: "48.35", 0: "48.60"},
}


def ago(days):
    return TODAY - timedelta(days=days)


# --- the company ----------------------------------------------------------------------


def create_company():
    for code in (LANG, "en_US"):
        env["res.lang"]._activate_lang(code)
    uah = env.ref("base.UAH")
    (uah | env.ref("base.USD") | env.ref("base.EUR")).active = True
    company = env["res.company"].create(
        {
            "name": COMPANY,
            "country_id": env.ref("base.ua").id,
            "currency_id": uah.id,
            "company_registry": "42198765",
            "street": "вул. Велика Васильківська, 100",
            "city": "Київ",
            "zip": "03150",
            "email": "office@example.com",
            "phone": "+380 44 000 00 00",
        }
    )
    company.partner_id.lang = LANG
    env["account.chart.template"].try_loading("ua_psbo", company)
    for name, rates in RATES.items():
        env["res.currency.rate"].create(
            [
                {
                    "currency_id": env.ref(f"base.{name}").id,
                    "company_id": company.id,
                    "name": ago(days),
                    "inverse_company_rate": float(rate),
                }
                for days, rate in rates.items()
            ]
        )
    return company


def set_up_banks(company):
    """Receipts wait on an outstanding account; a second bank account is in dollars."""
    journals = env["account.journal"].with_company(company)
    bank = journals.search(
        [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
    )
    bank.with_context(lang=LANG).name = "Поточний рахунок"
    template = env["account.chart.template"].with_company(company)
    outstanding = template.ref("account_journal_payment_debit_account_id")
    foreign = journals.create(
        {
            "name": "Валютний рахунок USD",
            "code": "BUSD",
            "type": "bank",
            "currency_id": env.ref("base.USD").id,
            "company_id": company.id,
        }
    )
    dollars = outstanding.copy(
        {
            "name": "Надходження в дорозі, USD",
            "currency_id": env.ref("base.USD").id,
            "company_ids": [Command.set(company.ids)],
        }
    )
    bank.inbound_payment_method_line_ids.payment_account_id = outstanding
    foreign.inbound_payment_method_line_ids.payment_account_id = dollars
    return bank, foreign


def set_up_portal(company, bank):
    """Clients pay from their balance and top it up; the provider only pretends."""
    company.write(
        {
            "client_balance_portal_pay": True,
            "client_balance_online_overpayment": True,
        }
    )
    bank.bank_account_id = env["res.partner.bank"].create(
        {
            "partner_id": company.partner_id.id,
            "acc_number": "UA213223130000026007233566001",
        }
    )
    template = env.ref("payment.payment_provider_demo", raise_if_not_found=False)
    if not template:
        return
    providers = env["payment.provider"].with_company(company)
    provider = providers.search(
        [("code", "=", "demo"), ("company_id", "=", company.id)], limit=1
    ) or template.with_company(company).copy({"company_id": company.id})
    provider.write({"state": "test", "is_published": True})
    provider.journal_id = bank


# --- people ---------------------------------------------------------------------------


def create_user(company, login, name, *groups, **vals):
    taken = env["res.users"].with_context(active_test=False)
    for other in taken.search([("login", "=", login)]):
        # Odoo's own demo data has users of this name.
        other.login = f"{login}_odoo"
        other.flush_recordset()
    return (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": name,
                "login": login,
                "password": login,
                "lang": LANG,
                "tz": "Europe/Kyiv",
                "company_id": company.id,
                "company_ids": [Command.set(company.ids)],
                "group_ids": [Command.set([env.ref(group).id for group in groups])],
                # Whoever logs in sees work to do, not a chat with a robot.
                "odoobot_state": "disabled",
                **vals,
            }
        )
    )


def create_users(company):
    invoices = env.ref("account.action_move_out_invoice_type").id
    users = {
        "accountant": create_user(
            company,
            "accountant",
            "Тетяна Бондар",
            "base.group_user",
            "base.group_partner_manager",
            "base.group_multi_currency",
            "account.group_account_user",
            "account.group_account_manager",
            "account.group_validate_bank_account",
            email="bondar@example.com",
            action_id=invoices,
        ),
        "clerk": create_user(
            company,
            "clerk",
            "Андрій Мельник",
            "base.group_user",
            "base.group_partner_manager",
            "account.group_account_invoice",
            email="melnyk@example.com",
            action_id=invoices,
        ),
        "salesperson": create_user(
            company,
            "salesperson",
            "Марія Ткаченко",
            "base.group_user",
            "client_balance.group_client_balance_own",
            email="tkachenko@example.com",
            action_id=env.ref("client_balance.client_balance_report_action").id,
        ),
    }
    contact = env.ref("client_balance.client_romashka_contact")
    contact.lang = LANG
    users["portal"] = create_user(
        company,
        "portal",
        contact.name,
        "base.group_portal",
        partner_id=contact.id,
        email=contact.email,
    )
    admin = env.ref("base.user_admin")
    admin.write(
        {
            "company_ids": [Command.link(company.id)],
            "company_id": company.id,
            "tz": "Europe/Kyiv",
            "odoobot_state": "disabled",
            "action_id": env.ref("client_balance.client_balance_checklist_action").id,
        }
    )
    return users


def set_up_clients(users):
    clients = {
        name: env.ref(f"client_balance.client_{name}")
        for name in ("romashka", "volia", "kovalenko", "global", "agro")
    }
    for client in clients.values():
        client.lang = LANG
    for name in ("romashka", "kovalenko", "agro"):
        clients[name].user_id = users["salesperson"]
    clients["romashka"].client_balance_bank_id = env.ref(
        "client_balance.client_romashka_bank_1"
    )
    return clients


# --- documents ------------------------------------------------------------------------


class Books:
    """What happens in the company, with the rights of those who do it."""

    def __init__(self, company, users, bank, foreign):
        self.company = company
        self.clerk = self.as_user(users["clerk"])
        self.accountant = self.as_user(users["accountant"])
        self.bank = bank
        self.foreign = foreign

    def as_user(self, user):
        return env(
            user=user.id,
            context={
                "lang": LANG,
                "tz": "Europe/Kyiv",
                "allowed_company_ids": self.company.ids,
            },
        )

    def invoice(self, client, days, total, name, currency="UAH", due=14):
        """A posted invoice whose total, with 20 % VAT, is exactly this."""
        invoice = self.clerk["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": client.id,
                "invoice_date": ago(days),
                "invoice_date_due": ago(days - due),
                "currency_id": env.ref(f"base.{currency}").id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": name,
                            "quantity": 1,
                            "price_unit": round(total / 1.2, 2),
                            "tax_ids": [
                                Command.set(self.company.account_sale_tax_id.ids)
                            ],
                        }
                    )
                ],
            }
        )
        invoice.action_post()
        assert not invoice.currency_id.compare_amounts(invoice.amount_total, total)
        return invoice

    def pay(self, invoice, days, amount, journal=None, **choices):
        """The clerk registers what has arrived on the bank account."""
        dialog = (
            self.clerk["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create(
                {
                    "payment_date": ago(days),
                    "journal_id": (journal or self.bank).id,
                    "currency_id": invoice.currency_id.id,
                    "amount": amount,
                    **choices,
                }
            )
        )
        return dialog._create_payments()

    def advance(self, client, days, amount, memo):
        """The clerk registers an advance: money that no invoice asked for."""
        payment = self.clerk["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": client.id,
                "journal_id": self.bank.id,
                "date": ago(days),
                "amount": amount,
                "memo": memo,
                "client_balance_advance": True,
            }
        )
        payment.action_post()
        return payment

    def reason(self, suffix):
        return env.ref(f"client_balance.{self.company.id}_reason_{suffix}").id

    def settle(self, client, days, amount, bank=None, currency="UAH", **vals):
        """The accountant adds a settlement by hand."""
        return self.accountant["client.balance.settlement"].create(
            {
                "partner_id": client.id,
                "partner_bank_id": bank.id if bank else False,
                "date": ago(days),
                "amount": amount,
                "currency_id": env.ref(f"base.{currency}").id,
                **vals,
            }
        )


def fill_romashka(books, client):
    """The two examples with which the product is explained."""
    first, second = client.bank_ids.sorted("sequence")
    books.settle(
        client,
        110,
        2500,
        first,
        settlement_type="opening",
        description="Залишок з попередньої облікової програми",
        is_advance=True,
        advance_date=ago(150),
    )
    invoice = books.invoice(client, 60, 20000, "Офісні меблі, комплект")
    books.pay(
        invoice, 52, 20159, to_client_balance=True, client_balance_bank_id=first.id
    )
    invoice = books.invoice(client, 30, 10000, "Доставка і монтаж меблів")
    books.pay(
        invoice,
        21,
        8500,
        from_client_balance=True,
        client_balance_bank_id=first.id,
        client_balance_amount=1500,
    )
    books.settle(
        client,
        12,
        750,
        second,
        reason_id=books.reason("bonus"),
        description="Компенсація за затримку доставки",
    )
    books.invoice(client, 5, 6480, "Крісла офісні, 3 шт.")


def fill_volia(books, client):
    bank = client.bank_ids
    invoice = books.invoice(client, 75, 36000, "Принтери, 2 шт.")
    books.pay(invoice, 70, 40000, to_client_balance=True)
    books.settle(
        client,
        40,
        -1200,
        bank,
        reason_id=books.reason("penalty"),
        description="Неустойка за договором № 14 від 03.02",
    )
    books.invoice(client, 35, 4800, "Картриджі, 6 шт.")


def fill_kovalenko(books, client):
    """A client without a bank account."""
    invoice = books.invoice(client, 48, 3600, "Папір офісний")
    books.pay(invoice, 45, 4000, to_client_balance=True)
    wrong = books.settle(
        client,
        20,
        500,
        reason_id=books.reason("bonus"),
        description="Бонус за обсяг закупівель",
    )
    wrong.action_reverse()
    books.settle(
        client,
        20,
        50,
        reason_id=books.reason("bonus"),
        description="Бонус за обсяг закупівель, правильна сума",
    )


def fill_global(books, client):
    """A client who pays in dollars and has a balance in two currencies."""
    first, second = client.bank_ids.sorted("sequence")
    invoice = books.invoice(client, 58, 1200, "Обладнання за контрактом", "USD")
    books.pay(
        invoice,
        50,
        1350,
        books.foreign,
        to_client_balance=True,
        client_balance_bank_id=second.id,
    )
    invoice = books.invoice(client, 18, 600, "Запасні частини", "USD")
    books.pay(
        invoice,
        10,
        500,
        books.foreign,
        from_client_balance=True,
        client_balance_bank_id=second.id,
        client_balance_amount=100,
    )
    invoice = books.invoice(client, 44, 24000, "Розвантаження контейнера")
    books.pay(
        invoice,
        40,
        25000,
        to_client_balance=True,
        client_balance_bank_id=first.id,
    )


def fill_agro(books, client):
    """A client with an advance, and an overdue invoice to pay from it."""
    books.advance(client, 85, 12000, "Аванс за насіння за рахунком № 31")
    books.invoice(client, 50, 9600, "Насіння соняшнику", due=10)


def fill():
    if env["res.company"].search_count([("name", "=", COMPANY)]):
        print(f"{COMPANY} is there already.")
        return
    company = create_company()
    bank, foreign = set_up_banks(company)
    set_up_portal(company, bank)
    users = create_users(company)
    clients = set_up_clients(users)
    books = Books(company, users, bank, foreign)
    for name, client in clients.items():
        globals()[f"fill_{name}"](books, client)
    problems = env["client.balance"].check_integrity()
    assert not problems, problems
    env.cr.commit()


fill()
