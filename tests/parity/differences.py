"""The differences that are wanted: `differences.yaml`, each with its reason."""

import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import attrs
import yaml

from tests.parity.comparison import Difference

FILE = Path(__file__).with_name("differences.yaml")


@attrs.frozen(kw_only=True)
class WantedDifference:
    """One kind of difference.

    `row` begins the row that tells of it in docs/differences-from-upstream.md, `why` is the reason, `source` the
    upstream issue or the class that behaves so. A difference is of this kind if its question matches one of the glob
    patterns `questions`, its part one of `parts`, and the texts of both values the regular expressions `upstream` and
    `ours`.
    """

    row: str
    why: str
    source: str
    questions: tuple[str, ...] = ("*",)
    parts: tuple[str, ...] = ("*",)
    upstream: str = ""
    ours: str = ""

    def covers(self, difference: Difference) -> bool:
        return (
            any(fnmatchcase(difference.question, pattern) for pattern in self.questions)
            and any(fnmatchcase(difference.part, _literal(pattern)) for pattern in self.parts)
            and re.search(self.upstream, str(difference.upstream), re.DOTALL) is not None
            and re.search(self.ours, str(difference.ours), re.DOTALL) is not None
        )


@cache
def wanted_differences() -> tuple[WantedDifference, ...]:
    """All entries of the file."""
    return tuple(
        WantedDifference(**{key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()})
        for entry in yaml.safe_load(FILE.read_text())
    )


def reason_for(difference: Difference) -> WantedDifference | None:
    """The first kind that covers a difference, None for one that nobody wants."""
    return next((wanted for wanted in wanted_differences() if wanted.covers(difference)), None)


def _literal(pattern: str) -> str:
    """Square brackets are list indices here, not character sets."""
    return pattern.replace("[", "[[]")
