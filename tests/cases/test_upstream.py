"""The table of docs/differences-from-upstream.md is that of `upstream.py`, and its cases exist."""

import re
from pathlib import Path

from tests.cases.upstream import FAILURES

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"^test_case_(\d+)_(\w+)$")


def _row(name: str, instead: str) -> str:
    number, words = NAME.fullmatch(name).groups()  # type: ignore[union-attr]
    return f"| {int(number)} | {words.replace('_', ' ')} | {instead} |"


def test_the_documents_list_where_upstream_fails() -> None:
    text = (ROOT / "docs/differences-from-upstream.md").read_text()
    section = text.partition("## The Python instance")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if re.match(r"\| \d", line)]
    assert rows == [_row(name, instead) for name, instead in FAILURES.items()]


def test_every_case_in_which_upstream_fails_exists() -> None:
    sources = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [name for name in FAILURES if f"def {name}(" not in sources] == []


def test_no_number_is_missing() -> None:
    sources = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert {int(number) for number in re.findall(r"def test_case_(\d+)_", sources)} == set(range(1, 41))
