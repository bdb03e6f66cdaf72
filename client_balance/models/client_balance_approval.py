from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang


# eq=False: environments are shared between equal contexts, two approvals never are
@dataclass(frozen=True, eq=False)
class Approval:
    """Proves that a second person has agreed, as ``client_balance_approval``.

    Carried in the context like the callers' pass: RPC transports plain data only.
    """

    request_id: int


class ClientBalanceApproval(models.AbstractModel):
    """Above an amount per company, money moves only when two people agree."""

    _name = "client.balance.approval"
    _description = "Second person for client balances"

    def _get_approval(self):
        """:return: the Approval of the running step, or None"""
        approval = self.env.context.get("client_balance_approval")
        return approval if isinstance(approval, Approval) else None

    def _is_needed(self, company, currency, amount, date):
        """:return: whether a second person must agree to a step of this size"""
        if self.env.su or self._get_approval():
            return False
        return self._is_above(company, currency, amount, date)

    def _is_above(self, company, currency, amount, date):
        """:return: whether ``amount`` is above what one person may move"""
        # the settings are the root company's, which a branch's user may not see
        root_sudo = company.sudo().root_id
        if not root_sudo.client_balance_approval:
            return False
        value = self._get_company_amount(root_sudo, currency, amount, date)
        return (
            root_sudo.currency_id.compare_amounts(
                value, root_sudo.client_balance_approval_amount
            )
            > 0
        )

    def _get_company_amount(self, root, currency, amount, date):
        """Hook. :return: the size of a step in the currency of the root company"""
        day = fields.Date.to_date(date) or fields.Date.context_today(self)
        return currency._convert(abs(amount), root.currency_id, root, day)

    @api.model
    def _get_settlement_amount(self, vals, settlement=None):
        """:return: the size of a manual settlement, or of its correction"""
        replaced = abs(settlement.amount) if settlement else 0.0
        return max(abs(vals["amount"]), replaced)

    def _check_alone(self, company, partner, currency, amount, date):
        """:raise UserError: that one person may not move this much"""
        if not self._is_needed(company, currency, amount, date):
            return
        # the settings are the root company's, which a branch's user may not see
        root_sudo = company.sudo().root_id
        raise UserError(
            self.env._(
                "%(amount)s for %(client)s: in %(company)s everything above %(limit)s"
                " needs a second person. Send it as a request; another manager approves"
                " it.",
                amount=formatLang(self.env, abs(amount), currency_obj=currency),
                client=partner.commercial_partner_id.display_name,
                company=root_sudo.display_name,
                limit=formatLang(
                    self.env,
                    root_sudo.client_balance_approval_amount,
                    currency_obj=root_sudo.currency_id,
                ),
            )
        )

    def _get_approvers(self, company, requester):
        """Hook. :return: the users who may approve what ``requester`` asks for"""
        # who else is a manager is no secret, users may not read each other's groups
        group_sudo = self.env.ref("client_balance.group_client_balance_manager").sudo()
        # the root company may be hidden from people of a branch
        root = company.sudo().root_id
        return group_sudo.all_user_ids.filtered(
            lambda user: (
                user.active
                and user != requester
                and not user.share
                and root in user.company_ids.root_id
            )
        )
