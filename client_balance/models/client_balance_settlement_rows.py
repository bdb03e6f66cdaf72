from contextlib import contextmanager

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .client_balance_fingerprint import get_fingerprint_sql
from .client_balance_gate import Key


class ClientBalanceSettlement(models.Model):
    """What the gate asks of a settlement when it appends to the ledger."""

    _inherit = "client.balance.settlement"

    def _get_key(self):
        """:return: the Key of the balance that this settlement moved"""
        self.ensure_one()
        balance = self.balance_id
        return Key(
            balance.company_id.id,
            balance.partner_id.id,
            balance.partner_bank_id.id,
            balance.currency_id.id,
        )

    def _stands_for(self, weight):
        """:return: whether this live settlement still equals what its item weighs"""
        self.ensure_one()
        return (
            self._get_key() == weight.key
            and self.date == weight.line.date
            and self.currency_id.compare_amounts(self.amount, weight.amount) == 0
        )

    def _is_own_entry(self):
        """:return: whether one of our callers made the whole entry

        Payments and bank lines are core's: people reset and undo them.
        """
        self.ensure_one()
        return not self.payment_id and self.settlement_type in self._get_own_types()

    def _get_own_types(self):
        """Hook. :return: types whose entries are undone by a reversal only"""
        return {
            "manual",
            "opening",
            "write_off",
            "credit_note",
            "transfer",
            "exchange",
        }

    def _refuse_own_entry(self):
        """:raise UserError: what to do instead of changing the entry"""
        self.ensure_one()
        raise UserError(
            self.env._(
                "Journal entry %(entry)s is the settlement of %(client)s and stays as"
                " it is. Reverse it instead: a settlement with “Delete” in the ledger"
                " of the client, a payment from the balance by unreconciling it on the"
                " invoice.",
                entry=self.move_name or self.name,
                client=self.partner_id.display_name,
            )
        )

    def _prepare_altered_vals(self, fingerprint):
        """Hook. :return: what changes where another part of the entry was changed"""
        return {"fingerprint": fingerprint}

    def _prepare_stood_vals(self):
        """Hook. :return: what the same entry, posted again as it was, says as well"""
        return {}

    def _prepare_inherited_vals(self):
        """Hook. :return: what stays with the money through reversals and repeats"""
        self.ensure_one()
        return {
            "reason_id": self.reason_id.id,
            "counterpart_account_id": self.counterpart_account_id.id,
            "invoice_ids": [(6, 0, self.invoice_ids.ids)],
            "is_advance": self.is_advance,
            "advance_date": self.advance_date,
        }

    def _prepare_repeat_vals(self, line):
        """Hook. :return: values of a settlement of the same item, posted again, or of
            another item that brings the money of this reversal back

        :param line: the journal item as it is now
        """
        vals = {**self._prepare_inherited_vals(), "description": self.description}
        if line.id != self.move_line_ref:
            vals["description"] = self.env._("Reversal of %(name)s", name=self.name)
        if self.payment_id and self.advance_date == self.date:
            # the payment brought the money: where its day is corrected, this one is
            vals["advance_date"] = line.date
        return vals

    def _prepare_unposting_vals(self):
        """Hook. :return: values of the reversal that a vanished item leaves behind"""
        self.ensure_one()
        return {
            **self._prepare_inherited_vals(),
            "balance_id": self.balance_id.id,
            "name": self.name,
            "date": self.date,
            "amount": -self.amount,
            "settlement_type": "reversal",
            "description": self.env._("Reversal of %(name)s", name=self.name),
            "payment_id": self.payment_id.exists().id,
            "payment_name": self.payment_name,
            "move_id": self.move_id.exists().id,
            "move_name": self.move_name,
            "move_line_id": self.move_line_id.exists().id,
            "move_line_ref": self.move_line_ref,
            "reversal_of_id": self.id,
            "is_live": False,
        }

    def _link_reversals(self):
        """Link each original to its reversal."""
        for reversal in self.filtered("reversal_of_id"):
            reversal.reversal_of_id.reversed_by_id = reversal

    @contextmanager
    def _keeping_fingerprints(self, accounts):
        """Entries whose accounts core renames inside of the block stay the same.

        Only those that were what they had been recorded as.
        """
        self.env.flush_all()
        move_ids = [
            move_id
            for [move_id] in self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT s.move_id
                      FROM client_balance_settlement s
                      JOIN account_move_line item ON item.move_id = s.move_id
                     WHERE s.is_live AND item.account_id = ANY(%s)
                    """,
                    accounts.ids,
                )
            )
        ]
        same = SQL(
            """
            SELECT s.id, entry.fingerprint
              FROM client_balance_settlement s
              JOIN (%s) entry ON entry.move_id = s.move_id
             WHERE s.is_live
            """,
            get_fingerprint_sql(move_ids),
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT s.id FROM client_balance_settlement s JOIN (%s) same USING (id)
                 WHERE s.fingerprint = same.fingerprint
                """,
                same,
            )
        )
        yield
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE client_balance_settlement s SET fingerprint = same.fingerprint
                  FROM (%s) same WHERE same.id = s.id AND s.id = ANY(%s)
                """,
                same,
                [row[0] for row in rows],
            )
        )
        self.invalidate_model(["fingerprint"], flush=False)
