"""Door 1: devices, in JSON. Each route reads its request, asks one of the parts below, and answers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from server.access import Access
from server.exchange import Exchange
from server.standings import Standings
from sync.types.catalogue import Catalogue


@dataclass(frozen=True)
class Doors:
    """What the doors need."""

    access: Access
    exchange: Exchange
    standings: Standings
    catalogue: Catalogue
    engine: Engine
