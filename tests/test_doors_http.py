"""Each door through each of the three protocols: they answer as docs/doors.md says.

`make test` knocks at every twentieth door, `make doors` at all of them.
"""

import os
import xmlrpc.client
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase

from tests.doors import NONSENSE, DoorsCommon

#: Of so many doors at one is knocked.
STEP = 1 if os.environ.get("DOORS") else 20
PROTOCOLS = ("JSON-RPC", "XML-RPC", "JSON-2")
#: What the server calls the one who is not let in.
DENIED = {"AccessError", "AccessDenied", "MissingError", "Unauthorized", "Forbidden"}
#: Beside those of Python: JSON-2 looks at the names of arguments itself.
SENSELESS = {error.__name__ for error in NONSENSE} | {"UnprocessableEntity"}
#: Fields of the ledger that may be written.
WRITTEN = {"description", "limit_note", "overdraft_limit"}
#: The codes of Odoo's XML-RPC.
SENTENCE, STRANGER, FORBIDDEN = 2, 3, 4


class TestDoorsThroughHttp(DoorsCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # whoever is not logged in has no key
        del cls.users["public"]
        expiry = fields.Datetime.now() + timedelta(days=1)
        cls.keys = {
            kind: cls.env["res.users.apikeys"]
            .with_user(user)
            .sudo()
            ._generate("rpc", kind, expiry)
            for kind, user in cls.users.items()
        }
        cls.env.flush_all()

    # Protocols ------------------------------------------------------------------------

    def _send(self, protocol, kind, model, method, values, key=None):
        """Knock, and undo what happened.

        :param values: {name: value} of the arguments
        :return: as ``_knock``
        """
        name = self._get_error(protocol, kind, model, method, values, key)
        if name in DENIED:
            return False
        return None if name in SENSELESS else True

    def _get_error(self, protocol, kind, model, method, values, key=None):
        """:return: name of the exception that the server tells of, or None"""
        send = {
            "JSON-RPC": self._send_json,
            "XML-RPC": self._send_xml,
            "JSON-2": self._send_json2,
        }[protocol]
        key = self.keys[kind] if key is None else key
        with self._undone():
            name = send(kind, key, model, method, values)
        self.env.invalidate_all()
        return name

    def _get_request(self, kind, key, model, method, values):
        """:return: what execute_kw gets"""
        function = getattr(type(self.env[model]), method)
        ids = self._get_record(model).ids
        args = self._get_arguments(function, ids, list(values.values()))
        kwargs = {"context": self._get_context(kind)}
        return [self.cr.dbname, self.users[kind].id, key, model, method, args, kwargs]

    def _send_json(self, *request):
        """:return: name of the exception, or None"""
        params = {"service": "object", "method": "execute_kw"}
        params["args"] = self._get_request(*request)
        answer = self.url_open("/jsonrpc", json={"params": params}, timeout=60).json()
        return (
            answer["error"]["data"]["name"].split(".")[-1]
            if "error" in answer
            else None
        )

    def _send_xml(self, *request):
        try:
            self.xmlrpc_object.execute_kw(*self._get_request(*request))
        except xmlrpc.client.Fault as fault:
            if fault.faultCode in (STRANGER, FORBIDDEN):
                return "AccessError"
            if fault.faultCode == SENTENCE:
                missing = "does not exist or has been deleted" in fault.faultString
                return "MissingError" if missing else "UserError"
            last = fault.faultString.strip().splitlines()[-1]
            # the method has done its work: this protocol cannot say "nothing"
            return None if "cannot marshal" in last else last.partition(":")[0]
        return None

    def _send_json2(self, kind, key, model, method, values):
        body = {**values, "context": self._get_context(kind)}
        ids = self._get_record(model).ids
        if ids and not getattr(getattr(type(self.env[model]), method), "_api_model", 0):
            body["ids"] = ids
        answer = self.url_open(
            f"/json/2/{model}/{method}",
            json=body,
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
        )
        if answer.status_code == 200:
            return None
        return answer.json()["name"].split(".")[-1]

    # Doors ----------------------------------------------------------------------------

    def test_all_protocols_answer_alike(self):
        doors = [
            (model, method)
            for model, method in self._get_methods()
            if not self.env[model]._abstract
        ]
        for model, method in doors[::STEP]:
            values = self._get_values(getattr(type(self.env[model]), method))
            for kind in self.users:
                wanted = self._knock(kind, model, method)
                for protocol in PROTOCOLS:
                    with self.subTest(f"{model}.{method}, {kind}, {protocol}"):
                        found = self._send(protocol, kind, model, method, values)
                        self.assertEqual(found, wanted)

    def test_whoever_is_not_logged_in_is_turned_away(self):
        """With the number of an administrator, but without the key."""
        for model, method in self._get_methods()[::STEP]:
            values = self._get_values(getattr(type(self.env[model]), method))
            for protocol in PROTOCOLS:
                with self.subTest(f"{model}.{method}, {protocol}"):
                    self.assertIs(
                        self._send(
                            protocol, "administrator", model, method, values, "wrong"
                        ),
                        False,
                    )

    def test_guarded_fields_are_read_by_those_in_their_groups_only(self):
        """Each field that the addon adds to models of Odoo and guards by a group."""
        guarded = [
            (model, name)
            for model, name in self._get_fields()
            if self.env[model]._fields[name].groups and self._get_record(model)
        ]
        self.assertTrue(guarded)
        self._compare_reading(guarded[::STEP])

    def test_the_fields_of_our_models_are_read_by_those_with_a_right_only(self):
        own = [
            (model, name)
            for model in self._get_models()
            if self._get_record(model)
            for name in self._get_own_fields(model)
        ]
        self._compare_reading(own[::STEP])

    def _compare_reading(self, names):
        for model, name in names:
            for kind in self.users:
                wanted = self._knock(kind, model, "read", [[name]])
                for protocol in PROTOCOLS:
                    with self.subTest(f"{model}.{name}, {kind}, {protocol}"):
                        found = self._send(
                            protocol, kind, model, "read", {"fields": [name]}
                        )
                        self.assertEqual(found, wanted)

    def test_no_protocol_writes_the_ledger(self):
        """Whatever the field and whoever the user; but for a limit and its reason."""
        for model in ("client.balance", "client.balance.settlement"):
            names = set(self._get_own_fields(model))
            for name in sorted(names - WRITTEN)[:: min(STEP, 7)]:
                value = {"amount": 5000, "partner_id": self.other_client.id}.get(
                    name, 1
                )
                for kind in self.users:
                    for protocol in PROTOCOLS:
                        with self.subTest(f"{model}.{name}, {kind}, {protocol}"):
                            error = self._get_error(
                                protocol, kind, model, "write", {"vals": {name: value}}
                            )
                            self.assertIsNotNone(error, "it was written")
