{
    "name": "Client balance",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "author": "Client balance contributors",
    "category": "Accounting/Accounting",
    "depends": ["account_payment"],
    "data": ["security/client_balance_groups.xml", "security/ir.model.access.csv", "security/client_balance_rules.xml",
        "wizards/account_payment_register_views.xml",
        "views/account_payment_views.xml",
    ],
    "installable": True,
}
