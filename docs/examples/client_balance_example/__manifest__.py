{
    "name": "Client balance: example of an extension",
    "summary": "A settlement type with its own account, and a field on the act",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "category": "Accounting/Accounting",
    "author": "Client balance contributors",
    "depends": ["client_balance"],
    "data": [
        "views/client_balance_statement_views.xml",
    ],
}
