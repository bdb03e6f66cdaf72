"""QR codes as SVG: sharp on every screen, and drawn without a graphics library."""

import base64

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

#: light modules that must surround a code
QUIET = 4
#: half of the width of the sign's white disc, in parts of the width of the code
DISC = 0.09
#: ₴ within a circle of radius 1: the curve, and its two bars
HRYVNIA = "M-.38-.33C-.3-.72.42-.72.38-.3C.36 0-.36 0-.38.3C-.42.72.3.72.38.33"
BARS = "M-.55-.1H.55M-.55.1H.55"


def draw_qr_svg(value: str, hryvnia: bool = False) -> str:
    """Draw ``value`` as a QR code.

    :param hryvnia: with the sign ₴ in the middle
    :return: the image as an address (``data:``) for an ``img`` element
    """
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(value)
    code.make()
    size = code.getModuleCount()
    width = size + 2 * QUIET
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {width}"'
        f' width="{width * 4}" height="{width * 4}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{width}v{width}H0z"/>'
        f'<path d="{_get_modules_path(code, size)}"/>'
        f"{_draw_hryvnia(width, size * DISC) if hryvnia else ''}</svg>"
    )
    image = base64.b64encode(svg.encode()).decode()
    return f"data:image/svg+xml;base64,{image}"


def _get_modules_path(code: QRCode, size: int) -> str:
    """:return: the dark modules, one rectangle per run of a row"""
    parts = []
    for row in range(size):
        column = 0
        while column < size:
            start = column
            while column < size and code.isDark(row, column):
                column += 1
            if column > start:
                run = column - start
                parts.append(f"M{start + QUIET} {row + QUIET}h{run}v1h-{run}z")
            column += 1
    return "".join(parts)


def _draw_hryvnia(width: int, radius: float) -> str:
    middle = width / 2
    return (
        f'<g transform="translate({middle} {middle}) scale({radius:.2f})"'
        ' shape-rendering="geometricPrecision">'
        '<circle r="1" fill="#fff"/>'
        '<g fill="none" stroke="#000" stroke-width=".15" stroke-linecap="round">'
        f'<path d="{HRYVNIA}"/><path d="{BARS}"/></g></g>'
    )
