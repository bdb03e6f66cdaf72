from .payment_common import PaymentDialogCommon


class TestDialogForgery(PaymentDialogCommon):
    """What the payment dialog computes may be sent by a program just as well."""

    def _forge(self, moves, forged, **values):
        """A dialog in which a program has overwritten what was computed."""
        wizard = self._request(moves, **values)
        wizard.write(forged)
        self.env.flush_all()
        self.env.invalidate_all()
        return wizard

    def test_an_invoice_is_not_paid_with_another_clients_money(self):
        bank = self.env["res.partner.bank"].create(
            {"partner_id": self.other_client.id, "acc_number": "UA007777"}
        )
        for key in (None, bank):
            self._settle(500, partner_id=self.other_client.id, bank=key)
            with self.subTest(bank=key):
                wizard = self._forge(
                    self._invoice(100),
                    {
                        "partner_id": self.other_client.id,
                        "client_balance_bank_id": key and key.id,
                        "client_balance_amount": 40,
                    },
                    amount=60,
                    from_client_balance=True,
                )
                self._refused(wizard, "open it again")

    def test_an_overpayment_does_not_go_to_another_client(self):
        wizard = self._forge(
            self._invoice(100),
            {"partner_id": self.other_client.id, "client_balance_bank_id": False},
            amount=120,
            to_client_balance=True,
        )
        self._refused(wizard, "open it again")

    def test_another_currency_of_the_invoice_is_refused(self):
        """Money of the balance would be worth another rate."""
        self._settle(500, bank=self.bank1)
        wizard = self._forge(
            self._invoice(100),
            {
                "source_currency_id": self.usd.id,
                "currency_id": self.uah.id,
                "amount": 60,
                "from_client_balance": True,
                "client_balance_bank_id": self.bank1.id,
                "client_balance_amount": 40,
            },
        )
        self._refused(wizard, "has changed since|open it again")

    def test_invoices_of_two_clients_are_refused_whatever_the_dialog_says(self):
        self._settle(500, bank=self.bank1)
        wizard = self._forge(
            self._invoice(100) + self._invoice(50, partner=self.other_client),
            {
                "can_edit_wizard": True,
                "can_group_payments": False,
                "partner_id": self.client.id,
                "payment_type": "inbound",
                "partner_type": "customer",
                "amount": 120,
                "from_client_balance": True,
                "client_balance_bank_id": self.bank1.id,
                "client_balance_amount": 30,
            },
        )
        self._refused(wizard, "Several payments|open it again")

    def test_ungrouped_invoices_are_refused_whatever_the_dialog_says(self):
        self._settle(500, bank=self.bank1)
        wizard = self._forge(
            self._invoice(100) + self._invoice(50),
            {
                "can_group_payments": False,
                "group_payment": False,
                "amount": 120,
                "from_client_balance": True,
                "client_balance_bank_id": self.bank1.id,
                "client_balance_amount": 30,
            },
        )
        self._refused(wizard, "Several payments|open it again")

    def test_refunds_and_bills_are_refused_whatever_the_dialog_says(self):
        self._settle(500, bank=self.bank1)
        for move_type in ("out_refund", "in_invoice"):
            for box, amount in (
                ("from_client_balance", 80),
                ("to_client_balance", 120),
            ):
                with self.subTest(move_type=move_type, box=box):
                    wizard = self._forge(
                        self._invoice(100, move_type=move_type),
                        {
                            "payment_type": "inbound",
                            "partner_type": "customer",
                            "amount": amount,
                            box: True,
                            "client_balance_bank_id": self.bank1.id,
                            "client_balance_amount": 20,
                        },
                    )
                    self._refused(wizard, "Only money received|open it again")

    def test_computed_figures_that_are_sent_count_for_nothing(self):
        self._settle(30, bank=self.bank1)
        wizard = self._forge(
            self._invoice(100),
            {
                "client_balance_available": 500,
                "client_balance_difference": 90,
                "client_balance_state": "under",
                "client_balance_amount": 90,
            },
            amount=10,
            from_client_balance=True,
        )
        self._refused(wizard, "only .*30.00.*available")
        wizard = self._forge(
            self._invoice(100),
            {
                "payment_difference": -50,
                "client_balance_state": "over",
                "client_balance_difference": 50,
                "to_client_balance": True,
            },
            amount=100,
        )
        self._refused(wizard, "is not overpaid")

    def test_what_is_due_is_read_again_whatever_the_dialog_says(self):
        self._settle(500, bank=self.bank1)
        invoice = self._invoice(100)
        wizard = self._request(
            invoice, amount=60, from_client_balance=True, client_balance_amount=40
        )
        self._pay(self._dialog(invoice, 50))
        wizard.write(
            {
                "source_amount_currency": 50,
                "source_amount": 50,
                "amount": 60,
                "from_client_balance": True,
                "client_balance_amount": 40,
            }
        )
        self.env.invalidate_all()
        self._refused(wizard, "Nothing is missing")

    def test_an_item_of_a_balance_account_is_not_paid_by_the_dialog(self):
        """Its pass would let the clerk post on that account."""
        self._settle(500, bank=self.bank1)
        line = self._settlements(self.bank1).move_line_id
        wizard = self._forge(
            self._invoice(100),
            {
                "line_ids": [(6, 0, line.ids)],
                "payment_type": "inbound",
                "partner_type": "customer",
                "can_edit_wizard": True,
                "amount": 600,
                "to_client_balance": True,
            },
        )
        self._refused(wizard, "Only money received|open it again")
