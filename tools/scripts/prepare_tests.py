"""What every test class would set up anew, once for all of them.

A currency that is activated gets its column in the client report, for which Odoo sets
its models up anew, and a company loads a chart of accounts: seconds, each time.
"""

codes = ("UAH", "USD", "EUR")
currencies = env["res.currency"].with_context(active_test=False)
currencies.search([("name", "in", codes)]).active = True

# The company of ClientBalanceCommon, made as core's test classes make theirs.
hryvnia = env.ref("base.UAH")
company = env["res.company"].create(
    {"name": "Perfect Trade", "currency_id": hryvnia.id}
)
env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
company.currency_id = hryvnia
if not company.account_fiscal_country_id:
    company.account_fiscal_country_id = env.ref("base.us")
env["ir.model.data"].create(
    {
        "module": "client_balance_tests",
        "name": "company",
        "model": company._name,
        "res_id": company.id,
        "noupdate": True,
    }
)
env.cr.commit()
