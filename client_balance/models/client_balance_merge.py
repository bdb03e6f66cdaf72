from odoo import models
from odoo.tools import SQL


class ClientBalanceMerge(models.AbstractModel):
    """Keys that change their owner: the money follows, and no row is lost.

    Moving a key is no settlement. The rows keep their dates, amounts and links; where
    two balances become one, the merged chain is renumbered in recording order.
    """

    _name = "client.balance.merge"
    _description = "Change of the owner of client balances"

    def _move_keys(self, keys):
        """Give balances new keys, adding them up where a key is already taken.

        The journal items must name the new client and bank account when the running
        step of the gate ends.

        :param keys: {balance: new Key}
        """
        # owners change for people without rights on the ledger, too
        merge_sudo = self.sudo().with_context(active_test=False)
        for balance in sorted(keys, key=lambda balance: balance.id):
            merge_sudo._move_key(balance.with_env(merge_sudo.env), keys[balance])

    def _move_key(self, balance, key):
        target = self.env["client.balance"]._find({key}).get(key)
        if target == balance:
            return
        with self.env["client.balance.gate"]._collecting() as touched:
            self.env.flush_all()
            old_name = balance.display_name
            if target:
                self._add_up(balance, target)
            else:
                target = balance
            self._rewrite_key(target, key)
            self.env.invalidate_all()
            self._log_move(target, old_name)
            touched.balance_ids.add(target.id)

    def _rewrite_key(self, balance, key):
        """Write a key on a balance and on its settlements."""
        for table, column in (
            ("client_balance", "id"),
            ("client_balance_settlement", "balance_id"),
        ):
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE %(table)s
                       SET company_id = %(company)s, partner_id = %(partner)s,
                           partner_bank_id = %(bank)s, currency_id = %(currency)s
                     WHERE %(column)s = %(id)s
                    """,
                    table=SQL.identifier(table),
                    column=SQL.identifier(column),
                    company=key.company_id,
                    partner=key.partner_id,
                    bank=key.bank_id or None,
                    currency=key.currency_id,
                    id=balance.id,
                )
            )

    def _add_up(self, source, target):
        """Put all that ``source`` has on ``target`` and remove the empty row."""
        self._claim(source | target)
        self._chain(source, target)
        self._point_elsewhere(source, target)
        [[amount]] = self.env.execute_query(
            SQL(
                """
                UPDATE client_balance target
                   SET amount = target.amount + source.amount,
                       overdraft_limit = target.overdraft_limit
                                       + source.overdraft_limit,
                       settlement_count = target.settlement_count
                                        + source.settlement_count
                  FROM client_balance source
                 WHERE target.id = %(target)s AND source.id = %(source)s
             RETURNING GREATEST(target.amount, target.overdraft_limit)
                """,
                source=source.id,
                target=target.id,
            )
        )
        target.currency_id._check_client_balance_amount(amount, target)
        self.env.cr.execute(SQL("DELETE FROM client_balance WHERE id = %s", source.id))

    def _drop_empty(self, balances):
        """Remove balances on which money never moved."""
        if not balances:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "DELETE FROM client_balance WHERE settlement_count = 0 AND id IN %s",
                tuple(balances.ids),
            )
        )
        self.env.invalidate_all()

    def _claim(self, balances):
        """Hold the rows, in the one global order, until the transaction ends."""
        for balance in balances.sorted("id"):
            balance._claim(balance._get_key())

    def _chain(self, source, target):
        """Make one chain of two, numbered in recording order."""
        # the index on numbers looks at each row by itself: step aside first
        self.env.cr.execute(
            SQL(
                """
                UPDATE client_balance_settlement
                   SET balance_id = %(target)s, number = -id
                 WHERE balance_id IN (%(source)s, %(target)s)
                """,
                source=source.id,
                target=target.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE client_balance_settlement settlement
                   SET number = chain.number, balance_after = chain.level
                  FROM (
                       SELECT id, ROW_NUMBER() OVER w AS number,
                              SUM(amount) OVER w AS level
                         FROM client_balance_settlement
                        WHERE balance_id = %s
                       WINDOW w AS (ORDER BY id)
                       ) chain
                 WHERE chain.id = settlement.id
                """,
                target.id,
            )
        )

    def _point_elsewhere(self, source, target):
        """Everything else that points to ``source`` follows, also its chatter."""
        wizard = self.env["base.partner.merge.automatic.wizard"]
        for table, column in wizard._get_fk_on(source._table):
            self.env.cr.execute(
                SQL(
                    "UPDATE %(table)s SET %(column)s = %(target)s"
                    " WHERE %(column)s = %(source)s",
                    table=SQL.identifier(table),
                    column=SQL.identifier(column),
                    source=source.id,
                    target=target.id,
                )
            )
        self.env["mail.message"].search(
            [("model", "=", source._name), ("res_id", "=", source.id)]
        ).res_id = target.id
        self.env["mail.followers"].search(
            [("res_model", "=", source._name), ("res_id", "=", source.id)]
        ).unlink()
        self.env.flush_all()

    def _log_move(self, balance, old_name):
        """Hook. The chatter says what happened."""
        balance._message_log(
            body=self.env._(
                "The balance %(old)s became part of %(new)s: %(count)s settlements,"
                " numbered in the order of recording, %(amount)s together.",
                old=old_name,
                new=balance.display_name,
                count=balance.settlement_count,
                amount=balance._format(balance.amount),
            )
        )

    # Refusals -------------------------------------------------------------------------

    def _get_money_domain(self, domain):
        """Hook. :return: domain of the balances that hold money (or owe it)"""
        return [*domain, ("amount", "!=", 0)]

    def _get_holders(self, domain):
        """:return: balances with money, whatever the user may see"""
        # what holds money is guarded for everybody
        Balance_sudo = self.env["client.balance"].sudo().with_context(active_test=False)
        return Balance_sudo.search(self._get_money_domain(domain))

    def _describe(self, balances):
        """:return: the amounts of ``balances``, for a sentence"""
        return ", ".join(
            f"{balance.display_name}: {balance._format(balance.amount)}"
            for balance in balances
        )
