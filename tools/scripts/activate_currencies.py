"""Activate the currencies of the tests, once for all of them.

A currency that is activated gets its column in the client report, for which Odoo sets
its models up anew: seconds, in each test class.
"""

codes = ("UAH", "USD", "EUR")
currencies = env["res.currency"].with_context(active_test=False)
currencies.search([("name", "in", codes)]).active = True
env.cr.commit()
