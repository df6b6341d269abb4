"""How long it takes: `python -m tests.bench phone` or `standings`, or both without a word. Figures to read, nothing to pass."""

import sys

from tests.bench import phone, standings

if __name__ == "__main__":
    asked = sys.argv[1:] or ["phone", "standings"]
    for bench in asked:
        {"phone": phone.main, "standings": standings.main}[bench]()
