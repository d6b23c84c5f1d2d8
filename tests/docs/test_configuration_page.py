"""docs/configuration.md is what the declarations say."""

import re
from pathlib import Path

import pytest

from pulsemill.config.keys import keys_of
from pulsemill.config.reference import markdown
from pulsemill.config.sections.own import OwnKeys
from pulsemill.config.worker_config import WorkerConfig

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == markdown(), "run: pulsemill config explain --markdown > docs/configuration.md"


@pytest.mark.parametrize(
    "key", [*sorted(set(keys_of(WorkerConfig)) - {"pulsemill"}), *(f"pulsemill.{name}" for name in keys_of(OwnKeys))]
)
def test_every_key_has_one_row_with_all_its_cells(key: str) -> None:
    rows = re.findall(rf"^\| `{re.escape(key)}` \|.*\|$", PAGE.read_text(), re.MULTILINE)
    assert len(rows) == 1
    cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", rows[0])[1:-1]]
    assert len(cells) == 5
    assert all(cells)
