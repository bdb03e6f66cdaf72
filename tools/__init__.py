"""The project's own tooling: gets Odoo, Python, PostgreSQL, runs demo and tests."""
