from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import formatLang


class ClientBalanceGate(models.AbstractModel):
    """No door leads round the second person: the gate looks at what is posted."""

    _inherit = "client.balance.gate"

    def _check_may_post(self, weights, touched):
        res = super()._check_may_post(weights, touched)
        self._check_second_person(weights, touched)
        return res

    def _get_approved_types(self):
        """Hook. :return: types of settlements that need a second person"""
        return {"manual", "opening", "refund", "transfer", "entry"}

    def _check_second_person(self, weights, touched):
        """:raise UserError: for entries above the amount that one person may move"""
        # the rule holds for every item, whatever the user may read
        gate_sudo = self.sudo().with_context(active_test=False)
        weights = [
            weight
            for weight in weights
            # the settings are the root company's, which a branch's user may not see
            if weight.line.company_id.sudo().root_id.client_balance_approval
            and not self._is_exempt(weight, touched)
        ]
        if not weights:
            return
        guarded = defaultdict(list)
        for weight in gate_sudo._filter_guarded(weights):
            guarded[weight.line.move_id, weight.key].append(weight)
        approval = self.env["client.balance.approval"]
        for (move, _key), group in guarded.items():
            line = group[0].line
            amount = abs(sum(weight.amount for weight in group))
            if approval._is_above(line.company_id, line.currency_id, amount, line.date):
                self._refuse_alone(move, line, amount)

    def _is_exempt(self, weight, touched):
        """:return: whether a second person, or none at all, stands behind an item

        The scheduled action posts as superuser what one person has prepared.
        """
        if weight.caller:
            return weight.caller.is_approved
        is_prepared = weight.line.move_id.auto_post != "no"
        return weight.line.id in touched.trusted_ids and not is_prepared

    def _filter_guarded(self, weights):
        """:return: those that are no reversal, and not merely posted again"""
        originals = self._get_reversed_originals(weights)
        previous = self._get_known_settlements(weights)
        types = self._get_approved_types()
        return [
            weight
            for weight in weights
            if weight.line.id not in originals
            and self._get_settlement_type(weight) in types
            and not self._is_bank_fact(weight.line)
            and not self._is_inside_one_client(weight)
            and not self._is_known(weight, previous.get(weight.line.id))
        ]

    def _get_known_settlements(self, weights):
        """:return: {item id: the latest settlement that ever stood for the item}"""
        settlements = self.env["client.balance.settlement"].search(
            [("move_line_ref", "in", [weight.line.id for weight in weights])],
            order="id",
        )
        return {settlement.move_line_ref: settlement for settlement in settlements}

    def _is_bank_fact(self, line):
        """A bank statement tells what has happened already."""
        return bool(line.move_id.statement_line_id)

    def _is_inside_one_client(self, weight):
        """Money that moves between bank accounts of one client stays the client's."""
        if self._get_settlement_type(weight) != "transfer":
            return False
        lines = weight.line.move_id.line_ids.filtered("account_id.is_client_balance")
        return len(lines.partner_id.commercial_partner_id) == 1

    def _is_known(self, weight, previous):
        """:return: whether the item was in the ledger before, with as much

        What gave is not known as what takes: another sign is another movement.
        """
        stood = previous
        if previous and not previous.is_live:
            # the latest row of an item that left the posted state is its reversal
            stood = previous.reversal_of_id
        return (
            bool(stood)
            and stood._get_key() == weight.key
            and weight.amount * stood.amount > 0
            and weight.line.currency_id.compare_amounts(
                abs(weight.amount), abs(stood.amount)
            )
            <= 0
        )

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
