from datetime import date
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .client_balance_approval import Approval


class ClientBalanceRequest(models.Model):
    """One manager asks: the values of the caller are kept, and nothing moves."""

    _inherit = "client.balance.request"

    @api.model
    def request_settlement(self, vals):
        """Ask for a manual or opening settlement. For managers and integrations.

        :param vals: as for ``client.balance.settlement.create``
        :return: the request; the same ``external_ref`` again returns the same one
        :raise UserError: what is wrong, or that the money is not there
        """
        posting = self.env["client.balance.posting"]
        posting._check_manager()
        vals = self._complete(posting._clean(vals))
        checked = posting._check_vals(vals)
        return self._request(
            "manual", vals, {**self._prepare_head(checked), "amount": checked["amount"]}
        )

    @api.model
    def request_correction(self, settlement_id, vals):
        """Ask for the correction of a settlement. For managers and integrations.

        :param int settlement_id: the settlement to reverse and replace
        :param vals: the values that change, as for ``action_correct``
        :return: the request
        :raise UserError: what is wrong, or that the money is not there
        """
        posting = self.env["client.balance.posting"]
        posting._check_manager()
        asked = [settlement_id]
        settlement = posting._browse_asked("client.balance.settlement", asked)
        settlement._check_reversible()
        settlement._check_correctable()
        vals = {"external_ref": f"request:{uuid4().hex}", **posting._clean(vals)}
        checked = posting._check_vals({**settlement._prepare_correction_vals(), **vals})
        head = self._prepare_head(checked)
        return self._request(
            "correction", vals, {**head, "settlement_id": settlement.id}
        )

    @api.model
    def request_settlements(self, vals_list):
        """Ask for several settlements together, opening balances perhaps.

        For managers and integrations.

        :param vals_list: each as for ``client.balance.settlement.create``
        :return: the request
        :raise UserError: what is wrong, or that the money is not there
        """
        posting = self.env["client.balance.posting"]
        posting._check_manager()
        if not isinstance(vals_list, list | tuple):
            posting._refuse_kind("vals_list", vals_list)
        vals_list = [self._complete(posting._clean(vals)) for vals in vals_list]
        checked = posting._check_many(vals_list)
        if not checked:
            raise UserError(self.env._("Nothing was asked for. Name the settlements."))
        largest = max(checked, key=lambda vals: abs(vals["amount"]))
        head = {
            **self._prepare_head(largest),
            "amount": sum(
                vals["amount"]
                for vals in checked
                if vals["currency_id"] == largest["currency_id"]
            ),
            "description": self.env._(
                "%(count)s settlements together, the largest of %(client)s",
                count=len(checked),
                client=self.env["res.partner"]
                .browse(largest["partner_id"])
                .display_name,
            ),
        }
        return self._request(
            "together",
            {"settlements": [self._to_json(vals) for vals in vals_list]},
            head,
        )

    @api.model
    def request_reversal(self, settlement_ids):
        """Ask to undo settlements. For managers and integrations.

        What our dialogs have posted is reversed, a payment or an entry that moved a
        balance is reset to draft.

        :param settlement_ids: list of ids
        :return: the request
        :raise UserError: that they are reversed already, or the money is spent
        """
        posting = self.env["client.balance.posting"]
        posting._check_manager()
        if not isinstance(settlement_ids, list | tuple):
            posting._refuse_kind("settlement_ids", settlement_ids)
        for settlement_id in settlement_ids:
            posting._check_kind(self._fields["settlement_id"], settlement_id)
        settlements = self.env["client.balance.settlement"].browse(settlement_ids)
        settlements.check_access("read")
        for settlement in settlements:
            if settlement.reversed_by_id or settlement.reversal_of_id:
                settlement._check_reversible()
        first = settlements[:1]
        if not first:
            raise UserError(self.env._("Nothing was asked for. Name the settlements."))
        return self._request(
            "reversal",
            {"settlement_ids": settlements.ids},
            {
                **first._get_key().get_values(),
                "amount": -sum(
                    settlements.filtered(
                        lambda row: row.balance_id == first.balance_id
                    ).mapped("amount")
                ),
                "date": first.date,
                "description": ", ".join(settlements.mapped("name")),
                "settlement_id": first.id,
                "external_ref": f"reversal:{','.join(map(str, settlements.ids))}",
            },
        )

    @api.model
    def request_provider_refund(self, transaction_id, amount):
        """Ask to send the money of an online top-up back through its provider.

        For managers and integrations.

        :param int transaction_id: the ``payment.transaction`` of the top-up
        :param amount: positive, in the currency of the transaction
        :return: the request
        :raise UserError: what is wrong with the amount, or that it is spent
        """
        posting = self.env["client.balance.posting"]
        posting._check_manager()
        if type(transaction_id) is not int:
            posting._refuse_kind("transaction_id", transaction_id)
        transaction = self.env["payment.transaction"].browse(transaction_id)
        transaction.check_access("read")
        transaction._check_client_balance_refundable()
        transaction._check_client_balance_refund(amount)
        line = transaction._get_client_balance_source_line()
        company, client, bank, currency = line._get_client_balance_key()
        return self._request(
            "provider",
            {"source_transaction_id": transaction.id, "amount": amount},
            {
                "company_id": company.id,
                "partner_id": client.id,
                "partner_bank_id": bank.id,
                "currency_id": currency.id,
                "amount": -amount,
                "date": fields.Date.context_today(self),
                "description": transaction.reference,
                # a second click asks once
                "external_ref": f"refund:{transaction.id}:{currency.round(amount)}",
            },
        )

    @api.model
    def _complete(self, vals):
        """What is left out means "as of now", also when it is approved later."""
        return {
            "company_id": self.env.company.id,
            "date": fields.Date.to_string(fields.Date.context_today(self)),
            "external_ref": f"request:{uuid4().hex}",
            **{name: value for name, value in vals.items() if value is not None},
        }

    @api.model
    def _prepare_head(self, vals):
        """Hook. :return: what a request shows, from complete values"""
        return {
            "company_id": vals["company_id"],
            "partner_id": vals["partner_id"],
            "partner_bank_id": vals.get("partner_bank_id") or False,
            "currency_id": vals["currency_id"],
            "amount": vals["amount"],
            "date": vals["date"],
            "description": vals.get("description") or False,
            "external_ref": str(vals["external_ref"]),
            "attachment_ids": [
                Command.set(self.env["client.balance.posting"]._get_documents(vals).ids)
            ],
        }

    def _bind_documents(self, record):
        """Whoever sees ``record`` sees these documents, not the uploader alone."""
        # the uploader owns them, and may no longer be the one who acts
        documents_sudo = self.attachment_ids.sudo().filtered(
            lambda document: not document.res_id or document.res_model == self._name
        )
        documents_sudo.write({"res_model": record._name, "res_id": record.id})
        record.invalidate_recordset(["attachment_ids"])

    @api.model
    def _request(self, operation, vals, head):
        """Keep ``vals`` until another manager agrees.

        :param head: what the request shows: client, amount, date …
        :return: the request
        """
        posting = self.env["client.balance.posting"]
        posting._check_manager()
        company = self.env["res.company"].browse(head["company_id"])
        posting._check_own_company(company)
        vals = self._to_json(vals)
        known = self._find_waiting(company.root_id, head["external_ref"])
        if known:
            if known.vals != vals:
                posting._refuse_reference(head["external_ref"])
            return known
        self._check_approvers(company)
        # requests are written by these methods only, nobody has a right to
        request_sudo = self.sudo().create(
            {
                **head,
                "company_id": company.root_id.id,
                "operation": operation,
                "vals": vals,
                "requested_by_id": self.env.uid,
            }
        )
        request = request_sudo.with_env(self.env)
        request._try_out()
        request_sudo._bind_documents(request)
        request._announce()
        return request

    @api.model
    def _to_json(self, vals):
        return {name: self._to_plain(value) for name, value in vals.items()}

    def _to_plain(self, value):
        if isinstance(value, date):
            return fields.Date.to_string(value)
        if isinstance(value, list | tuple):
            return [self._to_plain(part) for part in value]
        return value

    def _find_waiting(self, root, external_ref):
        return self.search(
            [
                ("company_id", "=", root.id),
                ("external_ref", "=", external_ref),
                ("state", "=", "requested"),
            ]
        )

    def _check_approvers(self, company):
        approval = self.env["client.balance.approval"]
        if not approval._get_approvers(company, self.env.user):
            raise UserError(
                self.env._(
                    "Nobody else in %(company)s may approve this. Ask an administrator"
                    " to give a second person the access right “Client balance:"
                    " Administrator”.",
                    company=company.root_id.display_name,
                )
            )

    def _try_out(self):
        """Nobody should approve in vain: refuse now what would be refused anyway."""
        if self.operation in ("refund", "transfer", "exchange"):
            return  # the dialog has checked itself
        if self.operation == "provider":
            return  # nobody asks a provider by way of trial
        with self.env.cr.savepoint() as savepoint:
            self.with_context(client_balance_approval=Approval(self.id))._perform()
            savepoint.rollback()

    def _announce(self):
        """Tell those who may approve."""
        # activities of others are written for them
        request_sudo = self.sudo()
        for user in self.env["client.balance.approval"]._get_approvers(
            self.company_id, self.requested_by_id
        ):
            told = request_sudo.with_context(lang=user.lang)
            told.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=user.id,
                summary=told.env._("Approve: %(name)s", name=told.display_name),
            )
