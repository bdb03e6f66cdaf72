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
        "wizards/client_balance_deposit_views.xml",
        "wizards/client_balance_pay_views.xml",
        "views/account_move_application_views.xml",
        "views/account_payment_application_views.xml",
    ],
    "assets": {
        "web.assets_backend": ["client_balance/static/src/fields/**/*"],
    },
    "post_init_hook": "post_init_hook",
    "application": False,
    "installable": True,
}
