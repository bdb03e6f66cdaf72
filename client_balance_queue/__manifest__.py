{
    "name": "Client balance: queue for busy balances",
    "summary": "Many simultaneous payments of one client all succeed",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "category": "Accounting/Accounting",
    "author": "Client balance contributors",
    "depends": ["client_balance"],
    "uninstall_hook": "uninstall_hook",
}
