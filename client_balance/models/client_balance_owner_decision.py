from collections import defaultdict
from typing import NamedTuple

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang

MANAGER_GROUP = "client_balance.group_client_balance_manager"

#: How many balances and documents a refusal names.
NAMED = 5


class OwnerChange(NamedTuple):
    """What would belong to another client."""

    root: models.BaseModel
    #: whose it is, as he is called: contacts that were merged are gone
    client: str
    owner: models.BaseModel
    name: str
    currency: models.BaseModel
    #: None where the user may not know it
    amount: float | None
    #: what a second person looks at
    size: float


class ClientBalanceMerge(models.AbstractModel):
    """Who may decide that money belongs to another client."""

    _inherit = "client.balance.merge"

    def _check_owner_change(self, keys, debts=None):
        """Hook. Money gets another client only by whoever may give it away.

        Asked before anything moves. ``sudo()`` does not help: what a method does for a
        person is the person's, and only the superuser himself is not asked.

        :param keys: {balance: new Key}, also of balances whose client stays
        :param debts: {open receivable item of another client now: name of its client
            before}, where either of them has money
        :raise UserError: what would change, and who decides that
        """
        if self.env.uid == SUPERUSER_ID:
            return
        changes = self._get_owner_changes(keys, debts or {})
        by_root = defaultdict(list)
        for change in changes:
            by_root[change.root].append(change)
        for root, changes in by_root.items():
            self._check_owner_change_right(root, changes)
            self._check_owner_change_alone(root, changes)

    def _get_owner_changes(self, keys, debts):
        """:return: list of OwnerChange, without what is worth nothing"""
        # money is guarded for everybody, whatever he may see
        balances_sudo = {balance.sudo(): key for balance, key in keys.items()}
        return [
            OwnerChange(
                balance.company_id,
                balance.partner_id.name,
                balance.partner_id.browse(key.partner_id),
                ", ".join(
                    (
                        balance.partner_bank_id.acc_number
                        or self.env._("No bank account"),
                        balance.currency_id.name,
                    )
                ),
                balance.currency_id,
                balance.amount,
                abs(balance.amount) + balance.overdraft_limit,
            )
            for balance, key in balances_sudo.items()
            if balance.partner_id.id != key.partner_id and self._is_worth(balance)
        ] + [
            OwnerChange(
                line.company_id.root_id,
                name,
                line.partner_id.commercial_partner_id,
                line.move_id.display_name,
                line.currency_id,
                line.amount_residual_currency,
                abs(line.amount_residual_currency),
            )
            for line, name in debts.items()
        ]

    def _check_owner_change_right(self, root, changes):
        # which companies a person works in, nobody else may read
        is_own = root in self.env.user.sudo().company_ids.root_id
        if is_own and self.env.user.has_group(MANAGER_GROUP):
            return
        if not is_own:
            # who works elsewhere is told neither what there is nor how much
            changes = [changes[0]._replace(name=root.display_name, amount=None)]
        self._refuse_owner_change(
            AccessError(
                self.env._(
                    "%(change)s\nOnly a manager of client balances of %(company)s may"
                    " decide that: ask one to make this change.",
                    change=self._describe_owner_changes(changes),
                    company=root.display_name,
                )
            )
        )

    def _check_owner_change_alone(self, root, changes):
        """:raise UserError: that one person may not decide on this much"""
        approval = self.env["client.balance.approval"]
        today = fields.Date.context_today(self)
        total = sum(
            approval._get_company_amount(root, change.currency, change.size, today)
            for change in changes
        )
        if not approval._is_above(root, root.currency_id, total, today):
            return
        self._refuse_owner_change(
            UserError(
                self.env._(
                    "%(change)s\nIn %(company)s everything above %(limit)s needs a"
                    " second manager. Transfer the money first: a transfer can be sent"
                    " as a request, which another manager approves. Then make this"
                    " change.",
                    change=self._describe_owner_changes(changes),
                    company=root.display_name,
                    limit=formatLang(
                        self.env,
                        root.client_balance_approval_amount,
                        currency_obj=root.currency_id,
                    ),
                )
            )
        )

    def _describe_owner_changes(self, changes):
        rows = [
            change.name
            if change.amount is None
            else f"{change.name}: "
            + formatLang(self.env, change.amount, currency_obj=change.currency)
            for change in changes[:NAMED]
        ]
        if len(changes) > NAMED:
            rows.append(self.env._("and %(count)s more", count=len(changes) - NAMED))
        return self.env._(
            "What belongs to %(client)s would belong to %(other)s:\n%(rows)s",
            client=changes[0].client,
            other=changes[0].owner.name,
            rows="\n".join(f"• {row}" for row in rows),
        )

    def _refuse_owner_change(self, refusal):
        """Whoever swallows the refusal cannot commit what was refused."""

        def refuse_again():
            raise refusal

        # a rollback, also of a savepoint, forgets this together with the change
        self.env.cr.precommit.add(refuse_again)
        raise refusal
