from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """Whose a document is. Nothing else says so where money is given or taken.

    What core keeps beside the document (the stored client, the partner of its items)
    can be written past the forms. It is compared here, and alone decides nothing.
    """

    _inherit = "account.move"

    def _get_client_balance_client(self, lines=None):
        """The client whose document this is, asked of the partners as they are now.

        :param lines: of an entry that has items of several clients, those that are
            meant; all its receivable items by default
        :return: the client, empty where the document contradicts itself
        """
        self.ensure_one()
        clients = {
            partner._get_client_balance_client()
            for partners in self._get_client_balance_named_partners(lines)
            for partner in partners
        }
        client = clients.pop() if len(clients) == 1 else self.env["res.partner"]
        return client.with_env(self.env)

    def _get_client_balance_named_partners(self, lines=None):
        """What each place of the document says, an empty partner where it says none.

        :return: (partners of the document, of its stored client, of its items)
        """
        # whose a document is does not depend on what the asker may read
        move_sudo = self.sudo()
        if move_sudo.is_invoice(include_receipts=True):
            document, copy = [move_sudo.partner_id], [move_sudo.commercial_partner_id]
            lines = move_sudo._get_client_balance_receivable_items()
            if move_sudo.state != "posted":
                # core gives the items of a draft to its client when it is confirmed
                lines = lines.browse()
        else:
            document, copy = [], []
            if lines is None:
                lines = move_sudo._get_client_balance_receivable_items()
        return document, copy, [line.partner_id for line in lines.sudo()]

    def _get_client_balance_receivable_items(self):
        return self.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def _get_client_balance_client_problem(self, lines=None):
        """Why no balance can take part in this document.

        :param lines: as for ``_get_client_balance_client``
        :return: sentence that says what disagrees and what to do, or False
        """
        if self._get_client_balance_client(lines):
            return False
        document, copy, items = (
            ", ".join(
                dict.fromkeys(
                    partner.display_name or self.env._("nobody") for partner in partners
                )
            )
            for partners in self._get_client_balance_named_partners(lines)
        )
        if not document:
            return self.env._(
                "Whose %(document)s is cannot be told: its receivable items name"
                " %(items)s. Until they name one client, no client balance takes part"
                " in it. Ask an accountant to correct the partner of these items.",
                document=self.display_name,
                items=items or self.env._("nobody"),
            )
        return self.env._(
            "Whose %(document)s is cannot be told: its customer is %(partner)s, the"
            " client saved with it is %(copy)s, and its receivable items name"
            " %(items)s. Until they agree, no client balance takes part in it. Reset it"
            " to draft, check the customer and confirm it again.",
            document=self.display_name,
            partner=document,
            copy=copy,
            items=items or self.env._("nobody"),
        )

    def _check_client_balance_client(self, lines=None):
        """:param lines: as for ``_get_client_balance_client``
        :return: the client whose document this is
        :raise UserError: where the document contradicts itself
        """
        client = self._get_client_balance_client(lines)
        if not client:
            raise UserError(self._get_client_balance_client_problem(lines))
        return client

    def _get_client_balance_clients(self):
        """:return: the clients of these documents, without those of unclear owners"""
        return self.env["res.partner"].union(
            *[move._get_client_balance_client() for move in self]
        )

    def _filter_client_balance_of(self, client):
        """:return: those of these documents that are of ``client``"""
        return self.filtered(
            lambda move: client and move._get_client_balance_client() == client
        )

    # What a person sees ---------------------------------------------------------------

    def _get_alerts(self):
        alerts = super()._get_alerts()
        if (
            self.state == "posted"
            and self.is_sale_document(include_receipts=True)
            and self.payment_state in ("not_paid", "partial")
            and self.env.user.has_group("client_balance.group_client_balance_officer")
            and (problem := self._get_client_balance_client_problem())
        ):
            alerts["client_balance_client"] = {"level": "warning", "message": problem}
        return alerts

    # A draft is its customer's when it is confirmed ---------------------------------

    def _align_client_balance_client(self):
        """Give the items of drafts to the client that the document names now.

        Core gives them to the stored client, and does so when they are posted already.
        """
        for move in self:
            if move.state != "draft" or not move.is_sale_document(
                include_receipts=True
            ):
                continue
            client = move.partner_id.commercial_partner_id
            if move.commercial_partner_id != client:
                move.commercial_partner_id = client
            strangers = move.line_ids.filtered(
                lambda line, client=client: (
                    line.partner_id != client
                    and line.display_type
                    not in ("line_section", "line_subsection", "line_note")
                )
            )
            if strangers:
                strangers.partner_id = client
