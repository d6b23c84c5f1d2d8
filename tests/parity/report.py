"""What a run of comparisons found."""

from collections.abc import Iterable

import attrs

from tests.parity.comparison import Difference
from tests.parity.differences import WantedDifference, reason_for


@attrs.define
class Report:
    """Counts of questions: equal answers, wanted differences only, at least one unwanted difference."""

    compared: int = 0
    equal: int = 0
    wanted: int = 0
    unwanted: list[Difference] = attrs.field(factory=list)
    questions_unwanted: int = 0
    used: set[WantedDifference] = attrs.field(factory=set)

    def add(self, differences: Iterable[Difference]) -> list[Difference]:
        """Count one question; answers its unwanted differences."""
        found = list(differences)
        reasons = [reason_for(difference) for difference in found]
        self.used.update(reason for reason in reasons if reason is not None)
        unwanted = [difference for difference, reason in zip(found, reasons, strict=True) if reason is None]
        self.compared += 1
        self.equal += not found
        self.wanted += bool(found) and not unwanted
        self.questions_unwanted += bool(unwanted)
        self.unwanted += unwanted
        return unwanted

    def __str__(self) -> str:
        return (
            f"requests compared {self.compared}, equal {self.equal}, wanted differences {self.wanted}, "
            f"unwanted differences {self.questions_unwanted}"
        )
