"""Settlements: one among many, many at once, and the questions about all."""

from benchmarks.measure import paired
from benchmarks.table import Result, at_most, row, times
from benchmarks.world import DAY

#: Journal items that one round inserts, with our indexes and without.
INSERTED = 10_000

FIELDS = (
    "date",
    "name",
    "settlement_type",
    "description",
    "partner_bank_id",
    "currency_id",
    "amount",
)


@row("one")
def one_among_many(bench):
    """One more settlement of a usual client, in a large and in a small ledger."""
    if bench.database == bench.small:
        return

    def prepare(world):
        client = world.client(7)
        vals = {"partner_id": client.id, "amount": 1.0, "date": DAY}

        def prepared():
            world.env.flush_all()
            world.env.invalidate_all()

            def action():
                world.env["client.balance.settlement"].create(vals)
                world.env.flush_all()

            return action

        return prepared

    with bench.opened() as large, bench.opened_small() as small:
        pair = paired(
            large.cr,
            prepare(large),
            prepare(small),
            rounds=2 * bench.rounds,
            other_cr=small.cr,
        )
        counts = [
            world.env["client.balance.settlement"].search_count([])
            for world in (large, small)
        ]
    goal, reached = at_most(1.1, pair.ratio)
    yield Result(
        f"one settlement among {counts[0]:,}",
        f"one among {counts[1]:,}",
        goal,
        times(pair),
        reached,
    )


@row("import")
def many_at_once(bench):
    count = bench.batch
    with bench.opened() as world:
        clients = world.env["res.partner"].search(
            [("ref", "=like", "BENCH%")], limit=count
        )
        vals_list = [
            {
                "partner_id": clients[i % len(clients)].id,
                "amount": 100.0 + i % 900,
                "date": DAY,
                "settlement_type": "opening",
                "external_ref": f"OPENING-{i}",
            }
            for i in range(count)
        ]
        journal = world.company.client_balance_journal_id
        account = world.company.client_balance_account_id
        equity = world.company.get_unaffected_earnings_account()

        def ours():
            world.env.invalidate_all()

            def action():
                with world.cr.savepoint() as savepoint:
                    world.env["client.balance.settlement"].create(vals_list)
                    world.env.flush_all()
                    savepoint.rollback()

            return action

        def theirs():
            world.env.invalidate_all()
            entries = [
                {
                    "journal_id": journal.id,
                    "date": DAY,
                    "line_ids": [
                        (
                            0,
                            0,
                            {
                                "account_id": line_account.id,
                                "partner_id": vals["partner_id"],
                                "name": "Opening",
                                "balance": sign * vals["amount"],
                            },
                        )
                        for line_account, sign in (
                            (world.liability, -1),
                            (equity, 1),
                        )
                    ],
                }
                for vals in vals_list
            ]

            def action():
                with world.cr.savepoint() as savepoint:
                    world.env["account.move"].create(entries)._post(soft=False)
                    world.env.flush_all()
                    savepoint.rollback()

            return action

        assert account.is_client_balance
        pair = paired(world.cr, ours, theirs, rounds=bench.slow_rounds, warm_up=0)
    goal, reached = at_most(1.15, pair.ratio)
    yield Result(
        f"{count:,} settlements imported",
        "the same entries created and posted by core",
        goal,
        times(pair),
        reached,
    )


@row("card")
def client_card(bench):
    """What the client card's tab asks: the balances and the first page."""
    with bench.opened() as world:
        heavy, light = world.client(1), world.create_client("Ten settlements")
        # as the heavy one has them: what they take is not what the number takes
        banks = world.env["res.partner.bank"].create(
            [{"partner_id": light.id, "acc_number": f"UA-LIGHT-{i}"} for i in range(2)]
        )
        vals = {"partner_id": light.id, "amount": 1.0, "date": DAY}
        world.env["client.balance.settlement"].create(
            [{**vals, "partner_bank_id": banks[i % 2].id} for i in range(10)]
        )
        count = world.env["client.balance.settlement"].search_count(
            [("partner_id", "=", heavy.id)]
        )
        env = world.env(user=world.accountant)

        def prepare(client):
            def prepared():
                world.env.flush_all()
                world.env.invalidate_all()

                def action():
                    env["client.balance"].get_client_balance_overview(client.id)
                    env["client.balance.settlement"].web_search_read(
                        [("partner_id", "=", client.id)],
                        {
                            **{name: {} for name in FIELDS},
                            "running_balance": {},
                            "invoice_ids": {"fields": {"display_name": {}}},
                        },
                        limit=10,
                        order="date desc, id desc",
                    )

                return action

            return prepared

        pair = paired(world.cr, prepare(heavy), prepare(light), rounds=2 * bench.rounds)
    goal, reached = at_most(1.3, pair.ratio)
    yield Result(
        f"client card page, {count:,} settlements",
        "the same on a client with 10",
        f"{goal}, same queries",
        times(pair),
        reached and pair.more_queries == 0,
    )


@row("check")
def check_of_books(bench):
    with bench.opened() as world:

        def ours():
            return world.env["client.balance"].check_integrity

        def theirs():
            def action():
                for table, column in (
                    ("client_balance", "amount"),
                    ("client_balance_settlement", "amount"),
                    ("account_move_line", "amount_currency"),
                ):
                    world.cr.execute(f"SELECT SUM({column}) FROM {table}")

            return action

        pair = paired(
            world.cr, ours, theirs, rounds=max(3, bench.rounds // 3), warm_up=1
        )
    goal, reached = at_most(5, pair.ratio)
    yield Result(
        "check of the books", "one sum of each table", goal, times(pair), reached
    )


@row("as-of")
def as_of(bench):
    with bench.opened() as world:
        env = world.env

        def ours():
            balances = env["client.balance"].search([])
            env.invalidate_all()
            return lambda: balances._get_amounts_on("2025-06-30")

        def theirs():
            return lambda: (
                world.cr.execute(
                    "SELECT balance_id, SUM(amount) FROM client_balance_settlement"
                    " WHERE date <= '2025-06-30' GROUP BY balance_id"
                ),
                world.cr.fetchall(),
            )

        pair = paired(
            world.cr, ours, theirs, rounds=max(3, bench.rounds // 3), warm_up=1
        )
    goal, reached = at_most(2, pair.ratio)
    yield Result(
        "balances of all clients on a day",
        "one indexed aggregate",
        goal,
        times(pair),
        reached,
    )


@row("sizes")
def sizes(bench):
    """No goal: what the ledger takes on the disk."""
    with bench.opened() as world:
        for table in ("client_balance", "client_balance_settlement"):
            world.cr.execute(
                """
                SELECT COUNT(*), pg_table_size(%(table)s), pg_indexes_size(%(table)s)
                  FROM """
                + table,
                {"table": table},
            )
            count, data, indexes = world.cr.fetchone()
            yield Result(
                f"size of {table}, {count:,} rows",
                "",
                "",
                f"{data / 2**20:.0f} MB, indexes {indexes / 2**20:.0f} MB",
                None,
            )


@row("indexes")
def cost_of_indexes(bench):
    """What our indexes on core's journal items take: on the disk, and of inserts."""
    with bench.opened() as world:
        cr = world.cr
        cr.execute(
            """
            SELECT indexrelname, relname, pg_relation_size(indexrelid)
              FROM pg_stat_user_indexes
             WHERE relname IN ('account_move', 'account_move_line', 'account_payment')
               AND indexrelname LIKE '%client_balance%'
          ORDER BY relname, indexrelname
            """
        )
        indexes = cr.fetchall()
        for name, table, size in indexes:
            yield Result(
                f"size of {name}", f"on {table}", "", f"{size / 2**20:.1f} MB", None
            )
        cr.execute(
            """
            SELECT column_name FROM information_schema.columns
             WHERE table_name = 'account_move_line' AND column_name <> 'id'
               AND table_schema = 'public' AND is_generated = 'NEVER'
            """
        )
        names = ", ".join(f'"{name}"' for (name,) in cr.fetchall())
        insert = (
            f"INSERT INTO account_move_line (id, {names})"
            f" SELECT nextval('account_move_line_id_seq'), {names}"
            f" FROM account_move_line ORDER BY id LIMIT {INSERTED}"
        )

        def prepare(dropped):
            def prepared():
                savepoint = cr.savepoint()
                for name in dropped:
                    cr.execute(f'DROP INDEX "{name}"')

                def action():
                    cr.execute(insert)
                    savepoint.rollback()
                    savepoint.close(rollback=False)

                return action

            return prepared

        ours = [name for name, table, _size in indexes if table == "account_move_line"]
        pair = paired(cr, prepare([]), prepare(ours), rounds=bench.rounds)
    goal, reached = at_most(1.03, pair.ratio)
    yield Result(
        f"{INSERTED:,} journal items inserted, with our indexes",
        "the same without them",
        goal,
        times(pair),
        reached,
    )
