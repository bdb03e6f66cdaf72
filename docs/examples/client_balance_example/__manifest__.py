{
    "name": "Client balance: example of an extension",
    "summary": "A settlement type of its own, posted against an account of its own",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "category": "Accounting/Accounting",
    "author": "Client balance contributors",
    "depends": ["client_balance"],
}
