"""How long to wait before something that died is started again."""

import random
from collections.abc import Callable

import attrs


@attrs.define
class Backoff:
    """Exponential back-off with jitter. Seconds throughout.

    Each delay doubles the one before, from `first` to `longest`, and is then shortened by up to `jitter` of itself, so
    that many instances of one broken function do not start in step. After `healthy_after` of good life it begins anew.
    """

    first: float = 0.2
    longest: float = 30.0
    healthy_after: float = 60.0
    jitter: float = 0.25
    random: Callable[[], float] = random.random
    _delay: float = attrs.field(default=0.0, init=False)

    def next_delay(self, lived: float) -> float:
        """The wait after a life of `lived` seconds."""
        doubled = 0.0 if lived >= self.healthy_after else self._delay * 2
        self._delay = min(max(doubled, self.first), self.longest)
        return self._delay * (1 - self.jitter * self.random())
