"""Odoo's own accounting tests become tests of the gate.

Installed beside the product, this addon overrides its hooks: every receivable, payable
and current liability is treated as a balance account, without limit, without matching,
for everybody and for items without a client. After each test of Odoo's the books are
compared. What the gate does not see shows up as a discrepancy.

For tests only: never install it in a database that is worth something.
"""

from . import models
