"""The payment dialog: ours against core's own write-off line."""

from benchmarks.measure import paired
from benchmarks.table import Result, row, times
from benchmarks.world import DAY


def pay(world, invoice, amount, **vals):
    """The dialog as its user's browser drives it: create, confirm, write."""
    # one step of a payment is what the clerk may do, not the superuser
    wizard = (
        world.env["account.payment.register"]
        .with_user(world.clerk)
        .with_context(active_model="account.move", active_ids=invoice.ids)
    )

    def action():
        wizard.create(
            {
                "journal_id": world.bank_journal.id,
                "payment_date": DAY,
                "amount": amount,
                **vals,
            }
        ).action_create_payments()
        world.env.flush_all()
        world.cr.precommit.run()

    return action


def prepared(world, partner, amount, **vals):
    """:return: a function that makes a new invoice and returns its payment"""

    def prepare():
        invoice = world.invoice(partner, 100.0)
        world.env.flush_all()
        world.env.invalidate_all()
        return pay(world, invoice, amount, **vals)

    return prepare


def core_vals(world):
    return {
        "payment_difference_handling": "reconcile",
        "writeoff_account_id": world.liability.id,
    }


@row("overpayment")
def overpayment(bench):
    with bench.opened() as world:
        partner = world.create_client("Overpays")
        pair = paired(
            world.cr,
            prepared(world, partner, 120.0, to_client_balance=True),
            prepared(world, partner, 120.0, **core_vals(world)),
            rounds=bench.rounds,
        )
    yield Result(
        "register a payment with overpayment to the balance",
        "the same with core's write-off to a liability account",
        "≤ 1.05 ×, ≤ +6 queries",
        times(pair),
        pair.ratio <= 1.05 and pair.more_queries <= 6,
    )


@row("shortfall")
def shortfall(bench):
    with bench.opened() as world:
        partner = world.create_client("Spends")
        world.env["client.balance.settlement"].create(
            {"partner_id": partner.id, "amount": 100_000.0, "date": DAY}
        )
        pair = paired(
            world.cr,
            prepared(
                world,
                partner,
                90.0,
                from_client_balance=True,
                client_balance_amount=10.0,
            ),
            prepared(world, partner, 90.0, **core_vals(world)),
            rounds=bench.rounds,
        )
    yield Result(
        "take a shortfall from the balance (source named)",
        "the same with core's write-off to a liability account",
        "≤ 1.25 ×, ≤ +25 queries",
        times(pair),
        pair.ratio <= 1.25 and pair.more_queries <= 25,
    )
