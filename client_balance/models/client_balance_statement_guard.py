from odoo import api, models
from odoo.exceptions import UserError

#: passed in the context by the methods that may change a sent act; RPC cannot send it
UNLOCKED = object()


class ClientBalanceStatement(models.Model):
    """Drafts may be edited; a sent act is frozen and changes through its buttons."""

    _inherit = "client.balance.statement"

    @api.model
    def _get_book_fields(self):
        """Hook. :return: fields whose change makes a draft collect its lines anew"""
        return {
            "company_id",
            "partner_id",
            "currency_id",
            "date_from",
            "date_to",
            "include_foreign",
            "include_purchases",
        }

    @api.model
    def _get_open_fields(self):
        """Hook. :return: what may be changed on a sent act: it is not on the paper"""
        return {
            "user_id",
            # these two guard themselves: the client's half
            "line_ids",
            "client_opening_balance",
            "access_token",
            "message_follower_ids",
            "activity_ids",
            "message_ids",
        }

    @api.model
    def _get_guarded_fields(self):
        """Hook. :return: fields that only the buttons of the act change"""
        return {
            "name",
            "version",
            "previous_id",
            "state",
            "parties_data",
            "opening_balance",
            "purchase_opening_balance",
            "has_client_half",
            "sent_on",
            "answered_on",
            "answer",
            "signed_by",
            "signed_position",
            "signed_on",
            "signature",
            "signed_attachment_id",
        }

    @api.model_create_multi
    def create(self, vals_list):
        """Make drafts with the documents of the books. For officers.

        Each dict needs ``partner_id`` (a contact stands for its client) and may have
        the company, currency, period and the texts of the act.
        """
        for vals in vals_list:
            self._check_vals(vals)
            self._normalize_vals(vals)
            if not vals.get("name"):
                vals["name"] = self._get_next_number(vals)
        acts = super().create(vals_list)
        acts._fill()
        return acts

    def write(self, vals):
        """Drafts only; a sent act is frozen and changes through its buttons.

        :raise UserError: when something on a sent act is changed
        """
        if self._is_unlocked():
            return super().write(vals)
        self._check_vals(vals)
        closed = self.filtered(lambda act: act.state != "draft")
        if "client_opening_balance" in vals:
            closed._check_client_half()
        if closed and set(vals) - self._get_open_fields():
            raise UserError(
                self.env._(
                    "The act %(act)s was sent to %(client)s and does not change any"
                    " more. Revoke it and make a new version.",
                    act=closed[0].display_name,
                    client=closed[0].partner_id.display_name,
                )
            )
        self._normalize_vals(vals)
        res = super().write(vals)
        if set(vals) & self._get_book_fields():
            self._fill()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for act in self:
            if act.state != "draft":
                raise UserError(
                    self.env._(
                        "The act %(act)s was sent and is kept. Revoke it instead.",
                        act=act.display_name,
                    )
                )

    def _is_unlocked(self):
        return self.env.context.get("client_balance_statement") is UNLOCKED

    def _unlocked(self):
        """:return: these acts, for the methods that may change what was sent"""
        return self.with_context(client_balance_statement=UNLOCKED)

    @api.model
    def _check_vals(self, vals):
        given = {name for name in vals if name in self._get_guarded_fields()}
        if given and not self._is_unlocked():
            raise UserError(
                self.env._(
                    "The state, number and answers of an act are changed only with its"
                    " buttons, not directly (%(fields)s).",
                    fields=", ".join(sorted(given)),
                )
            )

    @api.model
    def _normalize_vals(self, vals):
        """Acts are those of clients and of root companies, which the user may see:
        the documents are collected as superuser."""
        posting = self.env["client.balance.posting"]
        if vals.get("partner_id"):
            partner = posting._browse_asked("res.partner", vals["partner_id"])
            vals["partner_id"] = partner.commercial_partner_id.id
        if vals.get("company_id"):
            company = posting._browse_asked("res.company", vals["company_id"])
            # a branch's user need not see the root company
            vals["company_id"] = company.sudo().root_id.id

    @api.model
    def _get_next_number(self, vals):
        company_id = vals.get("company_id") or self.env.company.root_id.id
        # people who make acts need no right on number sequences
        sequence_sudo = self.env["ir.sequence"].sudo().with_company(company_id)
        return (
            sequence_sudo.next_by_code(self._name, sequence_date=vals.get("date"))
            or "/"
        )
