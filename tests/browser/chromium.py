"""Which browser the tests drive, and how it is started: Debian's Chromium, headless, asking nobody but the page."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    *(("--no-sandbox",) if os.geteuid() == 0 else ()),
)
MISSING = "no Chromium: `apt-get install chromium fonts-noto-cjk`, which `make test` does where it runs as root"


def program() -> str | None:
    """Where it is; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)
