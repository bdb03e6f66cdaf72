from odoo import models

try:
    from num2words import num2words
except ImportError:  # Odoo runs without it, and then prints no words
    num2words = None

#: what num2words does not know in English: (one, many) and the smaller unit
ENGLISH_UNITS = {"UAH": (("hryvnia", "hryvnias"), "kop.")}
#: abbreviations that documents use instead of the smaller unit's full name
UKRAINIAN_SUBUNITS = {"UAH": "коп."}


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def _get_client_balance_words(self, amount, language):
        """Write an amount in words, as documents do.

        The numeral agrees with the currency's noun (одна гривня, дві гривні, один
        долар), which Odoo's own ``amount_to_text`` does not do.

        :param amount: its sign is left out
        :param language: "uk" or "en"
        :return: for example “двадцять одна гривня 00 коп.”
        """
        self.ensure_one()
        text = f"{abs(self.round(amount)):.{self.decimal_places}f}"
        whole, _point, fraction = text.partition(".")
        if num2words is None:
            return text
        unit, subunit = self._get_client_balance_units(int(whole), fraction, language)
        return " ".join(filter(None, [unit, fraction, fraction and subunit]))

    def _get_client_balance_units(self, whole, fraction, language):
        """:return: (the whole units in words, the name of the smaller unit)"""
        number = int(fraction or 0)
        if language == "en" and self.name in ENGLISH_UNITS:
            (one, many), subunit = ENGLISH_UNITS[self.name]
            noun = one if whole == 1 else many
            return f"{num2words(whole, lang='en')} {noun}", subunit
        try:
            # the library takes whole numbers for cents: .01 tells it to take units
            words = num2words(
                f"{whole}.{number % 100:02d}",
                lang=language,
                to="currency",
                currency=self.name,
                cents=False,
                separator="|",
            )
        except NotImplementedError:
            # no noun is known: the currency's code cannot be declined
            return f"{num2words(whole, lang=language)} {self.name}", ""
        unit, _bar, rest = words.partition("|")
        subunit = rest.split(maxsplit=1)[-1] if rest else ""
        if language == "uk":
            subunit = UKRAINIAN_SUBUNITS.get(self.name, subunit)
        return unit.strip(), subunit
