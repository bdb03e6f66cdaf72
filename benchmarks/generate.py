"""Fill a database through SQL with a company's years: clients, invoices, settlements.

One row of each kind is made by Odoo (``world.py``) and multiplied here by
``INSERT … SELECT``: a column that is not named takes the value of that row. The
ledger that results is sound: ``check_integrity()`` is empty.

The ledger of a key is pairs: an odd number puts an amount on the balance, the next
even one takes the same amount off and is matched with it. A key with an odd number of
settlements is left with its last amount.
"""

import sys
import time
from typing import NamedTuple

from benchmarks.world import CURRENCIES, DAY, RATES, opened


class Size(NamedTuple):
    clients: int
    banks: int  #: bank accounts, spread evenly
    settlements: int
    invoices: int
    heavy: int  #: settlements of the first client's first key

    @property
    def keys(self):
        """How many balances: two of the three currencies on each bank account."""
        return self.banks * 2


SIZES = {
    "small": Size(1_000, 2_000, 10_000, 10_000, 1_000),
    "medium": Size(10_000, 20_000, 100_000, 100_000, 10_000),
    "large": Size(100_000, 200_000, 1_000_000, 1_000_000, 10_000),
}

#: One invoice in ten is open.
OPEN = 10


class Filler:
    """Multiplies template rows in one table after another."""

    def __init__(self, cr):
        self.cr = cr
        self.started = time.monotonic()

    def columns(self, table):
        self.cr.execute(
            """
            SELECT column_name FROM information_schema.columns
             WHERE table_name = %s AND table_schema = 'public'
               AND is_generated = 'NEVER'
            """,
            [table],
        )
        return [name for (name,) in self.cr.fetchall()]

    def next_id(self, table):
        self.cr.execute(f'SELECT COALESCE(MAX(id), 0) + 1 FROM "{table}"')
        return self.cr.fetchone()[0]

    def multiply(self, table, template_id, source, **values):
        """Copy row ``template_id`` once per row of ``source``.

        :param source: SQL of a row source; its columns are read as ``s.…``
        :param values: SQL expressions of the columns that differ
        """
        columns = self.columns(table)
        expressions = [values.pop(name, f't."{name}"') for name in columns]
        if values:
            raise ValueError(f"{table} has no column {', '.join(values)}")
        names = ", ".join(f'"{name}"' for name in columns)
        self.cr.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {", ".join(expressions)}'
            f' FROM ({source}) s CROSS JOIN "{table}" t WHERE t.id = {template_id}'
        )
        self.cr.execute(
            f"SELECT setval('{table}_id_seq', (SELECT MAX(id) FROM \"{table}\"))"
        )
        self.say(table, self.cr.rowcount)

    def say(self, table, _count=None):
        self.cr.execute(f'SELECT COUNT(*) FROM "{table}"')
        count = self.cr.fetchone()[0]
        seconds = time.monotonic() - self.started
        print(f"   {table:32} {count:>10,} rows  {seconds:6.0f} s", file=sys.stderr)


def fill(database, size):
    """Fill ``database``, which has the addon and its company's chart."""
    with opened(database, commit=True) as world:
        templates = make_templates(world)
        world.env.flush_all()
        cr = world.cr
        # Set-based and consistent by construction: no trigger has anything to find.
        cr.execute("SET LOCAL session_replication_role = replica")
        cr.execute("SET LOCAL work_mem = '256MB'")
        indexes = drop_slow_indexes(cr)
        filler = Filler(cr)
        fill_clients(filler, size, templates)
        fill_invoices(filler, size, templates)
        fill_settlements(filler, world, size, templates)
        remove_templates(world, templates)
        for definition in indexes:
            cr.execute(definition)
        world.env.invalidate_all()
        # What Odoo would do for the templates after the commit has no object any more.
        cr.postcommit.clear()
        rebuild_report(world)
    check(database)


def check(database):
    """Let PostgreSQL know its tables, and the ledger be sound."""
    with opened(database, commit=True) as world:
        world.cr.execute("ANALYZE")
        found = world.env["client.balance"].check_integrity()
        if found:
            raise SystemExit(f"The generated ledger is not sound: {found[:3]}")


def drop_slow_indexes(cr):
    """:return: definitions of the text search indexes, to be built at the end"""
    cr.execute(
        """
        SELECT indexname, indexdef FROM pg_indexes
         WHERE tablename IN ('account_move', 'account_move_line', 'res_partner')
           AND indexdef LIKE '%USING gin%'
        """
    )
    found = cr.fetchall()
    for name, _definition in found:
        cr.execute(f'DROP INDEX "{name}"')
    return [definition for _name, definition in found]


# --- the rows that are multiplied -----------------------------------------------------


def make_templates(world):
    """One client, bank account, open and paid invoice, settlement up and down."""
    env = world.env
    partner = world.create_client("Template")
    partner.write({"ref": "BENCH-TEMPLATE", "customer_rank": 1})
    bank = env["res.partner.bank"].create(
        {"partner_id": partner.id, "acc_number": "UA-TEMPLATE"}
    )
    unpaid, paid = world.invoice(partner, 100.0), world.invoice(partner, 100.0)
    env["account.payment.register"].with_context(
        active_model="account.move", active_ids=paid.ids
    ).create({"journal_id": world.bank_journal.id})._create_payments()
    vals = {"partner_id": partner.id, "partner_bank_id": bank.id, "date": DAY}
    up, down = env["client.balance.settlement"].create(
        [{**vals, "amount": 100.0}, {**vals, "amount": -100.0}]
    )
    return {
        "partner": partner,
        "bank": bank,
        "unpaid": unpaid,
        "paid": paid,
        "up": up,
        "down": down,
    }


def remove_templates(world, templates):
    """Take the templates out again, the ledger's rows too (triggers are off)."""
    cr = world.cr
    partner_id = templates["partner"].id
    cr.execute(
        """
        SELECT DISTINCT move_id FROM account_move_line
         WHERE partner_id = %s AND move_id IS NOT NULL
        """,
        [partner_id],
    )
    move_ids = tuple(row[0] for row in cr.fetchall())
    cr.execute(
        """
        DELETE FROM account_partial_reconcile WHERE debit_move_id IN (
            SELECT id FROM account_move_line WHERE partner_id = %s)
        """,
        [partner_id],
    )
    for table in ("client_balance_settlement", "client_balance", "account_payment"):
        cr.execute(f"DELETE FROM {table} WHERE partner_id = %s", [partner_id])
    cr.execute("DELETE FROM account_move_line WHERE move_id IN %s", [move_ids])
    cr.execute("DELETE FROM account_move WHERE id IN %s", [move_ids])
    cr.execute("DELETE FROM res_partner_bank WHERE partner_id = %s", [partner_id])
    cr.execute("DELETE FROM res_partner WHERE id = %s", [partner_id])


def rebuild_report(world):
    """Rows of the client report are kept by the gate, which was not asked."""
    world.env["client.balance.report"]._update_columns()
    world.env["client.balance.total"]._rebuild()


# --- clients --------------------------------------------------------------------------


def fill_clients(filler, size, templates):
    partner, bank = templates["partner"], templates["bank"]
    first = filler.next_id("res_partner")
    templates["first_partner"] = first
    filler.multiply(
        "res_partner",
        partner.id,
        f"SELECT i, {first} + i - 1 AS id, 'Trading house ' || i AS name"
        f" FROM generate_series(1, {size.clients}) i",
        id="s.id",
        commercial_partner_id="s.id",
        name="s.name",
        complete_name="s.name",
        commercial_company_name="s.name",
        ref="'BENCH' || lpad(s.i::text, 7, '0')",
        email="'client' || s.i || '@example.com'",
        email_normalized="'client' || s.i || '@example.com'",
    )
    templates["first_bank"] = filler.next_id("res_partner_bank")
    filler.multiply(
        "res_partner_bank",
        bank.id,
        f"SELECT i, {templates['first_bank']} + i - 1 AS id,"
        f" {first} + (i - 1) % {size.clients} AS partner_id"
        f" FROM generate_series(1, {size.banks}) i",
        id="s.id",
        partner_id="s.partner_id",
        acc_number="'UA' || lpad(s.i::text, 27, '0')",
        sanitized_acc_number="'UA' || lpad(s.i::text, 27, '0')",
    )


# --- invoices -------------------------------------------------------------------------

DATE = "DATE '2024-01-01' + (s.i % 730)"


def fill_invoices(filler, size, templates):
    first_partner = templates["first_partner"]
    for kind, condition in (
        ("unpaid", f"i % {OPEN} = 0"),
        ("paid", f"i % {OPEN} <> 0"),
    ):
        template = templates[kind]
        first = filler.next_id("account_move")
        source = (
            f"SELECT i, {first} + row_number() OVER (ORDER BY i) - 1 AS id,"
            f" {first_partner} + i % {size.clients} AS partner_id,"
            f" (100 + i % 900)::numeric AS amount"
            f" FROM generate_series(1, {size.invoices}) i WHERE {condition}"
        )
        residual = "s.amount" if kind == "unpaid" else "0"
        filler.multiply(
            "account_move",
            template.id,
            source,
            id="s.id",
            name="'INV/BENCH/' || s.i",
            sequence_prefix="'INV/BENCH/'",
            sequence_number="s.i",
            payment_reference="'INV/BENCH/' || s.i",
            access_token="NULL",
            partner_id="s.partner_id",
            commercial_partner_id="s.partner_id",
            partner_shipping_id="s.partner_id",
            date=DATE,
            invoice_date=DATE,
            invoice_date_due=DATE,
            **dict.fromkeys(
                (
                    "amount_total",
                    "amount_untaxed",
                    "amount_total_signed",
                    "amount_untaxed_signed",
                    "amount_total_in_currency_signed",
                    "amount_untaxed_in_currency_signed",
                ),
                "s.amount",
            ),
            amount_residual=residual,
            amount_residual_signed=residual,
        )
        for line in template.line_ids:
            sign = "" if line.balance > 0 else "-"
            open_amount = residual if line.balance > 0 else "0"
            product = line.display_type == "product"
            filler.multiply(
                "account_move_line",
                line.id,
                f"SELECT *, {filler.next_id('account_move_line')} - 1 + row_number()"
                f" OVER (ORDER BY i) AS line_id FROM ({source}) s",
                id="s.line_id",
                move_id="s.id",
                move_name="'INV/BENCH/' || s.i",
                partner_id="s.partner_id",
                date=DATE,
                invoice_date=DATE,
                date_maturity="NULL" if product else DATE,
                balance=f"{sign}s.amount",
                amount_currency=f"{sign}s.amount",
                debit="0" if sign else "s.amount",
                credit="s.amount" if sign else "0",
                amount_residual=open_amount,
                amount_residual_currency=open_amount,
                price_unit="s.amount" if product else 't."price_unit"',
                price_subtotal="s.amount" if product else 't."price_subtotal"',
                price_total="s.amount" if product else 't."price_total"',
                full_reconcile_id="NULL",
                matching_number="NULL",
            )


# --- settlements ----------------------------------------------------------------------


def fill_settlements(filler, world, size, templates):
    """Balances, settlements, and the journal entries that they equal."""
    cr = world.cr
    currency_ids = [world.currency(name).id for name in CURRENCIES]
    create_keys(filler, cr, size, templates, currency_ids)
    up, down = templates["up"], templates["down"]
    first = {
        table: filler.next_id(table)
        for table in ("account_move", "account_move_line", "client_balance_settlement")
    }
    rates = ", ".join(
        f"({currency_id}, {RATES[name]})"
        for name, currency_id in zip(CURRENCIES, currency_ids, strict=True)
    )
    cr.execute(
        f"""
        CREATE TEMPORARY TABLE bench_row ON COMMIT DROP AS
        SELECT row_number() OVER (ORDER BY k.id, number) AS i,
               k.id AS balance_id, k.partner_id, k.partner_bank_id, k.currency_id,
               number, number % 2 = 1 AS is_up, number = k.settlement_count
               AND number % 2 = 1 AS is_open,
               (CASE WHEN number % 2 = 1 THEN 1 ELSE -1 END)
               * (100 + (k.id + (number + 1) / 2) % 900)::numeric AS amount,
               rate.rate::numeric AS rate,
               DATE '2024-01-01' + (number * 730 / (k.settlement_count + 1))::int
               AS date
          FROM client_balance k
          JOIN (VALUES {rates}) rate (currency_id, rate)
            ON rate.currency_id = k.currency_id
    CROSS JOIN LATERAL generate_series(1, k.settlement_count) number
         WHERE k.id >= {templates["first_balance"]}
        """
    )
    cr.execute(
        """
        UPDATE client_balance b SET amount = total FROM (
            SELECT balance_id, SUM(amount) AS total FROM bench_row GROUP BY 1
        ) sums WHERE sums.balance_id = b.id
        """
    )
    open_sql = "CASE WHEN s.is_open THEN {} ELSE 0 END"
    for settlement in (up, down):
        source = f"SELECT * FROM bench_row WHERE is_up = {settlement == up}"
        move = settlement.move_id
        filler.multiply(
            "account_move",
            move.id,
            source,
            id=f"{first['account_move']} + s.i",
            name="'CBAL/BENCH/' || s.i",
            sequence_prefix="'CBAL/BENCH/'",
            sequence_number="s.i",
            access_token="NULL",
            partner_id="s.partner_id",
            commercial_partner_id="s.partner_id",
            currency_id="s.currency_id",
            date="s.date",
        )
        for line in move.line_ids:
            own = line == settlement.move_line_id
            sign = "-" if own else ""
            amount, value = f"({sign}s.amount)", f"({sign}s.amount * s.rate)"
            filler.multiply(
                "account_move_line",
                line.id,
                source,
                id=f"{first['account_move_line']} + 2 * s.i + {int(own)}",
                move_id=f"{first['account_move']} + s.i",
                move_name="'CBAL/BENCH/' || s.i",
                partner_id="s.partner_id",
                client_balance_bank_id="s.partner_bank_id" if own else "NULL",
                currency_id="s.currency_id",
                date="s.date",
                amount_currency=amount,
                balance=value,
                debit=f"GREATEST(0, {value})",
                credit=f"GREATEST(0, -{value})",
                amount_residual=open_sql.format(value) if own else "0",
                amount_residual_currency=open_sql.format(amount) if own else "0",
                reconciled="NOT s.is_open" if own else 't."reconciled"',
                full_reconcile_id="NULL",
                matching_number="NULL",
            )
        filler.multiply(
            "client_balance_settlement",
            settlement.id,
            source,
            id=f"{first['client_balance_settlement']} + s.i",
            balance_id="s.balance_id",
            partner_id="s.partner_id",
            partner_bank_id="s.partner_bank_id",
            currency_id="s.currency_id",
            number="s.number",
            name="'CBAL/BENCH/' || s.i",
            move_name="'CBAL/BENCH/' || s.i",
            move_id=f"{first['account_move']} + s.i",
            move_line_id=f"{first['account_move_line']} + 2 * s.i + 1",
            move_line_ref=f"{first['account_move_line']} + 2 * s.i + 1",
            date="s.date",
            amount="s.amount",
            balance_after="CASE WHEN s.is_up THEN s.amount ELSE 0 END",
        )
    fill_matches(filler, world, down, first)


def create_keys(filler, cr, size, templates, currency_ids):
    """Balances with the number of their settlements; the first one is the heavy."""
    cr.execute(
        "SELECT id FROM client_balance WHERE partner_id = %s",
        [templates["partner"].id],
    )
    template_id = cr.fetchone()[0]
    first = templates["first_balance"] = filler.next_id("client_balance")
    average = (size.settlements - size.heavy) / size.keys
    low = int(average)
    # so many keys have one settlement more than the others
    more = int((average - low) * size.keys)
    filler.multiply(
        "client_balance",
        template_id,
        f"SELECT i, {first} + i - 1 AS id, {templates['first_bank']}"
        f" + (i - 1) % {size.banks} AS bank_id, {templates['first_partner']}"
        f" + ((i - 1) % {size.banks}) % {size.clients} AS partner_id,"
        # a bank account has two currencies, all of them together three
        f" (ARRAY{currency_ids})[1 + ((i - 1) % {size.banks} + (i - 1) / {size.banks})"
        f" % {len(currency_ids)}] AS currency_id,"
        f" CASE WHEN i = 1 THEN {size.heavy} WHEN i <= {more} THEN {low + 1}"
        f" ELSE {low} END AS count"
        f" FROM generate_series(1, {size.keys}) i",
        id="s.id",
        partner_id="s.partner_id",
        partner_bank_id="s.bank_id",
        currency_id="s.currency_id",
        settlement_count="s.count",
        amount="0",
    )


def fill_matches(filler, world, down, first):
    """Each spend took what the settlement before it had put on the balance."""
    cr = world.cr
    cr.execute(
        "SELECT id FROM account_partial_reconcile WHERE debit_move_id = %s",
        [down.move_line_id.id],
    )
    template_id = cr.fetchone()[0]
    line = f"{first['account_move_line']} + 2 * s.i + 1"
    filler.multiply(
        "account_partial_reconcile",
        template_id,
        "SELECT * FROM bench_row WHERE NOT is_up",
        id=f"{filler.next_id('account_partial_reconcile')} + s.i",
        debit_move_id=line,
        credit_move_id=f"{line} - 2",
        amount="-s.amount * s.rate",
        debit_amount_currency="-s.amount",
        credit_amount_currency="-s.amount",
        debit_currency_id="s.currency_id",
        credit_currency_id="s.currency_id",
        full_reconcile_id="NULL",
        max_date="s.date",
    )
