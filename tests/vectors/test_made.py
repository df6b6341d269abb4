"""The files that other clients are held to say what Python says today."""

from __future__ import annotations

from tests.vectors import FORMATS
from tests.vectors.make import HERE, texts


def test_the_stored_files_are_what_python_makes_of_them_today():
    made = dict(texts())
    stored = {path.name: path.read_text(encoding="utf-8") for path in HERE.glob("*.json")}
    assert stored.keys() == made.keys() | FORMATS.keys()
    assert [name for name in made if stored[name] != made[name]] == [], "python -m tests.vectors.make"
    sizes = {name: len(text.encode()) for name, text in stored.items() if name != "catalogue.json"}
    assert max(sizes.values()) < 150_000, sizes
