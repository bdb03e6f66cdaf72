from odoo import fields, models


class AccountMove(models.Model):
    """Early payment discounts: a payment from the balance does not earn them."""

    _inherit = "account.move"

    def _filter_client_balance_discount(self, date):
        """Who pays these from the balance on ``date`` gives up a discount.

        :return: the invoices whose early payment discount is open on that day
        """
        # the officer may read the invoice; its items need no right of their own
        return self.filtered(
            lambda move: (
                move._get_client_balance_discount_day()
                and move.sudo()._is_eligible_for_early_payment_discount(
                    move.currency_id, date
                )
            )
        )

    def _get_client_balance_discount_day(self):
        """:return: the last day of the invoice's early payment discount, or False"""
        self.ensure_one()
        # as above
        terms_sudo = self.sudo().line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        )
        return terms_sudo[:1].discount_date

    def _auto_use_client_balance(self):
        """A discount is given up by people, never by itself."""
        discounted = self._filter_client_balance_auto_use(
            "always"
        )._filter_client_balance_discount(fields.Date.context_today(self))
        for invoice in discounted:
            if invoice._get_client_balance_auto_use():
                invoice.message_post(body=invoice._get_client_balance_discount_note())
        return super(AccountMove, self - discounted)._auto_use_client_balance()

    def _get_client_balance_discount_note(self):
        """:return: the sentence that says why the balance was not used by itself"""
        return self.env._(
            "The invoice was not paid from the balance by itself: until %(day)s it has"
            " an early payment discount, which a payment from the balance does not"
            " earn. Register a payment, or pay from the balance without the discount.",
            day=self.env["client.balance.gate"]._format_day(
                self._get_client_balance_discount_day()
            ),
        )

    def _get_client_balance_apply_note(self):
        if self._filter_client_balance_discount(fields.Date.context_today(self)):
            return self.env._(
                "Paid from there, it does not get its early payment discount."
            )
        return super()._get_client_balance_apply_note()

    def _prepare_client_balance_alert(self, amount):
        alert = super()._prepare_client_balance_alert(amount)
        if note := self._get_client_balance_apply_note():
            alert["message"] = f"{alert['message']} {note}"
        return alert
