import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .client_balance_approval import SecondPersonNeeded

#: Conditions that make a search one "of a period": see ``_search``.
DATE_FIELDS = {"date"}


class ClientBalanceSettlement(models.Model):
    """What the screens ask of the ledger: finding, folding, explaining."""

    _inherit = "client.balance.settlement"

    keyword = fields.Char(
        store=False,
        search="_search_keyword",
        help="Finds a settlement by its number, description, invoice, payment, bank"
        " account (also its last digits) or amount.",
    )
    is_reversed_pair = fields.Boolean(
        string="Reversed pair",
        compute="_compute_is_reversed_pair",
        search="_search_is_reversed_pair",
        help="Reversed, or a reversal: both together come to nothing.",
    )
    is_reversible = fields.Boolean(
        string="Can be reversed here", compute="_compute_is_reversible"
    )
    partner_bank_active = fields.Boolean(related="partner_bank_id.active")
    pair_name = fields.Char(
        string="Reversal link",
        compute="_compute_pair_name",
        help="Which settlement undid this one, or which one this settlement undoes.",
    )

    @api.depends("reversed_by_id", "reversal_of_id")
    def _compute_is_reversed_pair(self):
        for settlement in self:
            settlement.is_reversed_pair = bool(
                settlement.reversed_by_id or settlement.reversal_of_id
            )

    @api.depends("reversed_by_id", "reversal_of_id", "payment_id", "settlement_type")
    def _compute_is_reversible(self):
        for settlement in self:
            settlement.is_reversible = (
                not settlement.is_reversed_pair
                and not settlement.payment_id
                and settlement.settlement_type in self._get_reversible_types()
            )

    @api.depends("reversed_by_id", "reversal_of_id")
    def _compute_pair_name(self):
        for settlement in self:
            if settlement.reversed_by_id:
                settlement.pair_name = self.env._(
                    "↩ reversed by no. %(number)s",
                    number=settlement.reversed_by_id.number,
                )
            elif settlement.reversal_of_id:
                settlement.pair_name = self.env._(
                    "↩ reverses no. %(number)s", number=settlement.reversal_of_id.number
                )
            else:
                settlement.pair_name = False

    # Search ---------------------------------------------------------------------

    def _search_is_reversed_pair(self, operator, value):
        if operator not in ("in", "="):
            return NotImplemented
        values = {bool(item) for item in (value if operator == "in" else [value])}
        if len(values) != 1:
            return Domain(bool(values))
        paired = Domain("reversed_by_id", "!=", False) | Domain(
            "reversal_of_id", "!=", False
        )
        return paired if values == {True} else ~paired

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Never hide half of a pair.

        Where a search names a period and hides reversed pairs, a pair with different
        dates stays visible: only one half of it may lie in the period.
        """
        domain = Domain(domain)
        names = {
            condition.field_expr.split(".")[0] for condition in domain.iter_conditions()
        }
        if "is_reversed_pair" in names and names & DATE_FIELDS:
            domain = domain.map_conditions(self._keep_dated_pairs)
        return super()._search(domain, *args, **kwargs)

    @api.model
    def _keep_dated_pairs(self, condition):
        if (
            condition.field_expr != "is_reversed_pair"
            or condition.operator not in ("=", "in")
            or any(condition.value if condition.operator == "in" else [condition.value])
        ):
            return condition
        return condition | Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                """EXISTS (
                    SELECT 1 FROM client_balance_settlement pair
                     WHERE pair.id = COALESCE(%s, %s) AND pair.date <> %s)""",
                SQL.identifier(alias, "reversed_by_id"),
                SQL.identifier(alias, "reversal_of_id"),
                SQL.identifier(alias, "date"),
            )
        )

    def _search_keyword(self, operator, value):
        if operator not in ("ilike", "=", "in", "like"):
            return NotImplemented
        words = [value] if isinstance(value, str) else list(value)
        return Domain.OR([self._get_keyword_domain(word or "") for word in words])

    def _get_keyword_domain(self, word):
        """Hook. :return: domain of the settlements that ``word`` finds"""
        domain = Domain.OR(
            [Domain(name, "ilike", word) for name in self._get_keyword_fields()]
        )
        digits = re.sub(r"[\s\W]", "", word)
        if digits:
            domain |= Domain("partner_bank_id.sanitized_acc_number", "ilike", digits)
        # people without rights on invoices search the rest
        if self.env["account.move"].has_access("read"):
            domain |= Domain("invoice_ids.name", "ilike", word)
        amount = self._parse_amount(word)
        if amount is not None:
            domain |= Domain("amount", "in", [amount, -amount])
        return domain

    def _get_keyword_fields(self):
        """Hook. :return: names of the text fields that a search looks into"""
        return ["name", "description", "payment_name", "move_name", "reason_id.name"]

    @api.model
    def _parse_amount(self, word):
        """Understand an amount as people type it: 159, -159, 20 159,00, 1.234,50.

        :return: a positive float, or None where ``word`` is no number
        """
        text = re.sub(r"[\s\u00a0\u202f'’+−-]", "", word)
        active = self.env["res.currency"].search([("active", "=", True)])
        text = text.strip("".join(active.mapped("symbol")))
        if not re.fullmatch(r"\d[\d.,]*", text):
            return None
        separators = re.findall(r"[.,]", text)
        if separators:
            last = separators[-1]
            whole, _sep, cents = text.rpartition(last)
            # "1,234": a thousands separator, unless it can only be a decimal one
            lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
            grouped = len(cents) == 3 and last != lang.decimal_point
            if (len(separators) > 1 and separators[-2] == last) or grouped:
                whole, cents = whole + cents, ""
            text = f"{re.sub(r'[.,]', '', whole)}.{cents or '0'}"
        return float(text)

    # Row buttons ------------------------------------------------------------------

    @api.readonly
    def action_show_document(self):
        """Open what made this settlement, instead of editing it here.

        :raise UserError: when the document is gone or may not be read
        """
        self.ensure_one()
        document = self.payment_id or self.move_id
        if not document:
            raise UserError(
                self.env._(
                    "The document %(name)s of this settlement no longer exists.",
                    name=self.payment_name or self.move_name or self.name,
                )
            )
        if not document.has_access("read"):
            raise UserError(
                self.env._(
                    "You have no right to see %(name)s, which made this settlement."
                    " Ask your accountant.",
                    name=self.payment_name or self.move_name or self.name,
                )
            )
        return document._get_records_action()

    def action_delete(self):
        """The ledger's "Delete": reverse, and let the list reload, or ask for it."""
        try:
            with self.env.cr.savepoint():
                self.action_reverse()
        except SecondPersonNeeded:
            Request = self.env["client.balance.request"]
            return Request.request_reversal(self.ids)._get_records_action()
        return False

    def action_edit(self):
        """Open the dialog that reverses this settlement and records a corrected one."""
        self.ensure_one()
        posting = self.env["client.balance.posting"]
        posting._check_manager()
        self._check_reversible()
        wizard = self.env["client.balance.settlement.add"]
        wizard = wizard.create(wizard._prepare_edit_vals(self))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reverse and replace %(name)s", name=self.name),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }
