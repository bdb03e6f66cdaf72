"""wkhtmltopdf, as Odoo needs it (with patched Qt), and a font with Cyrillic."""


def binaries():
    return None


def font_environment(source):
    return {}
