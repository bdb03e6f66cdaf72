from odoo import models
from odoo.exceptions import AccessError, UserError


class ClientBalancePosting(models.AbstractModel):
    """What comes from outside is a number until it is checked here."""

    _inherit = "client.balance.posting"

    def _browse_asked(self, model_name, asked):
        """Turn ids from outside into records that the user may see.

        For arguments of RPC and of addresses, contexts, JSON and the fields of
        dialogs, before ``sudo()`` or SQL begins.

        :param model_name: model of the records
        :param asked: an id, a list of ids, records, or what stands for none
        :return: the records, as the user
        :raise UserError: what is no id, or the id of nothing
        :raise AccessError: for what the user may not read, or in a company of others
        """
        records = self.env[model_name].browse(self._get_asked_ids(model_name, asked))
        missing = records - records.exists()
        if missing:
            raise UserError(
                self.env._(
                    "There is no “%(model)s” with the number %(number)s, or it was"
                    " deleted. Reload the page and choose again.",
                    model=self._describe_model(model_name),
                    number=missing[0].id,
                )
            )
        if model_name != "res.company":
            # who works in a branch need not see its root company, where balances are
            records.check_access("read")
        self._check_own_companies(records)
        return records

    def _get_asked_ids(self, model_name, asked):
        """:return: ids, each once
        :raise UserError: for what cannot be one"""
        if isinstance(asked, models.BaseModel):
            asked = asked._origin.ids
        elif not isinstance(asked, list | tuple | set):
            asked = [asked] if asked else []
        for number in asked:
            if type(number) is not int:
                raise UserError(
                    self.env._(
                        "“%(value)s” is not the number of a record (%(model)s). Send a"
                        " whole number above zero.",
                        value=str(number)[:40].encode(errors="replace").decode(),
                        model=self._describe_model(model_name),
                    )
                )
        return list(dict.fromkeys(asked))

    def _describe_model(self, model_name):
        return self.env["ir.model"]._get(model_name).name or model_name

    def _check_own_companies(self, records):
        """:raise AccessError: for records in companies where the user does not work"""
        if self.env.su:
            return
        # only to compare: the user need not see the root company of a branch
        companies_sudo = records.sudo()
        if records._name != "res.company":
            if "company_id" not in records._fields:
                return
            companies_sudo = companies_sudo.company_id
        if companies_sudo.root_id - self.env.user.company_ids.root_id:
            raise AccessError(
                self.env._(
                    "This belongs to a company in which you do not work. Choose one of"
                    " your own companies."
                )
            )
