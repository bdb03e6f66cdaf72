from collections import defaultdict
from contextlib import contextmanager
from typing import NamedTuple

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.account.models.account_move import BYPASS_LOCK_CHECK


class Owners(NamedTuple):
    """Whose contacts and posted items were before a change: ids of clients."""

    #: {partner id: client id}
    partners: dict
    #: {id of an item on a balance account: client id}
    items: dict
    #: {id of an open receivable item: client id}
    debts: dict
    #: {client id: name}, as a change of owner is told to people
    names: dict


class ClientBalanceMerge(models.AbstractModel):
    """A client becomes part of another one: who decides that, and what goes along.

    Its keys go along, its open receivable items, and the copies of the client that core
    keeps on documents. A contact who leaves a client takes none of its money along.
    """

    _inherit = "client.balance.merge"

    @contextmanager
    def _changing_owners(self, partners):
        """Whatever happens to ``partners`` inside, money and documents follow."""
        with self.env["client.balance.gate"]._collecting() as touched:
            # the ledger follows whoever changes a contact, whatever he may see
            merge_sudo = self.sudo().with_context(active_test=False)
            before = merge_sudo._get_owners(partners)
            items_sudo = merge_sudo.env["account.move.line"].browse(before.items)
            touched.touch(items_sudo, items_sudo.env)
            moved_before, touched.moves_owner = touched.moves_owner, True
            try:
                yield
                heir_sudo = partners.exists()[:1].with_env(merge_sudo.env)
                self._follow_owners(before, heir_sudo)
            finally:
                touched.moves_owner = moved_before

    def _get_owners(self, partners):
        """:return: the Owners of ``partners``, their contacts and all their items"""
        family = self.env["res.partner"].search(
            [
                "|",
                ("id", "child_of", partners.ids),
                # computed, but a program can write it on any contact
                ("commercial_partner_id", "in", partners.ids),
            ]
        )
        lines = self.env["account.move.line"]
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        if account_ids:
            lines = lines.search(
                Domain("partner_id", "in", family.ids)
                & Domain("parent_state", "=", "posted")
                & (
                    Domain("account_id", "in", list(account_ids))
                    | Domain("account_id.account_type", "=", "asset_receivable")
                    & Domain("reconciled", "=", False)
                )
            )
        items = lines._filter_client_balance()
        return Owners(
            {partner.id: partner.commercial_partner_id.id for partner in family},
            {line.id: line.partner_id.commercial_partner_id.id for line in items},
            {
                line.id: line.partner_id.commercial_partner_id.id
                for line in lines - items
            },
            {client.id: client.name for client in family.commercial_partner_id},
        )

    def _follow_owners(self, before, heir):
        """Bring everything in line with whose the contacts are now.

        :param before: the Owners before the change
        :param heir: what is left of contacts that became one
        """
        merge_sudo = self.with_env(heir.env)
        family = heir.browse(before.partners).exists()
        merge_sudo._renew_owners(family)
        now = dict.fromkeys(before.partners, heir.commercial_partner_id.id)
        now.update({partner.id: partner.commercial_partner_id.id for partner in family})
        if now == before.partners or not family:
            return
        keys = merge_sudo._get_keys_after(now)
        debts = merge_sudo._get_changed_debts(before.debts)
        covered = merge_sudo._get_covered_debts(debts, before)
        # the user is asked, and nothing has moved yet
        self._check_owner_change(keys, covered)
        self._move_keys(keys)
        merge_sudo._keep_items(before.items, now)
        changed = family.filtered(lambda row: now[row.id] != before.partners[row.id])
        merge_sudo._take_documents_along(debts, changed | heir)
        banks = heir.bank_ids.search([("partner_id", "in", family.ids)])
        banks._check_client_balance_owners()
        family.commercial_partner_id._check_client_balance_company()

    # What would change ----------------------------------------------------------------

    def _renew_owners(self, partners):
        """Who belongs to a part of a client belongs to that client.

        Core repoints contacts by SQL when their company is merged, and an owner that a
        program has written does not follow by itself.
        """
        partners.flush_model(["commercial_partner_id"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_partner partner
                   SET commercial_partner_id = owner.commercial_partner_id
                  FROM res_partner owner
                 WHERE partner.id = ANY(%s)
                   AND owner.id = partner.commercial_partner_id
                   AND owner.commercial_partner_id <> owner.id
                """,
                partners.ids,
            )
        )
        if self.env.cr.rowcount:
            partners.invalidate_model(["commercial_partner_id"])

    def _get_keys_after(self, now):
        """:return: {balance: Key} for clients that are now part of another one"""
        moved = [client for client, owner in now.items() if client != owner]
        keys = {}
        for balance in self.env["client.balance"].search([("partner_id", "in", moved)]):
            owner = now[balance.partner_id.id]
            if not owner:
                raise UserError(
                    self.env._(
                        "%(client)s has a balance and cannot belong to nobody. Choose a"
                        " company, or none and let it be a client of its own.",
                        client=balance.partner_id.display_name,
                    )
                )
            keys[balance] = balance._get_key()._replace(partner_id=owner)
        return keys

    def _get_changed_debts(self, debts):
        """:return: those of these open receivable items that are another client's now

        :param debts: {item id: client id before}
        """
        return (
            self.env["account.move.line"]
            .browse(debts)
            .exists()
            .filtered(
                lambda line: line.partner_id.commercial_partner_id.id != debts[line.id]
            )
        )

    def _get_covered_debts(self, debts, before):
        """:return: {item: name of its client before} of those which come to, or leave,
            a client who has money

        :param before: the Owners before the change
        """
        former = {line.id: before.debts[line.id] for line in debts}
        clients = debts.partner_id.commercial_partner_id
        holders = {
            (balance.company_id, balance.partner_id.id)
            for balance in self.env["client.balance"]
            .search([("partner_id", "in", [*clients.ids, *former.values()])])
            .filtered(self._is_worth)
        }
        return {
            line: before.names[former[line.id]]
            for line in debts
            if any(
                (line.company_id.root_id, client_id) in holders
                for client_id in (
                    former[line.id],
                    line.partner_id.commercial_partner_id.id,
                )
            )
        }

    def _is_worth(self, balance):
        """:return: whether ``balance`` holds money, owes it, or may owe it"""
        return bool(balance.amount or balance.overdraft_limit)

    # What goes along ------------------------------------------------------------------

    def _keep_items(self, items, now):
        """The money of a client stays with it when a contact leaves whom items name.

        :param items: {id of an item on a balance account: client id before}
        :param now: {id of a contact or client: client id}
        """
        groups = defaultdict(self.env["account.move.line"].browse)
        for line in self.env["account.move.line"].browse(items).exists():
            client_id = now.get(items[line.id], items[line.id])
            if line.partner_id.commercial_partner_id.id != client_id:
                groups[client_id] |= line
        for client_id, lines in groups.items():
            # closed periods, too: whose money it is does not change
            lines.with_context(
                bypass_lock_check=BYPASS_LOCK_CHECK
            ).partner_id = client_id

    def _take_documents_along(self, debts, partners):
        """Open items name their new client, as core has it for another parent.

        :param debts: open receivable items that are another client's now
        :param partners: contacts that are another client's now
        """
        # a hashed entry stays as it is: its items name a contact of the client
        open_debts = debts.filtered(lambda line: not line.move_id.inalterable_hash)
        for partner, lines in open_debts.grouped("partner_id").items():
            if partner != partner.commercial_partner_id:
                lines.with_context(
                    bypass_lock_check=BYPASS_LOCK_CHECK, skip_invoice_sync=True
                ).partner_id = partner.commercial_partner_id
        self._renew_documents(partners)

    def _renew_documents(self, partners):
        """Core keeps a copy of the client on each document and leaves it stale.

        It follows where the items of the document agree. Where they name the former
        client, what is owed stays with it: a contact has left.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE account_move move
                   SET commercial_partner_id = partner.commercial_partner_id
                  FROM res_partner partner
                 WHERE partner.id = move.partner_id AND partner.id = ANY(%s)
                   AND move.commercial_partner_id IS DISTINCT FROM
                       partner.commercial_partner_id
                   AND NOT EXISTS (
                       SELECT FROM account_move_line line
                         JOIN account_account account ON account.id = line.account_id
                         JOIN res_partner holder ON holder.id = line.partner_id
                        WHERE line.move_id = move.id
                          AND account.account_type IN
                              ('asset_receivable', 'liability_payable')
                          AND holder.commercial_partner_id <>
                              partner.commercial_partner_id)
                """,
                partners.ids,
            )
        )
        self.env["account.move"].invalidate_model(["commercial_partner_id"])
