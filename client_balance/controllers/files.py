from odoo.http import content_disposition, request

from ..tools.xlsx import XLSX_TYPE


def send_file(content, name, mimetype=XLSX_TYPE):
    """:return: the answer that downloads ``content`` as ``name``, kept by nobody"""
    return request.make_response(
        content,
        headers=[
            ("Content-Type", mimetype),
            ("Content-Length", len(content)),
            ("Content-Disposition", content_disposition(name)),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ],
    )
