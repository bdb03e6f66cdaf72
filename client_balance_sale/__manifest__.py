{
    "name": "Client balance in sales orders",
    "summary": "What a sales order leaves to pay after the client's balance",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "category": "Accounting/Accounting",
    "author": "Client balance contributors",
    "depends": ["client_balance", "sale"],
    "data": [
        "views/sale_order_views.xml",
    ],
    "auto_install": True,
}
