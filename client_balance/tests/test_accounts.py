from itertools import pairwise

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.client_balance.hooks import post_init_hook

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestAccounts(ClientBalanceCommon):
    """Which accounts, journal and reasons a company gets, and what guards them."""

    @classmethod
    def _load_ukraine(cls, **vals):
        """A company of its own with the Ukrainian chart."""
        company = cls.env["res.company"].create(
            {
                "name": "ТОВ Нова",
                "country_id": cls.env.ref("base.ua").id,
                "currency_id": cls.uah.id,
                **vals,
            }
        )
        cls.env["account.chart.template"].try_loading("ua_psbo", company)
        # The test's user works in the first company; this one is looked at from above.
        return company.sudo()

    @classmethod
    def _chart_account(cls, company, xmlid):
        template = cls.env["account.chart.template"].sudo().with_company(company)
        return template.ref(xmlid)

    def _used_account(self, *amounts, partner=None, **vals):
        """An account that is no balance account, with an entry per amount."""
        account = self.env["account.account"].create(
            {
                "name": "Old advances",
                "code": "269900",
                "account_type": "liability_current",
                "reconcile": False,
                **vals,
            }
        )
        partner = self.client if partner is None else partner
        for day, amount in enumerate(amounts, start=1):
            self._entry(
                amount, date=f"2026-02-{day:02}", account=account, partner=partner
            )
        return account

    def _adopt(self, account, **vals):
        return (
            self.env["client.balance.adopt"]
            .with_user(self.accountant)
            .create({"account_id": account.id, **vals})
        )

    def _refused(self, record, vals, message):
        with self.assertRefused(message):
            record.write(vals)

    # The set-up ---------------------------------------------------------------------

    def test_company_with_chart_gets_everything(self):
        account = self.company.client_balance_account_id
        self.assertRecordValues(
            account,
            [
                {
                    "is_client_balance": True,
                    "account_type": "liability_current",
                    "reconcile": True,
                    "company_ids": self.company.ids,
                }
            ],
        )
        self.assertFalse(self.company.client_balance_foreign_account_id)
        self.assertFalse(
            self.company.client_balance_clearing_account_id.is_client_balance
        )
        self.assertRecordValues(
            self.company.client_balance_journal_id,
            [{"code": "CBAL", "type": "general", "company_id": self.company.id}],
        )
        self.assertIn(
            account.id, self.env["account.account"]._get_client_balance_account_ids()
        )

    def test_new_code_has_the_length_of_the_chart(self):
        other = self.env["account.account"].search(
            [
                ("account_type", "=", "liability_current"),
                ("company_ids", "in", self.company.ids),
                ("id", "!=", self.company.client_balance_account_id.id),
            ],
            limit=1,
        )
        self.assertEqual(
            len(self.company.client_balance_account_id.code), len(other.code)
        )

    def test_set_up_twice_changes_nothing(self):
        names = self.company._get_company_root_delegated_field_names()
        before = self.company.read(names)
        reasons = self._reasons(self.company)
        self.company._client_balance_set_up()
        self.assertEqual(self.company.read(names), before)
        self.assertEqual(self._reasons(self.company), reasons)

    def test_install_hook_prepares_companies_that_have_none(self):
        self.company.client_balance_account_id = False
        self.company.client_balance_journal_id = False
        post_init_hook(self.env)
        self.assertTrue(self.company.client_balance_account_id.is_client_balance)
        self.assertTrue(self.company.client_balance_journal_id)

    def test_install_survives_a_taken_journal_code(self):
        company = self._create_company(name="Second", currency_id=self.uah.id).sudo()
        company.client_balance_journal_id.write({"code": "OLD", "active": False})
        company.env.flush_all()
        self.env["account.journal"].sudo().create(
            {
                "name": "Their own",
                "code": "CBAL",
                "type": "sale",
                "company_id": company.id,
            }
        )
        company.client_balance_journal_id = False
        self.env["ir.model.data"].sudo().search(
            [
                ("module", "=", "client_balance"),
                ("name", "=", f"{company.id}_journal"),
            ]
        ).unlink()
        company._client_balance_set_up()
        self.assertEqual(company.client_balance_journal_id.code, "CBAL2")

    def test_company_without_chart_is_left_alone(self):
        company = self.env["res.company"].create({"name": "No chart yet"})
        company._client_balance_set_up()
        self.assertFalse(company.client_balance_account_id)
        with self.assertRefused("No chart yet has no client balance account"):
            company._get_client_balance_account(company.currency_id)

    def test_chart_loaded_later_prepares_the_company(self):
        company = self.env["res.company"].create({"name": "Later"})
        self.env["account.chart.template"].try_loading("generic_coa", company)
        self.assertTrue(company.client_balance_account_id.is_client_balance)
        self.assertTrue(company.client_balance_clearing_account_id)
        self.assertTrue(company.client_balance_journal_id)
        self.assertEqual(len(self._reasons(company)), 5)

    def test_another_chart_before_the_first_entry_prepares_again(self):
        company = self.env["res.company"].create({"name": "Changed its mind"})
        templates = self.env["account.chart.template"]
        templates.try_loading("generic_coa", company)
        first = company.client_balance_account_id
        templates.try_loading("ua_psbo", company)
        self.assertFalse(first.exists())
        self.assertEqual(
            company.client_balance_account_id,
            self._chart_account(company, "ua_psbp_6811"),
        )
        penalty = self._reasons(company).filtered(
            lambda r: r.name == "Penalty withheld"
        )
        self.assertEqual(
            penalty.account_id, self._chart_account(company, "ua_psbp_715")
        )

    def test_reloading_the_chart_keeps_what_people_chose(self):
        company = self._load_ukraine()
        company.client_balance_foreign_account_id = False
        self.env["account.chart.template"].try_loading("ua_psbo", company)
        self.assertFalse(company.client_balance_foreign_account_id)
        self.assertEqual(len(self._reasons(company)), 5)

    def test_branch_uses_the_accounts_of_its_root(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.assertEqual(
            branch.client_balance_account_id, self.company.client_balance_account_id
        )
        self.assertEqual(
            branch._get_client_balance_account(self.uah), self.balance_account
        )
        account = self._used_account()
        self.company.client_balance_account_id = account
        self.assertEqual(branch.client_balance_account_id, account)
        with self.assertRefused("must be the same", ValidationError):
            branch.client_balance_account_id = self.balance_account

    def test_branch_gets_no_reasons_of_its_own(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env["account.chart.template"].try_loading("generic_coa", branch)
        self.assertFalse(self._reasons(branch))

    # Ukraine ------------------------------------------------------------------------

    def test_ukraine_takes_the_accounts_of_the_chart(self):
        company = self._load_ukraine()
        self.assertEqual(
            company.client_balance_account_id,
            self._chart_account(company, "ua_psbp_6811"),
        )
        self.assertEqual(
            company.client_balance_foreign_account_id,
            self._chart_account(company, "ua_psbp_6812"),
        )
        self.assertEqual(
            company._get_client_balance_account(self.usd),
            company.client_balance_foreign_account_id,
        )
        self.assertEqual(
            company._get_client_balance_account(self.uah),
            company.client_balance_account_id,
        )

    def test_ukraine_leaves_an_account_with_postings_alone(self):
        company = self._load_ukraine()
        old = company.client_balance_account_id
        company.write(
            {
                "client_balance_account_id": False,
                "client_balance_foreign_account_id": False,
            }
        )
        (old | self._chart_account(company, "ua_psbp_6812")).is_client_balance = False
        self._post_in(company, old)
        company._client_balance_set_up()
        account = company.client_balance_account_id
        self.assertNotEqual(account, old)
        self.assertFalse(old.is_client_balance)
        self.assertTrue(account.is_client_balance)
        self.assertEqual(len(account.with_company(company).code), 6)
        self.assertTrue(account.with_company(company).code.startswith("681"))
        self.assertEqual(
            company.client_balance_foreign_account_id,
            self._chart_account(company, "ua_psbp_6812"),
        )

    def _post_in(self, company, account):
        """An entry of the time before client balances."""
        env = self.env(
            su=True, context=dict(self.env.context, allowed_company_ids=company.ids)
        )
        env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-01-15",
                "journal_id": env["account.journal"]
                .search(
                    [("company_id", "=", company.id), ("type", "=", "general")],
                    limit=1,
                )
                .id,
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": -50.0}),
                    Command.create(
                        {"account_id": company.income_account_id.id, "balance": 50.0}
                    ),
                ],
            }
        ).action_post()

    def test_ukrainian_reasons_name_the_accounts_of_the_chart(self):
        company = self._load_ukraine()
        expected = [
            ("in", "ua_psbp_361", True, False),
            ("in", "ua_psbp_93", False, False),
            ("out", "ua_psbp_715", False, False),
            ("out", "ua_psbp_717", False, True),
            ("both", None, False, False),
        ]
        self.assertRecordValues(
            self._reasons(company),
            [
                {
                    "direction": direction,
                    "account_id": xmlid and self._chart_account(company, xmlid).id,
                    "is_advance": advance,
                    "needs_document": document,
                }
                for direction, xmlid, advance, document in expected
            ],
        )

    def _reasons(self, company):
        return (
            self.env["client.balance.reason"]
            .sudo()
            .search([("company_id", "=", company.id)])
        )

    def test_names_are_in_the_installed_languages(self):
        self.env["res.lang"]._activate_lang("uk_UA")
        self.env["res.lang"]._activate_lang("en_US")
        company = self._load_ukraine()
        names = {
            "en_US": ["Overpayment transferred from 361", "Client balance"],
            "uk_UA": ["Зарахування переплати з 361", "Баланс клієнта"],
        }
        for lang, expected in names.items():
            reason = self._reasons(company)[0].with_context(lang=lang)
            journal = company.client_balance_journal_id.with_context(lang=lang)
            self.assertEqual([reason.name, journal.name], expected)

    def test_language_installed_later_brings_its_names(self):
        self.env["res.lang"]._activate_lang("en_US")
        self.env["res.lang"]._activate_lang("uk_UA")
        reasons = self._reasons(self.company)
        for reason in reasons:
            reason.update_field_translations("name", {"uk_UA": False})
        reasons[1].with_context(lang="en_US").name = "Gift"
        self.env["ir.module.module"]._load_module_terms(["client_balance"], ["uk_UA"])
        ukrainian = reasons.with_context(lang="uk_UA")
        self.assertEqual(ukrainian[2].name, "Утримана неустойка")
        self.assertEqual(ukrainian[1].name, "Gift")
        self.assertEqual(reasons[2].with_context(lang="en_US").name, "Penalty withheld")

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

    # Guards of the accounts -----------------------------------------------------------

    def test_choosing_an_account_flags_it(self):
        account = self._used_account()
        self.company.client_balance_account_id = account
        self.assertTrue(account.is_client_balance)
        self.assertTrue(self.balance_account.is_client_balance)
        self.assertEqual(
            self.env["account.account"]._get_client_balance_account_ids()
            & {account.id, self.balance_account.id},
            {account.id, self.balance_account.id},
        )

    def test_used_account_is_not_flagged_without_adoption(self):
        account = self._used_account(100)
        account.reconcile = True
        for forged in ({}, {"client_balance_adoption": True}):
            self._refused(
                account.with_context(**forged),
                {"is_client_balance": True},
                "already has posted journal items",
            )
        self._refused(
            self.company,
            {"client_balance_account_id": account.id},
            "already has posted journal items",
        )

    def test_unused_account_can_be_unflagged(self):
        account = self._used_account()
        account.write({"reconcile": True, "is_client_balance": True})
        account.is_client_balance = False
        self.assertNotIn(
            account.id, self.env["account.account"]._get_client_balance_account_ids()
        )

    def test_used_balance_account_stays_one(self):
        self._settle(100)
        self._refused(
            self.balance_account,
            {"is_client_balance": False},
            "stays a balance account",
        )

    def test_balance_account_keeps_type_reconciliation_and_no_taxes(self):
        account = self.balance_account
        tax = self.env["account.tax"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        for vals, message in (
            ({"account_type": "income"}, "cannot hold client balances"),
            ({"account_type": "asset_receivable"}, "cannot hold client balances"),
            ({"reconcile": False}, "must allow reconciliation"),
            ({"tax_ids": [Command.set(tax.ids)]}, "never carry taxes"),
        ):
            with self.subTest(vals=vals), self.assertRefused(message, ValidationError):
                account.write(vals)

    def test_account_in_use_is_not_archived_or_deleted(self):
        account = self.balance_account
        for forbidden in (account.unlink, account.action_archive):
            with self.assertRefused("New settlements of Perfect Trade go to"):
                forbidden()

    def test_old_account_is_archived_when_its_money_is_gone(self):
        self._settle(100)
        account = self._used_account()
        self.company.client_balance_account_id = account
        with self.assertRefused("still holds the money of 1 clients"):
            self.balance_account.action_archive()
        self._entry(-100)
        self.balance_account.action_archive()
        self.assertFalse(self.balance_account.active)
        self.assertIn(
            self.balance_account.id,
            self.env["account.account"]._get_client_balance_account_ids(),
        )

    def test_clearing_account_is_no_balance_account(self):
        with self.assertRefused("cannot be a balance account", ValidationError):
            self.company.client_balance_clearing_account_id = self.balance_account

    def test_account_with_a_currency_takes_only_that(self):
        account = self._used_account(currency_id=self.usd.id)
        account.reconcile = True
        self.company.client_balance_foreign_account_id = account
        euro = self.env.ref("base.EUR")
        with self.assertRefused("takes only USD, not EUR"):
            self.company._get_client_balance_account(euro)
        self.assertEqual(self.company._get_client_balance_account(self.usd), account)

    def test_foreign_currency_falls_back_to_the_first_account(self):
        self.assertEqual(
            self.company._get_client_balance_account(self.usd), self.balance_account
        )

    def test_merging_keeps_balance_accounts_apart(self):
        other = self._used_account()
        other.reconcile = True
        accounts = self.balance_account | other
        wizard = (
            self.env["account.merge.wizard"]
            .with_context(active_model="account.account", active_ids=accounts.ids)
            .create({})
        )
        self.assertNotEqual(
            wizard._get_grouping_key(self.balance_account),
            wizard._get_grouping_key(other),
        )

    # Adoption -------------------------------------------------------------------------

    def test_adoption_replays_the_items_in_date_order(self):
        account = self._used_account(100, 50, -30)
        wizard = self._adopt(account)
        self.assertEqual(wizard.item_count, 3)
        self.assertFalse(wizard.item_ids)
        self.assertFalse(wizard.key_ids)
        wizard.action_adopt()
        self.assertTrue(account.is_client_balance)
        self.assertTrue(account.reconcile)
        self.assertEqual(self._balance(), 120)
        settlements = self._settlements()
        self.assertEqual(settlements.mapped("amount"), [100, 50, -30])
        self.assertEqual(settlements.mapped("balance_after"), [100, 150, 120])
        self.assertEqual(
            [str(date) for date in settlements.mapped("date")],
            ["2026-02-01", "2026-02-02", "2026-02-03"],
        )
        self.assertEqual(self.company.client_balance_account_id, self.balance_account)

    def test_account_offers_its_adoption(self):
        account = self._used_account(100)
        action = account.with_user(self.accountant).action_adopt_account()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.accountant)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual((wizard.account_id, wizard.item_count), (account, 1))

    def test_adopted_account_can_take_new_entries(self):
        account = self._used_account(100)
        self._adopt(account, use_for_new="company").action_adopt()
        self.assertEqual(self.company.client_balance_account_id, account)
        self._settle(-100)
        self.assertEqual(self._balance(), 0)

    def test_adoption_asks_for_missing_clients(self):
        account = self._used_account(100, partner=self.env["res.partner"])
        wizard = self._adopt(account)
        self.assertEqual(len(wizard.item_ids), 1)
        with self.assertRefused("have no client"):
            wizard.action_adopt()
        self.assertFalse(account.is_client_balance)
        with Form(wizard) as form, form.item_ids.edit(0) as item:
            item.partner_id = self.other_client
        wizard.action_adopt()
        self.assertEqual(self._balance(partner=self.other_client), 100)

    def test_adoption_lists_balances_below_zero(self):
        account = self._used_account(100, -130, 40)
        wizard = self._adopt(account)
        self.assertRecordValues(
            wizard.key_ids,
            [{"partner_id": self.client.id, "lowest": -30, "overdraft_limit": 0}],
        )
        self.assertEqual(str(wizard.key_ids.first_day), "2026-02-02")
        with self.assertRefused("Romashka LLC .* would fall to"):
            wizard.action_adopt()
        wizard.key_ids.overdraft_limit = 30
        wizard.action_adopt()
        self.assertEqual(self._balance(), 10)

    def test_adoption_counts_what_the_ledger_has(self):
        self._settle(500, date="2026-01-05")
        wizard = self._adopt(self._used_account(-130))
        self.assertFalse(wizard.key_ids)
        wizard.action_adopt()
        self.assertEqual(self._balance(), 370)

    def test_filling_in_a_client_may_uncover_a_balance_below_zero(self):
        account = self._used_account(-70, partner=self.env["res.partner"])
        wizard = self._adopt(account)
        wizard.item_ids.partner_id = self.other_client
        with self.assertRefused("Volia PJSC .* would fall to"):
            wizard.action_adopt()

    def test_adoption_is_for_managers(self):
        account = self._used_account(100)
        with self.assertRefused(".", AccessError):
            self.env["client.balance.adopt"].with_user(self.clerk).create(
                {"account_id": account.id}
            )

    def test_shared_account_needs_access_to_all_its_companies(self):
        other = self._create_company(name="Hidden", currency_id=self.uah.id)
        account = self._used_account(
            company_ids=[Command.set((self.company | other).ids)],
            code_mapping_ids=[
                Command.create({"company_id": self.company.id, "code": "269900"}),
                Command.create({"company_id": other.id, "code": "269900"}),
            ],
        )
        with self.assertRefused("also an account of Hidden"):
            self._adopt(account).action_adopt()

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
