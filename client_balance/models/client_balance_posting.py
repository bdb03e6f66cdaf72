from datetime import timedelta

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import clean_context

from .client_balance_gate import Caller


class ClientBalancePosting(models.AbstractModel):
    """The caller for settlements that people or programs record by themselves."""

    _name = "client.balance.posting"
    _description = "Posting of manual settlements"

    def _check_manager(self):
        """:raise AccessError: for everybody but managers and the superuser"""
        if not self.env.su and not self.env.user.has_group(
            "client_balance.group_client_balance_manager"
        ):
            raise AccessError(
                self.env._(
                    "Only a manager of client balances may record, correct or reverse"
                    " settlements. Ask your accountant."
                )
            )

    def _post(self, vals_list):
        """Post one settlement per dict, see ``client.balance.settlement.create``."""
        self._check_manager()
        if not isinstance(vals_list, list | tuple):
            self._refuse_kind("vals_list", vals_list)
        vals_list = [self._clean(vals) for vals in vals_list]
        known = self._get_known_references(vals_list)
        settlements, todo, slots = [], [], {}
        for vals in vals_list:
            reference = self._get_reference(vals)
            if reference and reference in known:
                self._check_same(known[reference], vals)
                settlements.append(known[reference])
            elif reference and reference in slots:
                self._check_same_vals(vals_list[slots[reference][0]], vals)
                settlements.append(slots[reference][1])
            else:
                if reference:
                    slots[reference] = (len(settlements), len(todo))
                settlements.append(len(todo))
                todo.append(vals)
        lines = self._post_entries(todo)
        made = list(self._get_settlements(lines))
        return self.env["client.balance.settlement"].union(
            *[made[item] if isinstance(item, int) else item for item in settlements]
        )

    def _get_settlements(self, lines):
        """:return: the live settlements of ``lines``, in the order of the lines"""
        settlements = self.env["client.balance.settlement"].search(
            [("move_line_ref", "in", lines.ids), ("is_live", "=", True)]
        )
        by_line = {settlement.move_line_ref: settlement for settlement in settlements}
        return settlements.browse([by_line[line.id].id for line in lines])

    # Entries --------------------------------------------------------------------------

    def _get_company(self, vals):
        """:return: the company in which the entry of ``vals`` is posted"""
        return (
            self.env["res.company"].browse(vals.get("company_id")) or self.env.company
        )

    def _get_entries_sudo(self):
        """Where the entries of checked callers are made, who need no right on journals.

        :return: account.move, without the defaults that whoever asks has sent along:
            links of core in them would say that the entry is something else
        """
        env = self.env(su=True, context=clean_context(self.env.context))
        return env["account.move"]

    def _post_entries(self, vals_list):
        """Create and post one journal entry per dict.

        :return: the items on the balance accounts, in the order of ``vals_list``
        """
        Line = self.env["account.move.line"]
        if not vals_list:
            return Line
        checked = self._check_many(vals_list)
        self._touch_first(checked)
        moves_sudo = self._get_entries_sudo().create(
            [self._prepare_entry_vals(vals) for vals in checked]
        )
        by_move = {
            move.id: self._prepare_values(vals)
            for move, vals in zip(moves_sudo, checked, strict=True)
        }
        caller = self.env["client.balance.gate"]._make_pass("manual", by_move=by_move)
        moves_sudo.with_context(client_balance_caller=caller)._post(soft=False)
        for move, vals in zip(moves_sudo, checked, strict=True):
            if move.date != vals["date"] and vals.get("_date_given"):
                self._refuse_locked(move.company_id, vals["date"])
        return Line.browse(
            [
                move.line_ids.filtered("account_id.is_client_balance")[:1].id
                for move in moves_sudo
            ]
        )

    def _check_open(self, company, date, journal=None):
        """:raise UserError: if nothing may be posted on ``date`` any more"""
        if self._get_open_date(company, date, journal) != date:
            self._refuse_locked(company, date, journal)

    def _refuse_locked(self, company, date, journal=None):
        gate = self.env["client.balance.gate"]
        raise UserError(
            self.env._(
                "%(date)s is in a locked period of %(company)s. The first open date is"
                " %(open)s.",
                date=gate._format_day(date),
                company=company.display_name,
                # core has moved the entry to the end of a month, or to today
                open=gate._format_day(self._get_open_date(company, date, journal)),
            )
        )

    def _touch_first(self, vals_list):
        """One settlement, as a person or a shop records it, claims its balance first.

        The loser of a race has not worked in vain then. A batch of several balances
        is left to the gate, which moves them in one order.
        """
        keys = {
            (
                self._get_company(vals),
                self.env["res.partner"].browse(vals["partner_id"]),
                self.env["res.partner.bank"].browse(vals["partner_bank_id"]),
                self.env["res.currency"].browse(vals["currency_id"]),
            )
            for vals in vals_list
        }
        if len(keys) == 1:
            self.env["client.balance"]._touch(*keys)

    # Undo -----------------------------------------------------------------------------

    def _get_open_date(self, company, date, journal=None):
        """:return: ``date`` if entries may be posted on it, else the first open date

        :param journal: of the entries, by default the journal of settlements
        """
        journal = journal or self._get_journal(company)
        # lock dates are settings that managers of balances need not read
        violated = company.sudo()._get_violated_lock_dates(date, False, journal)
        if not violated:
            return date
        return max(lock_date for lock_date, _name in violated) + timedelta(days=1)

    def _reverse_moves(self, moves, dates):
        """Reverse entries of settlements, each on its date or the first open one."""
        # As for posting: the manager of balances was checked, journals need no right.
        moves_sudo = moves.sudo()
        values = [
            {
                "date": self._get_open_date(move.company_id, dates[move]),
                "ref": self.env._("Reversal of %(name)s", name=move.name),
            }
            for move in moves_sudo
        ]
        caller = Caller("reversal")
        return moves_sudo.with_context(client_balance_caller=caller)._reverse_moves(
            values, cancel=True
        )
