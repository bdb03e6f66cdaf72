import re

from odoo import api, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

#: Names of the fields of a currency, in the report and on the client.
BALANCE = "x_balance_%s"
CURRENCY = "x_currency_%s_id"
PARTNER_PREFIX = "x_client_balance_"


class ClientBalanceReport(models.Model):
    """A column per currency that comes and goes without a restart.

    The columns are custom fields (``ir.model.fields``), so that every worker learns of
    them through Odoo's own signal, and they sort, filter, group, sum and export like
    any field. A column is never deleted, only hidden: favourites, custom views and
    pages that are open somewhere still name it.
    """

    _inherit = "client.balance.report"

    @api.model
    def _get_suffix(self, currency):
        """:return: what the fields of ``currency`` are called after"""
        code = (currency.name or "").lower()
        return code if re.fullmatch(r"[a-z]{3}", code) else f"id{currency.id}"

    @api.model
    @tools.ormcache()
    def _get_columns(self):
        """:return: {currency id: name of its column}, hidden ones as well"""
        # the columns are the same for everybody
        currencies_sudo = self.env["res.currency"].sudo()
        present = self.env["client.balance.total"]._get_column_names()
        columns = {}
        for currency in currencies_sudo.search([("active", "in", (True, False))]):
            name = BALANCE % self._get_suffix(currency)
            if name in self._fields and name in present:
                columns[currency.id] = name
        return columns

    @api.model
    @tools.ormcache()
    def _get_column_currencies(self):
        """:return: {name of the field with the currency of a column: currency id}"""
        return {
            CURRENCY % name.removeprefix(BALANCE % ""): currency_id
            for currency_id, name in self._get_columns().items()
        }

    @api.model
    @tools.ormcache()
    def _get_partner_columns(self):
        """:return: {name of the field on the client: currency code}"""
        codes = self._get_column_codes()
        return {
            PARTNER_PREFIX + name.removeprefix(BALANCE % ""): codes[currency_id]
            for currency_id, name in self._get_columns().items()
        }

    def _get_wanted_currencies(self):
        """:return: currencies in use: active, or with money on some balance"""
        # whoever activates a currency need not see the balances
        currencies_sudo = self.env["res.currency"].sudo()
        Balance_sudo = self.env["client.balance"].sudo().with_context(active_test=False)
        active = currencies_sudo.search([("active", "=", True)])
        others = Balance_sudo._read_group(
            Domain("amount", "!=", 0) & Domain("currency_id", "not in", active.ids),
            ["currency_id"],
        )
        return active | currencies_sudo.union(*[row[0] for row in others])

    @api.model
    def _get_visible_columns(self):
        """What the views show: columns of active currencies, and those with money.

        :return: list of (currency, name of its column), the company's currency first
        """
        columns = self._get_columns()
        # the columns are the same for everybody
        currencies_sudo = self.env["res.currency"].sudo().browse(columns)
        home = self.env.company.currency_id
        shown = currencies_sudo.filtered("active")
        shown |= self._filter_with_money(currencies_sudo - shown)
        return [
            (currency, columns[currency.id])
            for currency in shown.sorted(
                lambda currency: (currency.id != home.id, currency.name, currency.id)
            )
        ]

    def _filter_with_money(self, currencies):
        """:return: those in which some client has a balance, by way of the indexes"""
        if not currencies:
            return currencies
        columns = self._get_columns()
        queries = [
            SQL(
                "SELECT %s WHERE EXISTS (SELECT FROM client_balance_total"
                " WHERE %s > 0) OR EXISTS (SELECT FROM client_balance_total"
                " WHERE %s < 0)",
                currency.id,
                *[SQL.identifier(columns[currency.id])] * 2,
            )
            for currency in currencies
        ]
        rows = self.env.execute_query(SQL(" UNION ALL ").join(queries))
        return currencies.browse(row[0] for row in rows)

    # Life cycle -------------------------------------------------------------------

    @api.model
    def _notice_currencies(self, currencies):
        """Ask for the columns of currencies that move money for the first time.

        Usually the column is there since the currency was activated. Where it is not,
        it is made in the background: changing a table has no place in a payment.
        """
        if set(currencies.ids) - self._get_columns().keys():
            # those who post payments have no right on scheduled actions
            self.env.ref("client_balance.client_balance_report_cron").sudo()._trigger()

    @api.model
    def _cron_update_columns(self):
        """Make the columns that ``_notice_currencies`` asked for."""
        self._update_columns()

    @api.model
    def _update_columns(self):
        """Make the columns of the currencies in use that have none yet.

        :return: the currencies that got a column
        """
        columns = self._get_columns()
        missing = self._get_wanted_currencies().filtered(
            lambda currency: currency.id not in columns
        )
        if missing:
            self._add_columns(missing)
        return missing

    def _add_columns(self, currencies):
        totals = self.env["client.balance.total"]
        for currency in currencies:
            totals._add_column(BALANCE % self._get_suffix(currency), currency.id)
        # custom fields are made by the system, not by whoever activates a currency
        fields_sudo = self.env["ir.model.fields"].sudo()
        for prepare in (self._prepare_column_vals, self._prepare_partner_vals):
            made = fields_sudo.create(
                [
                    vals
                    for currency in currencies
                    for vals in prepare(currency)
                    if not fields_sudo._get(vals["model"], vals["name"])
                ]
            )
            self._own_fields(made)
        self._signal_columns()

    def _own_fields(self, made):
        """The fields belong to this addon: they go when it is uninstalled."""
        # whoever activates a currency need not write the names of records
        data_sudo = self.env["ir.model.data"].sudo()
        data_sudo._update_xmlids(
            [
                {
                    "xml_id": f"client_balance.field_{field.model.replace('.', '_')}"
                    f"__{field.name}",
                    "record": field,
                    # no file names them: an update of the addon must keep them
                    "noupdate": True,
                }
                for field in made
            ]
        )

    def _prepare_column_vals(self, currency):
        """Hook. :return: list of values of the custom fields of ``currency``"""
        suffix = self._get_suffix(currency)
        common = {
            "model": self._name,
            "model_id": self.env["ir.model"]._get_id(self._name),
            "state": "manual",
            "readonly": True,
            "store": True,
            "copied": False,
        }
        return [
            {
                **common,
                "name": CURRENCY % suffix,
                "field_description": f"Currency {currency.name}",
                "ttype": "many2one",
                "relation": "res.currency",
            },
            {
                **common,
                "name": BALANCE % suffix,
                "field_description": f"Client balance ({currency.name})",
                "ttype": "monetary",
                "currency_field": CURRENCY % suffix,
            },
        ]

    def _prepare_partner_vals(self, currency):
        """Hook. :return: as above, of the fields on the client"""
        suffix = self._get_suffix(currency)
        common = {
            "model": "res.partner",
            "model_id": self.env["ir.model"]._get_id("res.partner"),
            "state": "manual",
            "readonly": True,
            "store": False,
            "copied": False,
        }
        currency_field = PARTNER_PREFIX + (CURRENCY % suffix)[2:]
        return [
            {
                **common,
                "name": currency_field,
                "field_description": f"Currency {currency.name}",
                "ttype": "many2one",
                "relation": "res.currency",
                "related": f"client_balance_report_id.{CURRENCY % suffix}",
            },
            {
                **common,
                "name": PARTNER_PREFIX + suffix,
                "field_description": f"Client balance ({currency.name})",
                "ttype": "monetary",
                "currency_field": currency_field,
                "related": f"client_balance_report_id.{BALANCE % suffix}",
            },
        ]

    @api.model
    def _signal_columns(self):
        """All workers and browsers forget what columns there were.

        Browsers keep views under the number of the registry: emptying the caches of
        the server would not reach them.
        """
        self.env.registry.clear_cache()
        self.env.registry.registry_invalidated = True

    # Screens ----------------------------------------------------------------------

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        res = super().fields_get(allfields, attributes)
        names = self._get_columns()
        codes = self._get_column_codes()
        for currency_id, name in names.items():
            if name in res and "string" in res[name]:
                res[name]["string"] = self._get_column_label(codes[currency_id])
        hidden = set(names.values()) - {
            name for _currency, name in self._get_visible_columns()
        }
        for name in (hidden | self._get_column_currencies().keys()) & res.keys():
            for attribute in ("exportable", "searchable", "groupable"):
                if attributes is None or attribute in attributes:
                    res[name][attribute] = False
        return res

    def _get_column_codes(self):
        # currency codes are no secret
        currencies_sudo = self.env["res.currency"].sudo()
        return {
            currency.id: currency.name
            for currency in currencies_sudo.browse(self._get_columns())
        }

    def _get_column_label(self, code):
        """Hook. :return: title of the column of the currency ``code``"""
        return self.env._("Client balance (%(currency)s)", currency=code)

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        names = tuple(name for _currency, name in self._get_visible_columns())
        return (*key, names)
