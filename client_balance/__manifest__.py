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
        "wizards/client_balance_settlement_add_views.xml",
        "views/client_balance_settlement_views.xml",
        "views/client_balance_views.xml",
        "views/res_partner_views.xml",
        "views/client_balance_menus.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "client_balance/static/src/client_card/**/*",
        ],
        "web.assets_unit_tests": [
            "client_balance/static/tests/*.test.js",
        ],
        "web.assets_tests": [
            "client_balance/static/tests/tours/**/*",
        ],
    },
    "post_init_hook": "post_init_hook",
    "application": False,
    "installable": True,
}
