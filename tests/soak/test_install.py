"""The addon comes to people who have worked for long."""

import time

import pytest

from tests.soak.commands import copied_base, find_changes, odoo, opened, read_rows

PAYMENTS = 1000
TABLES = (
    "account_move",
    "account_move_line",
    "account_payment",
    "account_partial_reconcile",
    "account_full_reconcile",
    "res_partner",
    "res_partner_bank",
)

#: Each client pays its invoice of 100 with 130: thirty stay as an open credit. Every
#: fifth pays in advance, without an invoice.
BOOKS = f"""
from odoo import Command

company = env["res.company"].create(
    {{"name": "Old", "currency_id": env.ref("base.USD").id}}
)
env.user.company_ids += company
env["account.chart.template"].try_loading("generic_coa", company, False)
env = env(context={{"allowed_company_ids": company.ids}})
clients = env["res.partner"].create([{{"name": f"Client {{n}}"}} for n in range(200)])
payments = env["account.payment"].create(
    [
        {{
            "partner_id": clients[n % 200].id,
            "amount": 130,
            "date": "2026-02-01",
            "memo": f"Old payment {{n}}",
        }}
        for n in range({PAYMENTS})
    ]
)
payments.action_post()
invoices = env["account.move"].create(
    [
        {{
            "move_type": "out_invoice",
            "partner_id": payment.partner_id.id,
            "invoice_date": "2026-01-20",
            "invoice_line_ids": [
                Command.create(
                    {{"name": "Goods", "price_unit": 100, "tax_ids": [Command.clear()]}}
                )
            ],
        }}
        for n, payment in enumerate(payments)
        if n % 5
    ]
)
invoices.action_post()
for payment, invoice in zip(
    [payment for n, payment in enumerate(payments) if n % 5], invoices, strict=True
):
    (payment.move_id | invoice).line_ids.filtered(
        lambda line: line.account_id.account_type == "asset_receivable"
    ).reconcile()
env.cr.commit()
"""


@pytest.fixture
def database():
    with copied_base("install") as name:
        yield name


def test_installed_beside_a_thousand_payments(database):
    odoo("shell", "-d", database, script=BOOKS)
    before = read_rows(database, TABLES)
    assert len(before["account_payment"]) >= PAYMENTS
    start = time.monotonic()
    odoo("-d", database, "-i", "client_balance", "--stop-after-init")
    print(f"installed in {time.monotonic() - start:.0f} s")
    changes = [
        change
        for change in find_changes(before, read_rows(database, TABLES))
        # users get groups: Odoo notes that on their partners
        if change[0] != "res_partner" or change[2] != "write_date"
    ]
    assert changes == []
    with opened(database) as plain_env:
        company = plain_env["res.company"].search([("name", "=", "Old")])
        env = plain_env(context={"allowed_company_ids": company.ids})
        assert company.client_balance_account_id
        assert env["client.balance"].check_integrity() == []
        assert not env["client.balance.settlement"].search([])
        credits_ = env["account.move.line"].search(
            [
                ("company_id", "=", company.id),
                ("account_type", "=", "asset_receivable"),
                ("amount_residual", "<", 0),
            ]
        )
        assert len(credits_) == PAYMENTS
        assert sum(credits_.mapped("amount_residual")) == -30 * 800 - 130 * 200
        # and the old credits may go to the balances now
        move = credits_[0].move_id
        amount = -credits_[0].amount_residual
        action = move.action_to_client_balance()
        dialog = env[action["res_model"]].with_context(**action["context"]).create({})
        dialog.action_confirm()
        [settlement] = env["client.balance.settlement"].search([])
        assert settlement.amount == amount
        assert env["client.balance"].check_integrity() == []
