from odoo.tests import tagged

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestPaymentReference(ClientBalanceCommon):
    """The text by which a bank transfer finds its balance."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Balance = cls.env["client.balance"]
        cls.reference = cls.Balance._get_payment_reference(
            cls.client, cls.bank1, cls.uah
        )

    def _find(self, text):
        partner, bank = self.Balance._find_by_payment_reference(text, self.company)
        return partner, bank

    def test_a_reference_names_client_and_bank_account(self):
        self.assertRegex(self.reference, rf"^CB-{self.client.id}-{self.bank1.id}-\d\d$")
        self.assertEqual(self._find(self.reference), (self.client, self.bank1))
        none = self.env["res.partner.bank"]
        plain = self.Balance._get_payment_reference(self.client, none, self.uah)
        self.assertEqual(self._find(plain), (self.client, none))

    def test_a_contact_uses_the_balance_of_its_company(self):
        contact = self._create_client(
            "Olena", parent_id=self.client.id, is_company=False
        )
        self.assertEqual(
            self.Balance._get_payment_reference(contact, self.bank1, self.uah),
            self.reference,
        )

    def test_it_is_found_as_people_and_banks_write_it(self):
        _cb, partner_id, bank_id, check = self.reference.split("-")
        for text in (
            f"Поповнення балансу {self.reference}, без ПДВ",
            self.reference.lower(),
            self.reference.replace("CB", "СВ"),  # Cyrillic letters
            f"CB {partner_id} {bank_id} {check}",
            f"advance;CB–{partner_id}–{bank_id}–{check}.",
            f"{self.reference} {self.reference}",
        ):
            with self.subTest(text=text):
                self.assertEqual(self._find(text), (self.client, self.bank1))

    def test_a_mistyped_reference_finds_nobody(self):
        _cb, partner_id, bank_id, check = self.reference.split("-")
        swapped = f"CB-{self.other_client.id}-{bank_id}-{check}"
        wrong = f"CB-{partner_id}-{bank_id}-{(int(check) + 1) % 100:02d}"
        for text in (swapped, wrong, "CB-1", "", None, f"{self.reference}9", "CB-9-9"):
            with self.subTest(text=text):
                self.assertFalse(self._find(text)[0])

    def test_two_balances_in_one_purpose_find_nobody(self):
        other = self.Balance._get_payment_reference(self.client, self.bank2, self.uah)
        self.assertFalse(self._find(f"{self.reference} {other}")[0])

    def test_no_other_clients_bank_account_is_reached(self):
        forged = self.Balance._get_payment_reference(
            self.other_client, self.bank1, self.uah
        )
        self.assertFalse(self._find(forged)[0])

    def test_an_archived_bank_account_gives_way_to_the_default(self):
        self.bank1.active = False
        self.assertEqual(self._find(self.reference), (self.client, self.bank2))

    def test_a_client_of_another_company_is_not_found(self):
        self.client.company_id = self._create_company(name="Other")
        self.assertFalse(self._find(self.reference)[0])
