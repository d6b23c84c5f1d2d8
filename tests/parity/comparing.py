"""Asks both workers the questions of a case, in order."""

from collections.abc import Iterable, Iterator

import attrs

from tests.parity.cases import Case
from tests.parity.comparison import Difference, compare
from tests.parity.exchange import Answer, Peer, Question

INTERNAL_ERROR = 500


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
            theirs, mine = self._ask_upstream(question), self.ours.ask(question)
            if comparable:
                yield compare(question.name, theirs, mine)
            if number == 0 and not case.independent:
                comparable = theirs.status == mine.status

    def _ask_upstream(self, question: Question) -> Answer:
        """Upstream's worker now and then fails by accident; a failure that it repeats it means."""
        answer = self.upstream.ask(question)
        if answer.status != INTERNAL_ERROR:
            return answer
        again = self.upstream.ask(question)
        return answer if again.status == INTERNAL_ERROR else again

    def compare_all(self, cases: Iterable[Case]) -> Iterator[list[Difference]]:
        """The differences of each question of several cases."""
        for case in cases:
            yield from self.compare(case)
