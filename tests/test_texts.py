"""What `make lint texts` reads out of the sources."""

from tools import texts


def test_texts_of_python_are_found():
    source = """
name = fields.Char("No label", string="Label", help="Help", related="other_id.name")
raise UserError(self.env._("Nothing " "left of %(name)s", name=name))
LATER = _lt("Later")
dict(string="no field")
"""
    found = {text for text in texts.python_texts(source) if text}
    assert found == {"Label", "Help", "Nothing left of %(name)s", "Later"}


def test_texts_of_javascript_are_found():
    source = (
        'a = _t("One \\"quoted\\""); b = _t(\n    "two " +\n    "parts"\n); _tx("no")'
    )
    assert list(texts.javascript_texts(source)) == ['One "quoted"', "two parts"]


def test_labels_of_views_are_found():
    source = b'<form string="Form"><field name="x" help="Help"/></form>'
    assert {text for text in texts.xml_texts(source) if text} == {"Form", "Help"}


def test_a_text_that_the_template_lacks_is_named(monkeypatch):
    monkeypatch.setattr(
        texts, "source_texts", lambda addon: {"Quite new": "models/new.py"}
    )
    assert "models/new.py: not in the template: 'Quite new'" in texts.findings()
