import re

#: What a person types as an amount: comma or dot, and no more.
AMOUNT = re.compile(r"-?[0-9]{1,15}([.,][0-9]{1,20})?")


def parse_amount(text):
    """:return: the number that a person has typed, as 1 500,00 or −20.5

    :raise ValueError: for everything else
    """
    # of any kind, as people and banks group thousands with them
    compact = re.sub(r"\s", "", text) if isinstance(text, str) else ""
    compact = compact.replace("\u2212", "-")
    if not AMOUNT.fullmatch(compact):
        raise ValueError(text)
    return float(compact.replace(",", "."))
