"""QR codes as SVG: sharp on every screen, and drawn without a graphics library."""

import base64

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

#: light modules that must surround a code
QUIET = 4


def draw_qr_svg(value: str) -> str:
    """:return: ``value`` as a QR code, an address (``data:``) for an ``img`` element"""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(value)
    code.make()
    size = code.getModuleCount()
    width = size + 2 * QUIET
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {width}"'
        f' width="{width * 4}" height="{width * 4}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{width}v{width}H0z"/>'
        f'<path d="{_get_modules_path(code, size)}"/></svg>'
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
