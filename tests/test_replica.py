"""What a read replica may answer, method by method, as Odoo's routing decides it.

`make soak K=cluster` asks two real servers; this looks at the marks alone.
"""

from odoo.tests import TransactionCase

#: What only shows something.
REPLICA = {
    "client.balance": (
        *("get_client_balance_overview", "check_integrity", "action_check_integrity"),
        *("action_open_settlements", "web_search_read", "web_read"),
    ),
    "client.balance.settlement": (
        *("web_search_read", "web_read", "web_read_group", "formatted_read_group"),
        *("search_count", "action_open_document", "action_show_document"),
    ),
    "client.balance.report": (
        *("web_search_read", "web_read_group", "formatted_read_group"),
        *("formatted_read_grouping_sets", "search_fetch", "get_views"),
        *("action_open_client", "action_open_ledger", "action_open_graph"),
    ),
    "client.balance.ageing": ("web_search_read", "action_open_settlement"),
    "client.balance.advance": ("web_search_read", "action_open_document"),
    "client.balance.statement": ("web_search_read", "web_read", "action_download_xlsx"),
    "res.partner": ("action_open_client_balance",),
}
#: What makes or decides something, beside all that dialogs do.
PRIMARY = {
    "client.balance.settlement": ("create", "action_reverse", "action_correct"),
    "client.balance": ("web_save", "action_transfer", "action_refund"),
    "client.balance.statement": ("action_send", "action_print", "action_agree"),
    "account.payment.register": ("action_create_payments",),
    "account.move": ("action_apply_client_balance", "action_pay_from_client_balance"),
}
#: Of a dialog, which shows what a person decides by.
DIALOG = ("web_read", "read", "onchange", "default_get", "web_save", "create")


class TestReplica(TransactionCase):
    def _is_readonly(self, model, method):
        """As ``_call_kw_readonly`` of Odoo's controller, which needs a request."""
        for cls in type(self.env[model]).mro():
            found = getattr(cls, method, None)
            if found is not None and hasattr(found, "_readonly"):
                return found._readonly
        return False

    def _check(self, expected, methods):
        for model, names in methods.items():
            for name in names:
                with self.subTest(model=model, method=name):
                    self.assertTrue(hasattr(self.env[model], name))
                    self.assertEqual(self._is_readonly(model, name), expected)

    def test_what_only_shows_something_is_read_from_a_replica(self):
        self._check(True, REPLICA)

    def test_what_moves_money_is_not(self):
        self._check(False, PRIMARY)

    def test_dialogs_are_read_where_they_were_written(self):
        """Else a dialog is missing, or offers money that is gone."""
        dialogs = [
            name
            for name, model in self.env.registry.items()
            if (name.startswith("client.balance.") and model._transient)
            or name in ("account.payment.register", "client.balance.request")
        ]
        self.assertGreater(len(dialogs), 12)
        self._check(False, dict.fromkeys(dialogs, DIALOG))

    def test_a_dialog_is_still_read_as_ever(self):
        dialog = self.env["client.balance.checklist"].create({})
        [row] = dialog.web_read({"display_name": {}})
        self.assertEqual(row["id"], dialog.id)
        self.assertEqual(dialog.read(["display_name"])[0]["id"], dialog.id)
