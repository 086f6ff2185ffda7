"""Put the tables that `churnlab show --markdown` prints between the README's markers."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

START, END = "<!-- results -->\n", "<!-- /results -->\n"


def main() -> int:
    """Rewrite README.md; with `--check` only say whether it is true."""
    printed = subprocess.run(
        ["churnlab", "show", "--markdown"], check=True, capture_output=True, text=True
    ).stdout
    # Whether a report has been built says nothing about the results.
    printed = re.sub(r" Report: .*", "", printed)
    readme = Path("README.md")
    text = readme.read_text(encoding="utf-8")
    before, rest = text.split(START)
    _, after = rest.split(END)
    updated = f"{before}{START}\n{printed.strip()}\n\n{END}{after}"
    if "--check" in sys.argv:
        if updated == text:
            return 0
        sys.stderr.write("README.md: the results are not those in metrics/; run: make readme\n")
        return 1
    readme.write_text(updated, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
