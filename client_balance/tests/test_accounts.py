from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.client_balance.hooks import post_init_hook

from .accounts_common import AccountsCommon


@tagged("post_install", "-at_install")
class TestAccounts(AccountsCommon):
    """What a company gets, by chart of accounts and language."""

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

    def test_a_set_up_leaves_to_the_commit_what_others_put_off(self):
        run = []
        self.env.cr.precommit.add(lambda: run.append("too early"))
        self.company.client_balance_journal_id = False
        self.company._client_balance_set_up()
        self.assertTrue(self.company.client_balance_journal_id)
        self.assertEqual(run, [])
        self.env.cr.flush()
        self.assertEqual(run, ["too early"])

    def test_a_set_up_that_fails_leaves_nothing_and_loses_no_work_of_others(self):
        for name, fail in {
            "a refusal": self._refuse,
            "an error of the database": self._divide_by_zero,
        }.items():
            with self.subTest(name):
                self._set_up_and_fail(fail)

    def _set_up_and_fail(self, fail):
        company = self.company.sudo()
        journal = company.client_balance_journal_id
        client = self.env["res.partner"].sudo().create({"name": "Client"})
        run = []
        self.env.cr.precommit.add(lambda: run.append("put off"))
        client.function = "written later"

        def set_up(setup, of_company):
            journal.name = "Half done"
            fail()

        with (
            patch.object(self.env.registry["client.balance.setup"], "_set_up", set_up),
            mute_logger("odoo.sql_db"),
            self.assertLogs("odoo.addons.client_balance", "WARNING") as logs,
        ):
            company._client_balance_set_up()
        self.assertIn(f"could not be set up for {company.name}", logs.output[0])
        self.env.invalidate_all()
        self.assertNotEqual(journal.name, "Half done")
        self.assertEqual(client.function, "written later")
        self.env.cr.flush()
        self.assertEqual(run, ["put off"])

    def _refuse(self):
        raise UserError(self.company.name)

    def _divide_by_zero(self):
        self.env.cr.execute("SELECT 1 / 0")

    def test_install_hook_prepares_companies_that_have_none(self):
        self.company.client_balance_account_id = False
        self.company.client_balance_journal_id = False
        post_init_hook(self.env)
        self.assertTrue(self.company.client_balance_account_id.is_client_balance)
        self.assertTrue(self.company.client_balance_journal_id)

    def test_install_survives_a_taken_journal_code(self):
        company = self._create_company(name="Second", currency_id=self.uah.id).sudo()
        journal = company.client_balance_journal_id
        company.client_balance_journal_id = False
        journal.write({"code": "OLD", "active": False})
        company.env.flush_all()
        self.env["account.journal"].sudo().create(
            {
                "name": "Their own",
                "code": "CBAL",
                "type": "sale",
                "company_id": company.id,
            }
        )
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
        # the user of the test works in another company
        company = company.sudo()
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
