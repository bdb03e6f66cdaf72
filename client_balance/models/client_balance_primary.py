from odoo import models


class ClientBalancePrimary(models.AbstractModel):
    """What is read where it is written, also when there is a read replica.

    For dialogs: they are made in one request and shown by the next, which a replica may
    not know of yet, and they show what a person decides about money by.
    """

    _name = "client.balance.primary"
    _description = "Read from the primary database"

    def web_read(self, specification):
        return super().web_read(specification)

    def read(self, fields=None, load="_classic_read"):
        return super().read(fields, load)

    # Odoo looks for the first class that says so, and its own says yes.
    web_read._readonly = False
    read._readonly = False
