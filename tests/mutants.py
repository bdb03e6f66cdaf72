"""What `make mutants` breaks, one at a time; each must turn its test red.

A mutant is (what is broken, code, what replaces it, tests). ``code`` occurs once in the
addon, wherever it stands. ``tests`` are files of client_balance/tests, or tests/… for
those outside of the addon; ``file::Class::test`` where the one that notices is known.
"""

MUTANTS = [
    # The gate: what an item weighs ------------------------------------------------
    (
        "a posted item that changes keeps its old settlement",
        "if weight and settlement and settlement._stands_for(weight):",
        "if weight and settlement:",
        "test_gate.py test_ledger_paths.py",
    ),
    (
        "drafts weigh",
        'if line.parent_state != "posted" or not line.account_id.is_client_balance:',
        "if not line.account_id.is_client_balance:",
        "test_gate.py test_ledger_paths.py",
    ),
    (
        "debit and credit are swapped",
        "amount = line.currency_id.round(-line.amount_currency)",
        "amount = line.currency_id.round(line.amount_currency)",
        "test_gate.py",
    ),
    (
        "the company's value is taken instead of the currency's",
        "amount = line.currency_id.round(-line.amount_currency)",
        "amount = line.currency_id.round(-line.balance)",
        "test_gate.py test_currencies.py",
    ),
    (
        "a branch has a balance of its own",
        "line.company_id.root_id.id,",
        "line.company_id.id,",
        "test_gate.py test_accounts.py test_pay_from_balance.py",
    ),
    (
        "a contact has a balance of its own",
        "line.partner_id.commercial_partner_id.id,\n            line.client_balance",
        "line.partner_id.id,\n            line.client_balance",
        "test_gate.py test_ledger_paths.py",
    ),
    (
        "the client's bank account is ignored",
        "line.client_balance_bank_id.id,\n            line.currency_id.id,",
        "False,\n            line.currency_id.id,",
        "test_gate.py test_posting.py",
    ),
    (
        "an item without a client is let through",
        "if not weight.key.partner_id and self._is_client_required():",
        "if False:",
        "test_gate.py",
    ),
    (
        "an item may name the bank account of a stranger",
        "if bank and bank.partner_id.commercial_partner_id.id != (\n"
        "                weight.key.partner_id\n            ):",
        "if False:",
        "test_gate.py test_attacks.py test_ledger_paths.py",
    ),
    (
        "an undone item leaves its settlement standing",
        "            if settlement:\n                gone |= settlement\n",
        "",
        "test_gate.py test_ledger_paths.py",
    ),
    (
        "a step is not judged when it is over",
        "                del _collectors[cr]\n            self._synchronize(touched)",
        "                del _collectors[cr]",
        "test_gate.py",
    ),
    (
        "whoever swallows a refusal may commit",
        "        except Exception:\n            self._judge_before_commit(touched)\n"
        "            raise\n\n    def",
        "        except Exception:\n            raise\n\n    def",
        "test_attacks.py test_gate.py",
    ),
    (
        "a reversed settlement may be reversed again by its entry",
        "            if settlement.reversed_by_id:\n                raise UserError(",
        "            if False:\n                raise UserError(",
        "test_gate.py test_ledger_paths.py test_locks.py test_attacks.py",
    ),
    (
        "the entry of a reversal may be reset",
        "            if settlement.reversal_of_id:\n                raise UserError(",
        "            if False:\n                raise UserError(",
        "test_gate.py test_ledger_paths.py test_locks.py test_attacks.py",
    ),
    (
        "a reversal may be dated before its original",
        "if line.date < original.date:",
        "if False:",
        "test_gate.py test_ledger_paths.py test_locks.py test_attacks.py",
    ),
    (
        "a reversed entry is not linked to its original",
        "originals = self._get_reversed_originals(new)",
        "originals = {}",
        "test_gate.py test_posting.py",
    ),
    # The gate: who may ------------------------------------------------------------
    (
        "anybody may post on a balance account",
        "        self._check_may_post(new, touched)\n",
        "",
        "test_gate.py test_attacks.py",
    ),
    (
        "anybody may undo what only accountants may post",
        "        self._check_may_undo(gone, touched)\n",
        "",
        "test_gate.py test_attacks.py test_refund_top_up.py",
    ),
    (
        "the pass can be sent through RPC",
        "return caller if isinstance(caller, Caller) else None",
        "return caller or None",
        "test_gate.py test_attacks.py",
    ),
    (
        "officers may post refunds by hand",
        'return {"overpayment", "write_off", "credit_note", "top_up"}',
        'return {"overpayment", "write_off", "credit_note", "top_up", "refund",'
        ' "manual", "transfer"}',
        "test_gate.py test_attacks.py test_refund_top_up.py",
    ),
    (
        "anybody may stamp an item as ours",
        'return self.env.su or bool(self.env["client.balance.gate"]._get_caller())',
        "return True",
        "test_gate.py test_attacks.py",
    ),
    (
        "the bank account of a posted item is edited",
        "        self._check_client_balance_write(vals)\n",
        "",
        "test_gate.py test_ledger_paths.py test_attacks.py",
    ),
    (
        "an automatic entry is not looked at",
        "    def _check_client_balance_autopost(self):\n",
        "    def _check_client_balance_autopost(self):\n        return\n\n"
        "    def _was_check_client_balance_autopost(self):\n",
        "test_attacks.py test_gate.py",
    ),
    # The guard --------------------------------------------------------------------
    (
        "the database does not ask whether the money is there",
        'return SQL("amount + %s >= -overdraft_limit", delta)',
        'return SQL("TRUE")',
        "test_gate.py test_posting.py",
    ),
    (
        "the limit is not granted",
        'return SQL("amount + %s >= -overdraft_limit", delta)',
        'return SQL("amount + %s >= 0", delta)',
        "test_gate.py test_owner_changes.py",
    ),
    (
        "later days are not looked at",
        'if all(row["amount"] > 0 for row in rows):',
        "if True:",
        "test_gate.py",
    ),
    (
        "only the last day of a step is looked at",
        'first = min(fields.Date.to_date(row["date"]) for row in rows)',
        'first = max(fields.Date.to_date(row["date"]) for row in rows)',
        "test_gate.py test_posting.py test_attacks.py test_locks.py"
        " tests/test_random_operations.py",
    ),
    (
        "available forgets what is spent later",
        "- GREATEST(0, COALESCE(MAX(later.gain), 0))",
        "",
        "test_gate.py test_posting.py test_payment_register.py",
    ),
    (
        "available forgets the limit",
        "SELECT b.id,\n                       b.amount + b.overdraft_limit",
        "SELECT b.id,\n                       b.amount",
        "test_gate.py test_owner_changes.py",
    ),
    (
        "a limit in use may be lowered",
        "            self._check_limit_covers_use()\n",
        "            pass\n",
        "test_gate.py test_attacks.py",
    ),
    (
        "a limit may be NaN",
        'self._check_limit_is_amount(vals["overdraft_limit"])',
        "pass",
        "test_gate.py test_attacks.py",
    ),
    (
        "amounts are not rounded before they reach the database",
        'net = currency.round(sum(row["amount"] for row in rows))\n'
        '        delta = SQL("%s::numeric", float_repr(net, currency.decimal_places))',
        'net = sum(row["amount"] for row in rows)\n'
        '        delta = SQL("%s::numeric", float_repr(net, 12))',
        "test_gate.py test_posting.py test_currencies.py test_attacks.py"
        " tests/test_random_operations.py",
    ),
    (
        "a number is left out",
        "enumerate(rows, count - len(rows) + 1)",
        "enumerate(rows, count - len(rows) + 2)",
        "test_gate.py",
    ),
    (
        "the running sum does not run",
        'level = currency.round(level + row["amount"])',
        "level = currency.round(float(amount))",
        "test_gate.py test_posting.py",
    ),
    (
        "balances may be written",
        "        if forbidden:\n",
        "        if False:\n",
        "test_gate.py test_attacks.py",
    ),
    (
        "a balance may be deleted",
        "    def _unlink_never(self):\n        raise UserError(",
        "    def _unlink_never(self):\n        return\n        raise UserError(",
        "test_gate.py test_attacks.py test_accounts.py",
    ),
    (
        "two first settlements collide",
        "VALUES %s ON CONFLICT DO NOTHING",
        "VALUES %s",
        "tests/test_concurrency.py",
    ),
    # The ledger -------------------------------------------------------------------
    (
        "settlements may be edited",
        "if not is_gate and set(vals) - self._get_writable_fields():",
        "if False:",
        "test_gate.py test_posting.py test_attacks.py",
    ),
    (
        "settlements may be deleted",
        "    def _unlink_never(self):\n        for settlement in self:",
        "    def _unlink_never(self):\n        for settlement in self.browse():",
        "test_gate.py test_posting.py test_attacks.py",
    ),
    (
        "settlements may be duplicated",
        "    def copy(self, default=None):  # pylint: disable=method-required-super\n",
        "    def copy_data(self, default=None):\n",
        "test_gate.py test_posting.py test_attacks.py test_settlement_screen.py",
    ),
    (
        "what a payment made may be reversed beside it",
        "                settlement.payment_id\n                or settlement",
        "                False\n                and settlement",
        "test_gate.py test_posting.py test_attacks.py test_payment_register.py"
        " test_refund_top_up.py",
    ),
    (
        "one leg of a transfer may be corrected",
        "        self._check_correctable()\n",
        "",
        "test_posting.py test_transfer.py test_exchange.py",
    ),
    (
        "an advance loses its day when it is undone and posted again",
        '            "advance_date": self.advance_date,\n        }\n\n'
        "    def _prepare_repeat_vals",
        "        }\n\n    def _prepare_repeat_vals",
        "test_gate.py test_transfer.py test_refund_top_up.py test_payment_draft.py"
        " test_credit_to_balance.py test_undo.py test_locks.py",
    ),
    (
        "anybody may record settlements",
        "        self._check_manager()\n        known",
        "        known",
        "test_posting.py test_attacks.py",
    ),
    (
        "a settlement in somebody else's company",
        "        self._check_own_company(company)\n",
        "",
        "test_posting.py test_attacks.py",
    ),
    (
        "too many decimals are cut in silence",
        "abs(currency.round(value) - value) > currency.rounding / 1000",
        "False",
        "test_posting.py test_currencies.py test_attacks.py",
    ),
    (
        "a locked day is moved in silence",
        'if move.date != vals["date"] and vals.get("_date_given"):',
        "if False:",
        "test_posting.py test_locks.py",
    ),
    (
        "the same reference makes a second settlement",
        "if reference and reference in known:",
        "if False:",
        "test_posting.py test_attacks.py",
    ),
    (
        "the same reference with another amount is accepted",
        "            if not same:\n",
        "            if False:\n",
        "test_posting.py test_attacks.py",
    ),
    # First in, first out ----------------------------------------------------------
    (
        "the newest money is spent first",
        '["balance_id", "move_line_id"],\n            order="date, id"',
        '["balance_id", "move_line_id"],\n            order="date desc, id desc"',
        "test_gate.py test_settlement_matching.py test_ledger_paths.py",
    ),
    (
        "spends are not matched",
        'gate_sudo.env["client.balance.matching"]._match(\n            balances,',
        "len(balances) if True else dict(",
        "test_gate.py test_settlement_matching.py",
    ),
    (
        "a draft keeps its matches",
        "                lines.remove_move_reconcile()\n",
        "                pass\n",
        "test_gate.py test_ledger_paths.py test_undo.py",
    ),
    (
        "a spend that loses its source finds no other",
        "touched.balance_ids.update(settlements.balance_id.ids)",
        "pass",
        "test_gate.py test_settlement_matching.py test_undo.py test_ledger_paths.py"
        " tests/test_random_operations.py",
    ),
    (
        "cash-basis items are matched as money",
        '            ("move_id.tax_cash_basis_rec_id", "=", False),\n'
        '            ("move_id.tax_cash_basis_origin_move_id", "=", False),\n',
        "",
        "test_ledger_paths.py test_gate.py",
    ),
    (
        "exchange differences lose the client's bank account",
        "                if line.client_balance_bank_id:\n",
        "                if False:\n",
        "test_currencies.py test_gate.py test_refund_top_up.py",
    ),
    (
        "several rates leave exchange differences that cancel out",
        "if self._may_mix_rates(by_debit):",
        "if False:",
        "test_currencies.py test_transfer.py test_exchange.py",
    ),
    # The dialogs ------------------------------------------------------------------
    (
        "the dialog asks for no right",
        "        self._check_client_balance_rights()\n",
        "",
        "test_payment_register.py test_attacks.py",
    ),
    (
        "a second click pays again",
        "        if self.client_balance_payment_id:\n",
        "        if False:\n",
        "test_payment_register.py",
    ),
    (
        "the dialog trusts the view",
        "        if obstacle := self._get_client_balance_obstacle():\n",
        "        if obstacle := False:\n",
        "test_payment_register.py",
    ),
    (
        "a typed amount above the available one is not refused",
        "            self._check_client_balance_available()\n",
        "",
        "test_payment_register.py",
    ),
    (
        "a payment without an entry loses the credit",
        '            context["force_payment_move"] = True\n        return context\n\n'
        "    def _get_client",
        "            pass\n        return context\n\n    def _get_client",
        "test_payment_register.py",
    ),
    (
        "more than what is due is paid from the balance",
        "        self._check_not_above_due(invoice_sudo, sum(amounts.values()))\n",
        "",
        "test_pay_from_balance.py",
    ),
    # Owners -----------------------------------------------------------------------
    (
        "a client with money is archived",
        "            self._check_no_client_balance_money()\n        if not {",
        "            pass\n        if not {",
        "test_owner_changes.py",
    ),
    (
        "a bank account with money is archived",
        "            self._check_no_client_balance_money()\n        if vals.get(",
        "            pass\n        if vals.get(",
        "test_owner_changes.py",
    ),
    (
        "a currency with money is deactivated",
        "            self._check_no_client_balance_money()\n        return super()",
        "            pass\n        return super()",
        "test_owner_changes.py",
    ),
    (
        "a bank account with settlements is given away",
        "            self._check_client_balance_owner(",
        "            len(",
        "test_owner_changes.py",
    ),
    (
        "merged chains are numbered one after the other",
        "WINDOW w AS (ORDER BY id)",
        "WINDOW w AS (ORDER BY amount, id)",
        "test_owner_changes.py",
    ),
    (
        "a merge forgets one of the limits",
        "+ source.overdraft_limit,",
        ",",
        "test_owner_changes.py",
    ),
    # Record rules: a changed XML file needs an update of the database ----------------
    (
        "salespeople see the clients of others",
        """<field name="model_id" ref="model_client_balance" />
        <field name="domain_force">[('partner_id.user_id', '=', user.id)]</field>""",
        """<field name="model_id" ref="model_client_balance" />
        <field name="domain_force">[(1, '=', 1)]</field>""",
        "test_attacks.py test_client_card.py",
    ),
]
