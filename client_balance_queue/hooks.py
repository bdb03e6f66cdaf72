from .models.queue import drop_slots


def uninstall_hook(env):
    """The slots are no models: Odoo does not know that they go."""
    drop_slots(env.cr)
