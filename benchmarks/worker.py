"""One writer of the contention rows: pays invoices for a while, as a process.

    python -m benchmarks.worker DATABASE CLIENT_IDS SECONDS ours|core

Prints ``done failed`` at the end. Each payment is a transaction of its own, repeated
by Odoo's own rule when another one was faster.
"""

import sys
import time

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying

from benchmarks import payments, world


def main(database, client_ids, seconds, mode):
    world.configure(database)
    registry = Registry(database)
    client_ids = [int(number) for number in client_ids.split(",")]
    vals = {"to_client_balance": True} if mode == "ours" else None
    done = failed = turn = 0
    print("ready", flush=True)
    sys.stdin.readline()
    deadline = time.monotonic() + float(seconds)
    while time.monotonic() < deadline:
        client_id = client_ids[turn % len(client_ids)]
        turn += 1
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = env["res.company"].search([("name", "=", world.COMPANY)])
            bench = world.find(env, company)

            def payment(bench=bench, client_id=client_id):
                partner = bench.env["res.partner"].browse(client_id)
                invoice = bench.invoice(partner, 100.0)
                payments.pay(
                    bench, invoice, 120.0, **(vals or payments.core_vals(bench))
                )()

            try:
                retrying(payment, env)
                done += 1
            except Exception as error:
                failed += 1
                print(type(error).__name__, str(error)[:200], file=sys.stderr)
    print(done, failed, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
