from lxml import etree

from .report_common import ReportCommon


class TestReportCustomers(ReportCommon):
    """The columns of the client report in the ordinary list of customers."""

    def _fill(self):
        self._settle(100.0)
        self._settle(-30.0)
        self._settle(7.0, partner_id=self.other_client.id)
        self._settle(5.0, currency_id=self.usd.id)

    def _find(self, domain, user=None, order="id"):
        clients = self.client | self.other_client
        return (
            self.env["res.partner"]
            .with_user(user or self.reader)
            .search([("id", "in", clients.ids), *domain], order=order)
        )

    def test_a_customer_shows_its_balances(self):
        self._fill()
        self.assertRecordValues(
            self._find([]),
            [
                {"x_client_balance_uah": 70.0, "x_client_balance_usd": 5.0},
                {"x_client_balance_uah": 7.0, "x_client_balance_usd": 0.0},
            ],
        )
        self.assertEqual(self._find([])[0].x_client_balance_currency_usd_id, self.usd)

    def test_a_contact_shows_the_balances_of_its_company(self):
        self._fill()
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.client.id}
        )
        self.assertEqual(contact.with_user(self.reader).x_client_balance_uah, 70.0)

    def test_customers_are_searched_by_balance(self):
        self._fill()
        stranger = self._create_client("Never a client")
        for domain, found in (
            ([("x_client_balance_uah", ">", 0)], self.client | self.other_client),
            ([("x_client_balance_uah", "=", 0)], stranger),
            ([("x_client_balance_uah", "<", 5)], stranger),
            ([("x_client_balance_uah", "!=", 0)], self.client | self.other_client),
            ([("x_client_balance_uah", ">", 10)], self.client),
            ([("x_client_balance_uah", "<", 10)], self.other_client | stranger),
            ([("x_client_balance_usd", "=", 0)], self.other_client | stranger),
            ([("x_client_balance_usd", "!=", 0)], self.client),
            ([("x_client_balance_uah", "<", 0)], self.env["res.partner"]),
        ):
            with self.subTest(domain=domain):
                among = [("id", "in", (self.client | self.other_client | stranger).ids)]
                partners = self.env["res.partner"].with_user(self.reader)
                self.assertEqual(
                    partners.search([*among, *domain], order="id").ids, found.ids
                )

    def test_customers_are_sorted_by_balance(self):
        self._fill()
        clients = self._find([], order="x_client_balance_uah")
        self.assertEqual(clients.ids, [self.other_client.id, self.client.id])
        described = self.env["res.partner"].fields_get(["x_client_balance_uah"])
        self.assertTrue(described["x_client_balance_uah"]["sortable"])
        self.assertTrue(described["x_client_balance_uah"]["searchable"])

    def test_salespeople_see_the_balances_of_their_own_clients(self):
        self._fill()
        self.client.user_id = self.salesperson
        self.assertEqual(
            self._find([], self.salesperson).mapped("x_client_balance_uah"),
            [70.0, 0.0],
        )
        self.assertFalse(
            self._find([("x_client_balance_uah", "=", 7)], self.salesperson)
        )

    def test_people_without_rights_see_no_balance(self):
        self._fill()
        self.assertEqual(
            self._find([], self.employee).mapped("x_client_balance_uah"), [0.0, 0.0]
        )
        self.assertFalse(self._find([("x_client_balance_uah", ">", 0)], self.employee))

    def test_the_columns_can_be_switched_on(self):
        for user, expected in ((self.reader, True), (self.employee, False)):
            partner = self.env["res.partner"].with_user(user)
            arch = partner.get_view(self.env.ref("base.view_partner_tree").id, "list")[
                "arch"
            ]
            found = etree.fromstring(arch).xpath(
                "//field[@name='x_client_balance_uah'][@optional='hide']"
            )
            self.assertEqual(bool(found), expected)
            arch = partner.get_view(
                self.env.ref("base.view_res_partner_filter").id, "search"
            )["arch"]
            found = etree.fromstring(arch).xpath(
                "//filter[@name='x_client_balance_uah_positive']"
            )
            self.assertEqual(bool(found), expected)
