"""20 000 histories of the model: the pure core and the client's decisions against an oracle that asks no vector (G2, G7, G8)."""

from __future__ import annotations

from collections import Counter

from tests.fuzz import Figure, part
from tests.simulation.model import History

MINUTES = 5


def run(size: float) -> list[Figure]:
    """Histories, and of them those with a copied phone and those with a server that was put back."""
    histories, failed, with_what = part(20_000, size), Counter[str](), Counter[str]()
    for seed in range(histories):
        history = History(seed)
        kinds = [
            "G2",
            *["G7"] * ("clones" in history.habits or "goes_back" in history.habits),
            *["G8"] * ("is_restored" in history.habits),
        ]
        with_what.update(kinds)
        try:
            history.play()
        except Exception as trouble:  # noqa: BLE001
            print(f"seed {seed}: {trouble!r}")
            failed.update(kinds)
    what = {"G2": "model histories", "G7": "of them with phones copied or put back", "G8": "of them with a server put back"}
    return [Figure(name, what[name], with_what[name], failed[name]) for name in what if with_what[name]]
