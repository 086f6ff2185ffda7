"""Write what the READMEs and the model cards say of results, from what `churnlab` prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from churnlab.config import load_params

START, END = "<!-- results -->\n", "<!-- /results -->\n"
READMES = tuple(map(Path, ("README.md", "README.pt-BR.md", "README.es.md")))
CARDS = Path("docs/models")


def main() -> int:
    """Write the pages; with `--check` only say whether they are true."""
    # Whether a report has been built says nothing about the results.
    tables = re.sub(r" Report: .*", "", printed("show", "--markdown")).strip()
    pages = {path: with_tables(content(path), tables) for path in READMES} | {
        CARDS / f"{study}.md": printed("card", study) for study in load_params().studies
    }
    stale = [path for path, text in pages.items() if text != content(path)]
    if "--check" in sys.argv:
        for path in stale:
            sys.stderr.write(f"{path}: the results are not those in metrics/; run: make readme\n")
        return 1 if stale else 0
    CARDS.mkdir(parents=True, exist_ok=True)
    for path in stale:
        path.write_text(pages[path], encoding="utf-8", newline="\n")
    return 0


def with_tables(text: str, tables: str) -> str:
    """Return a README with `tables` between its markers."""
    before, rest = text.split(START)
    _, after = rest.split(END)
    return f"{before}{START}\n{tables}\n\n{END}{after}"


def printed(*arguments: str) -> str:
    """Return what a `churnlab` command prints."""
    done = subprocess.run(["churnlab", *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def content(path: Path) -> str:
    """Return the text of a file; nothing where there is none."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())
