import gzip
import json

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: Restored row by row, in this order: what others point to comes first.
TABLES = ("client_balance", "client_balance_settlement")

#: What the addon keeps on journal items; it goes when the addon is uninstalled.
ITEM_COLUMNS = ("client_balance_bank_id",)


class ClientBalanceLedgerFile(models.AbstractModel):
    """The whole ledger in a file, to survive an uninstallation of the addon.

    For ``odoo shell``. Journal entries stay when the addon is uninstalled; what they
    cannot tell (bank accounts, types, reversals, who recorded what when) is kept here.
    """

    _name = "client.balance.ledger.file"
    _description = "Ledger of client balances as a file"

    @api.model
    def _export(self, path):
        """Write the ledger of all companies to ``path``, compressed.

        :return: the number of settlements
        """
        self.env.flush_all()
        data = {table: self._read(table) for table in TABLES}
        data["reasons"] = self._read("client_balance_reason")
        data["links"] = {table: self._read(table) for table in self._get_links()}
        data["items"] = self.env.execute_query_dict(
            SQL(
                "SELECT id, client_balance_bank_id FROM account_move_line"
                " WHERE client_balance_bank_id IS NOT NULL ORDER BY id"
            )
        )
        with gzip.open(path, "wt", encoding="utf-8") as file:
            json.dump(data, file, default=str)
        return len(data["client_balance_settlement"])

    @api.model
    def _import(self, path):
        """Put the ledger of a file in the place of what was rebuilt.

        :return: the number of settlements
        :raise UserError: where the books have moved on since the file was written;
            nothing is changed then
        """
        with gzip.open(path, "rt", encoding="utf-8") as file:
            data = json.load(file)
        with self.env.cr.savepoint():
            self._clear()
            self._restore(data)
            self.env.invalidate_all()
            self.env["client.balance.total"]._refresh()
            problems = self.env["client.balance"].check_integrity()
            if problems:
                raise UserError(
                    self.env._(
                        "The file does not fit the books: %(count)s differences, for"
                        " example: %(example)s. Nothing was changed.",
                        count=len(problems),
                        example=problems[0]["message"],
                    )
                )
        return len(data["client_balance_settlement"])

    def _get_links(self):
        """:return: the tables that link settlements with other records"""
        fields = self.env["client.balance.settlement"]._fields.values()
        return sorted(
            field.relation
            for field in fields
            if field.type == "many2many" and field.store
        )

    def _read(self, table):
        """:return: the rows of a table, with what JSON can say"""
        query = SQL("SELECT to_jsonb(t) FROM %s t", SQL.identifier(table))
        return [row for [row] in self.env.execute_query(query)]

    def _clear(self):
        for table in (*self._get_links(), *reversed(TABLES)):
            self.env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))

    def _restore(self, data):
        reasons = self._restore_reasons(data["reasons"])
        for row in data["client_balance_settlement"]:
            row["reason_id"] = reasons.get(row["reason_id"])
        for table in TABLES:
            self._insert(table, data[table])
            self.env.cr.execute(
                SQL(
                    "SELECT setval(%s, (SELECT COALESCE(MAX(id), 1) FROM %s))",
                    f"{table}_id_seq",
                    SQL.identifier(table),
                )
            )
        for table, rows in data["links"].items():
            self._insert(table, rows)
        self.env.cr.execute(
            SQL(
                """
                UPDATE account_move_line item
                   SET client_balance_bank_id = kept.client_balance_bank_id
                  FROM jsonb_to_recordset(%s::jsonb) AS kept(id int,
                       client_balance_bank_id int)
                 WHERE item.id = kept.id
                """,
                json.dumps(data["items"]),
            )
        )

    def _insert(self, table, rows):
        if rows:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO %(table)s SELECT * FROM"
                    " jsonb_populate_recordset(NULL::%(table)s, %(rows)s)",
                    table=SQL.identifier(table),
                    rows=json.dumps(rows),
                )
            )

    def _restore_reasons(self, rows):
        """:return: {id in the file: id of the reason of this name, new where needed}"""
        reasons = {}
        Reason = self.env["client.balance.reason"].with_context(active_test=False)
        for row in rows:
            name = row["name"].get("en_US") or next(iter(row["name"].values()))
            reason = Reason.with_context(lang="en_US").search(
                [("name", "=", name), ("company_id", "=", row["company_id"])], limit=1
            )
            reasons[row["id"]] = (
                reason
                or Reason.create(
                    {
                        "name": name,
                        "company_id": row["company_id"],
                        "direction": row["direction"],
                        "account_id": row["account_id"],
                    }
                )
            ).id
        return reasons
