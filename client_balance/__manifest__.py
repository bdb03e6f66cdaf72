{
    "name": "Client balance",
    "summary": "Overpayments, advances and credits of clients kept in plain sight",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "category": "Accounting/Accounting",
    "author": "Client balance contributors",
    "depends": ["account_payment"],
    "data": [
        "security/client_balance_groups.xml",
        "security/ir.model.access.csv",
        "security/client_balance_rules.xml",
        "wizards/account_payment_register_views.xml",
        "views/account_move_views.xml",
        "views/account_payment_views.xml",
    ],
    "assets": {
        "web.assets_tests": ["client_balance/static/tests/tours/**/*"],
    },
    "post_init_hook": "post_init_hook",
    "application": False,
    "installable": True,
}
