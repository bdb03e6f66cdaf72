from reportlab.graphics.shapes import Circle, Group, Line, Path
from reportlab.lib.colors import black, white

from odoo import api, models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    @api.model
    def get_available_barcode_masks(self):
        """QR codes of the National Bank of Ukraine carry the sign of the hryvnia."""
        masks = super().get_available_barcode_masks()
        masks["ua_hryvnia"] = self._draw_hryvnia
        return masks

    @api.model
    def _draw_hryvnia(self, width, height, barcode):
        """Draw ₴ on a white disc into the middle of a QR code.

        Lines instead of text: the fonts of a barcode have no such sign.
        """
        disc = min(width, height) * 0.09
        unit = disc * 0.6
        stroke = {"strokeColor": black, "strokeWidth": unit / 4}
        curve = Path(fillColor=None, strokeLineCap=1, **stroke)
        curve.moveTo(-0.6 * unit, 0.55 * unit)
        curve.curveTo(
            *(-0.45 * unit, 1.15 * unit),
            *(0.65 * unit, 1.15 * unit),
            *(0.6 * unit, 0.5 * unit),
        )
        curve.curveTo(
            *(0.55 * unit, 0.05 * unit),
            *(-0.55 * unit, -0.05 * unit),
            *(-0.6 * unit, -0.5 * unit),
        )
        curve.curveTo(
            *(-0.65 * unit, -1.15 * unit),
            *(0.45 * unit, -1.15 * unit),
            *(0.6 * unit, -0.55 * unit),
        )
        sign = Group(
            Circle(0, 0, disc, fillColor=white, strokeColor=white),
            curve,
            *(
                Line(-0.85 * unit, level, 0.85 * unit, level, **stroke)
                for level in (0.17 * unit, -0.17 * unit)
            ),
        )
        zoom_x, zoom_y = barcode.transform[0], barcode.transform[3]
        sign.scale(1 / zoom_x, 1 / zoom_y)
        sign.translate(width / 2, height / 2)
        barcode.add(sign)
