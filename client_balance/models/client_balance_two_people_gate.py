from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import formatLang


class ClientBalanceGate(models.AbstractModel):
    """No door leads round the second person: the gate looks at what is posted."""

    _inherit = "client.balance.gate"

    def _make_pass(self, settlement_type, **values):
        """The callers' pass, which also says whether a second person has agreed.

        Code that runs as superuser (imports, scheduled actions) has no second person.
        """
        approval = self.env["client.balance.approval"]._get_approval()
        if approval:
            values.update(is_approved=True, request_id=approval.request_id)
        elif self.env.su:
            values["is_approved"] = True
        return super()._make_pass(settlement_type, **values)

    def _judge(self, movements):
        res = super()._judge(movements)
        self._check_second_person(movements)
        return res

    def _get_approved_types(self):
        """Hook. :return: types of settlements that need a second person"""
        return {"manual", "opening", "refund", "transfer", "entry"}

    def _check_second_person(self, movements):
        """:raise UserError: for entries above the amount that one person may move"""
        guarded = defaultdict(list)
        # the rule holds for every item, whatever the user may read
        gate_sudo = self.sudo().with_context(active_test=False)
        for movement in movements:
            weight = movement.weight
            if (
                weight
                and not movement.is_altered
                # the settings are the root company's, which a branch's user may not see
                and weight.line.company_id.sudo().root_id.client_balance_approval
                and not self._is_exempt(movement)
                and gate_sudo._is_guarded(movement)
            ):
                guarded[weight.line.move_id, weight.key].append(weight)
        approval = self.env["client.balance.approval"]
        for (move, _key), group in guarded.items():
            line = group[0].line
            amount = abs(sum(weight.amount for weight in group))
            if approval._is_above(line.company_id, line.currency_id, amount, line.date):
                self._refuse_alone(move, line, amount)

    def _is_exempt(self, movement):
        """:return: whether a second person, or none at all, stands behind an item

        The scheduled action posts as superuser what one person has prepared.
        """
        if movement.caller:
            return movement.caller.is_approved or movement.caller.is_fact
        is_prepared = movement.weight.line.move_id.auto_post != "no"
        return movement.is_trusted and not is_prepared

    def _is_guarded(self, movement):
        """:return: whether it is no reversal, and not merely posted again"""
        weight = movement.weight
        return (
            not movement.original
            and not movement.stood
            and self._get_settlement_type(movement) in self._get_approved_types()
            and not self._is_bank_fact(weight.line)
            and not self._is_inside_one_client(movement)
        )

    def _is_bank_fact(self, line):
        """A bank statement tells what has happened already."""
        return bool(line.move_id._get_client_balance_bank_line())

    def _is_inside_one_client(self, movement):
        """Money that moves between bank accounts of one client stays the client's."""
        if self._get_settlement_type(movement) != "transfer":
            return False
        lines = movement.weight.line.move_id.line_ids.filtered(
            "account_id.is_client_balance"
        )
        return len(lines.partner_id.commercial_partner_id) == 1

    def _refuse_alone(self, move, line, amount):
        # the settings are the root company's, which a branch's user may not see
        root_sudo = line.company_id.sudo().root_id
        raise UserError(
            self.env._(
                "Journal entry %(entry)s moves %(amount)s on the balance of %(client)s."
                " In %(company)s everything above %(limit)s needs a second person:"
                " record it as a settlement, a refund or a transfer, which another"
                " manager approves.",
                entry=move.name or move.ref or "",
                amount=formatLang(self.env, amount, currency_obj=line.currency_id),
                client=line.partner_id.commercial_partner_id.display_name,
                company=root_sudo.display_name,
                limit=formatLang(
                    self.env,
                    root_sudo.client_balance_approval_amount,
                    currency_obj=root_sudo.currency_id,
                ),
            )
        )
