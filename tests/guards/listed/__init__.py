"""Every guard whose absence a test must notice, how it is taken out, and that test."""

from __future__ import annotations

from tests.guards.listed.edge import EDGE, RECORDS
from tests.guards.listed.goods import MONEY, STOCK_AND_ORDERS
from tests.guards.listed.ownership import OWNERSHIP
from tests.guards.listed.ways_in import WAYS_IN
from tests.guards.mutation import Guard

GUARDS: tuple[Guard, ...] = (*STOCK_AND_ORDERS, *MONEY, *WAYS_IN, *OWNERSHIP, *EDGE, *RECORDS)
