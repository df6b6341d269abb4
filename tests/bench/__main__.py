"""How long it takes: `python -m tests.bench phone`, `field`, `standings` or `county`, all without a word. Figures to read, nothing to pass."""

import sys

from tests.bench import county, field, phone, standings

BENCHES = {"phone": phone.main, "field": field.main, "standings": standings.main, "county": county.main}

if __name__ == "__main__":
    for bench in sys.argv[1:] or BENCHES:
        BENCHES[bench]()
