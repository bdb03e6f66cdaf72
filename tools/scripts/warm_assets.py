"""Fed to ``odoo shell``: builds the asset bundles that browser tests load."""

BUNDLES = (
    "web.assets_web",
    "web.assets_web_dark",
    "web.assets_web_print",
    "web.assets_frontend",
    "web.assets_frontend_lazy",
    "web.assets_frontend_minimal",
    "web.assets_tests",
    "web.__assets_tests_call__",
    "bus.websocket_worker_assets",
)

for name in BUNDLES:
    bundle = env["ir.qweb"]._get_asset_bundle(name, css=True, js=True)
    if bundle.stylesheets:
        bundle.css()
    if bundle.javascripts:
        bundle.js()
env.cr.commit()
