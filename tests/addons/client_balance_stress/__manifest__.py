{
    "name": "Client balance: stress",
    "summary": "For tests only: every receivable and payable is a client balance",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "category": "Hidden",
    "author": "Client balance contributors",
    "depends": ["client_balance"],
    "installable": True,
}
