from odoo import api, models
from odoo.tools import SQL


class ClientBalancePortal(models.AbstractModel):
    """The ledger as the client reads it: plain dicts of the public columns."""

    _inherit = "client.balance.portal"

    @api.model
    def _get_fetched_fields(self):
        """Hook. :return: fields that ``_prepare_row`` reads, fetched in one go"""
        return [
            "date",
            "name",
            "payment_name",
            "settlement_type",
            "description",
            "amount",
            "balance_id",
            "reason_id",
            "move_id",
            "invoice_ids",
        ]

    @api.model
    def _get_rows(self, balances, filters, domain, order, offset=0, limit=None):
        """The ledger as the client reads it, in a constant number of queries.

        :return: list of dicts of plain values (see ``_prepare_row``)
        """
        settlements = self.env["client.balance.settlement"].search_fetch(
            domain, self._get_fetched_fields(), offset=offset, limit=limit, order=order
        )
        if not settlements:
            return []
        shared = {
            "running": self._get_running(settlements, balances, filters),
            "documents": self._get_documents(settlements),
            "reasons": self._get_reason_names(settlements),
            "types": self._get_type_labels(),
        }
        return [self._prepare_row(settlement, shared) for settlement in settlements]

    @api.model
    def _prepare_row(self, settlement, shared):
        """Hook. :return: what the client sees of one settlement, and nothing else"""
        balance = settlement.balance_id
        return {
            "date": settlement.date,
            "type": shared["types"][settlement.settlement_type],
            "documents": shared["documents"][settlement.id],
            "description": self._get_description(settlement, shared),
            "company": balance.company_id.name,
            "bank": self._get_bank_label(balance.partner_bank_id),
            "bank_short": self._get_bank_label(balance.partner_bank_id, short=True),
            "currency": balance.currency_id,
            "balance_id": balance.id,
            "amount": settlement.amount,
            "running": balance.currency_id.round(shared["running"][settlement.id]),
        }

    @api.model
    def _get_description(self, settlement, shared):
        """The words on the settlement, unless they only repeat an internal reason."""
        text = (settlement.description or "").strip()
        return "" if text in shared["reasons"] else text

    @api.model
    def _get_type_labels(self):
        """Hook. :return: {settlement type: what the client reads}"""
        return {
            "manual": self.env._("Settlement"),
            "opening": self.env._("Opening balance"),
            "overpayment": self.env._("Overpayment"),
            "write_off": self.env._("Paid from the balance"),
            "credit_note": self.env._("Credit note"),
            "refund": self.env._("Refund"),
            "transfer": self.env._("Transfer"),
            "exchange": self.env._("Currency exchange"),
            "top_up": self.env._("Top-up"),
            "entry": self.env._("Settlement"),
            "reversal": self.env._("Reversal"),
        }

    @api.model
    def _get_running(self, settlements, balances, filters):
        """The balance after each settlement, in order of date and number.

        :return: {settlement id: float}
        """
        self.env["client.balance.settlement"].flush_model()
        hidden = SQL()
        if not filters["reversed"]:
            hidden = SQL("AND id NOT IN (%s)", self._get_undone_sql(balances))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, running FROM (
                    SELECT id, SUM(amount) OVER (
                           PARTITION BY balance_id ORDER BY date, number
                           ROWS UNBOUNDED PRECEDING) AS running
                      FROM client_balance_settlement
                     WHERE balance_id IN %s %s
                ) chain WHERE id IN %s
                """,
                tuple(settlements.balance_id.ids),
                hidden,
                tuple(settlements.ids),
            )
        )
        return {settlement_id: float(running) for settlement_id, running in rows}

    @api.model
    def _get_documents(self, settlements):
        """The client's documents of each settlement, with links to those it may open.

        :return: {settlement id: [{"name", "url"}]}
        """
        linked = settlements.invoice_ids | settlements.move_id
        invoices = (
            self.env["account.move"]
            .search_fetch(
                [
                    ("id", "in", linked.ids),
                    ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
                    ("state", "=", "posted"),
                ],
                ["name"],
                order="id",
            )
            ._filter_client_balance_of(self._get_portal_partner())
        )
        readable = set(invoices.sudo(False)._filtered_access("read").ids)
        names = {
            invoice.id: {
                "name": invoice.name,
                "url": f"/my/invoices/{invoice.id}" if invoice.id in readable else "",
            }
            for invoice in invoices
        }
        documents = {}
        for settlement in settlements:
            ids = [*settlement.invoice_ids.ids, settlement.move_id.id]
            own = [names[invoice_id] for invoice_id in ids if invoice_id in names]
            documents[settlement.id] = own or [
                {"name": settlement.payment_name or settlement.name, "url": ""}
            ]
        return documents

    @api.model
    def _get_reason_names(self, settlements):
        """:return: the names of the settlements' reasons, in every language"""
        return self._get_names_of_reasons(settlements.reason_id)

    @api.model
    def _get_names_of_reasons(self, reasons):
        if not reasons:
            return set()
        reasons.flush_model(["name"])
        rows = self.env.execute_query(
            SQL(
                "SELECT name FROM client_balance_reason WHERE id IN %s",
                tuple(reasons.ids),
            )
        )
        return {name for [names] in rows for name in names.values()}
