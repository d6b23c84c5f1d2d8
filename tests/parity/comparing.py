"""Asks both workers the questions of a case, in order."""

from collections.abc import Iterable, Iterator

import attrs

from tests.parity.comparison import Difference, compare
from tests.parity.exchange import Peer
from tests.parity.scenario import Case


@attrs.frozen
class Peers:
    """Upstream's worker and ours."""

    upstream: Peer
    ours: Peer

    def compare(self, case: Case) -> Iterator[list[Difference]]:
        """The differences of each question that can be compared.

        When only one of them takes the function that a case is about, the rest is asked, but says nothing more.
        """
        comparable = True
        for number, question in enumerate(case.questions):
            theirs, mine = self.upstream.ask(question), self.ours.ask(question)
            if comparable:
                yield compare(question.name, theirs, mine)
            if number == 0 and not case.independent:
                comparable = theirs.status == mine.status

    def compare_all(self, cases: Iterable[Case]) -> Iterator[list[Difference]]:
        """The differences of each question of several cases."""
        for case in cases:
            yield from self.compare(case)
