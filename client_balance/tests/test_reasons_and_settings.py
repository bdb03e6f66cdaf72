from itertools import pairwise

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from .accounts_common import AccountsCommon


@tagged("post_install", "-at_install")
class TestReasonsAndSettings(AccountsCommon):
    """Reasons, settings and groups."""

    # Reasons ------------------------------------------------------------------------

    def test_default_reasons_of_other_charts(self):
        reasons = self._reasons(self.company)
        self.assertEqual(
            reasons.mapped("direction"), ["in", "in", "out", "out", "both"]
        )
        self.assertEqual(
            reasons[1:4].mapped("account_id.internal_group"), ["expense", "income"]
        )
        self.assertEqual(reasons[0].account_id, self.receivable)
        self.assertFalse(reasons[4].account_id)

    def test_shared_reason_names_no_account(self):
        with self.assertRefused("shared by all companies", ValidationError):
            self._reasons(self.company)[1].company_id = False

    def test_reason_cannot_use_a_balance_account(self):
        with self.assertRefused("is a balance account itself", ValidationError):
            self._reasons(self.company)[1].account_id = self.balance_account

    def _accounts_of_every_type(self):
        """:return: one account per type, and a balance account"""
        Account = self.env["account.account"]
        types = [key for key, _label in Account._fields["account_type"].selection]
        self.assertIn("off_balance", types)
        return self.balance_account | Account.create(
            [
                {
                    "name": kind,
                    "code": f"7770{number:02}",
                    "account_type": kind,
                    "reconcile": kind in ("asset_receivable", "liability_payable"),
                    "company_ids": [(6, 0, self.company.ids)],
                }
                for number, kind in enumerate(types)
                # one per company
                if kind != "equity_unaffected"
            ]
        )

    def _assert_only_offered(self, record, name, message):
        """A program may write on field ``name`` what the screen offers, only that."""
        accounts = self._accounts_of_every_type()
        domain = safe_eval(
            record.fields_get([name], ["domain"])[name]["domain"],
            {"id": self.company.id, "company_id": self.company.id},
        )
        offered = accounts.filtered_domain(domain)
        self.assertNotIn("asset_cash", offered.mapped("account_type"))
        for account in accounts:
            with self.subTest(kind=account.account_type):
                if account in offered:
                    record[name] = account
                    continue
                with self.assertRefused(message, ValidationError):
                    record[name] = account
        return offered.mapped("account_type")

    def test_reason_uses_what_the_screen_offers_only(self):
        types = self._assert_only_offered(
            self._reasons(self.company)[1].with_user(self.manager),
            "account_id",
            "is a balance account itself|is a bank, cash or off-balance account",
        )
        self.assertIn("asset_receivable", types)

    def test_clearing_account_is_what_the_screen_offers_only(self):
        types = self._assert_only_offered(
            self.company,
            "client_balance_clearing_account_id",
            "The clearing account of Perfect Trade cannot be a ",
        )
        self.assertNotIn("asset_receivable", types)

    def test_account_of_a_reason_is_not_deleted(self):
        account = self._used_account()
        self._reasons(self.company)[1].account_id = account
        with self.assertRefused("Bonus or compensation to the client"):
            account.unlink()

    def test_used_reason_is_archived_instead_of_deleted(self):
        reason = self._reasons(self.company)[1]
        self._settle(100, reason_id=reason.id)
        with self.assertRefused("Archive it instead"):
            reason.unlink()
        reason.action_archive()
        self._reasons(self.company)[1].unlink()

    def test_reason_rights(self):
        reason = self._reasons(self.company)[1].sudo(False)
        self.assertTrue(reason.with_user(self.salesperson).name)
        for user in (self.clerk, self.reader):
            with self.assertRefused(".", AccessError):
                reason.with_user(user).name = "Gift"
        reason.with_user(self.manager).name = "Gift"
        with self.assertRefused(".", AccessError):
            reason.with_user(self.employee).read(["name"])

    def test_reasons_of_another_company_are_hidden(self):
        other = self._create_company(name="Other", currency_id=self.uah.id)
        hidden = self._reasons(other)
        self.assertTrue(hidden)
        self.assertFalse(
            self.env["client.balance.reason"].with_user(self.manager).search([])
            & hidden
        )

    # Settings -------------------------------------------------------------------------

    def test_settings_write_the_company(self):
        account = self._used_account()
        with Form(self.env["res.config.settings"]) as form:
            form.client_balance_tab = False
            form.client_balance_account_id = account
        form.save().execute()
        self.assertFalse(self.company.client_balance_tab)
        self.assertEqual(self.company.client_balance_account_id, account)

    def test_settings_say_that_the_old_account_stays(self):
        settings = self.env["res.config.settings"].new({})
        settings.client_balance_account_id = self._used_account()
        result = settings._onchange_client_balance_accounts()
        self.assertIn("stays a balance account", result["warning"]["message"])

    def test_settings_offer_what_the_company_may_choose(self):
        settings = self.env["res.config.settings"].fields_get(attributes=["domain"])
        company = self.company.fields_get(attributes=["domain"])
        for name in (
            "client_balance_account_id",
            "client_balance_foreign_account_id",
            "client_balance_clearing_account_id",
            "client_balance_journal_id",
        ):
            offered, allowed = (
                self.env[self.company[name]._name].search(
                    safe_eval(fields[name]["domain"], {**known, "id": self.company.id})
                )
                for fields, known in (
                    (settings, {"company_id": self.company.id}),
                    (company, {}),
                )
            )
            self.assertTrue(allowed, name)
            self.assertEqual(offered, allowed, name)

    def test_settings_are_for_administrators(self):
        for user in (self.clerk, self.reader, self.manager, self.accountant):
            with self.assertRefused(".", AccessError):
                self.company.with_user(user).client_balance_tab = False

    def test_account_form_shows_the_flag(self):
        with Form(self.balance_account.with_user(self.accountant)) as form:
            self.assertTrue(form.is_client_balance)

    # Groups ---------------------------------------------------------------------------

    def test_groups_imply_each_other_and_come_with_accounting(self):
        names = ("own", "user", "officer", "manager")
        groups = [
            self.env.ref(f"client_balance.group_client_balance_{name}")
            for name in names
        ]
        for lower, higher in pairwise(groups):
            self.assertIn(lower, higher.all_implied_ids)
            self.assertNotIn(higher, lower.all_implied_ids)
        for name, group in (
            ("readonly", groups[1]),
            ("invoice", groups[2]),
            ("manager", groups[3]),
        ):
            granted = self.env.ref(f"account.group_account_{name}").all_implied_ids
            self.assertIn(group, granted)
        self.assertNotIn(
            groups[3], self.env.ref("account.group_account_invoice").all_implied_ids
        )
