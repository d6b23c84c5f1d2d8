"""The instances of those cases that take a minute."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import attrs

from tests.cases.program import ProgramKind
from tests.cases.world import Surroundings, World

_PATIENCE_SECONDS = 120.0
FAIL_FIRST = """
    tried = []
    def process(x):
        tried.append(x)
        if len(tried) == 1:
            raise ValueError("first")
        return x
"""
_TELL_TOPICS = """
    class Fn:
        def process(self, x, context):
            return f"{context.get_current_message_topic_name()} {','.join(context.get_input_topics())}"
"""


@attrs.frozen
class Minute:
    """One whose message failed at a time, one with a pattern that a later topic matches, one with seven messages."""

    failing: World
    failed_at_ms: int
    pattern: World
    metered: World


@contextmanager
def running_minute(shared: Surroundings, kind: ProgramKind, folder: Path, suffix: str) -> Iterator[Minute]:
    """Start them all; they are ready to be asked a minute later."""
    with ExitStack() as closing:
        world = partial(_world, closing, shared, kind, folder, suffix)
        failing, pattern, metered = (world(name) for name in ("failing", "pattern", "metered"))
        _start_pattern(pattern)
        program = metered.start("def process(x): return x")
        metered.produce(*[b"x"] * 7)
        program.met(received=7)
        yield Minute(failing, _start_failing(failing), pattern, metered)


def _world(closing: ExitStack, shared: Surroundings, kind: ProgramKind, folder: Path, suffix: str, name: str) -> World:
    (folder / name).mkdir()
    world = World(shared, kind, folder / name, f"{name}-{suffix}", _PATIENCE_SECONDS)
    closing.callback(world.close)
    return world


def _start_failing(world: World) -> int:
    program = world.start(FAIL_FIRST)
    world.produce(b"x")
    program.met(user_exceptions=1)
    return int(program.status.latestUserExceptions[0].msSinceEpoch)


def _start_pattern(world: World) -> None:
    pattern, early, late = (world.topic(name) for name in ("in.*", "in-early", "in-late"))
    world.produce(b"x", topic=early)
    details = world.details(pattern)
    details.source.inputSpecs[pattern].isRegexPattern = True
    world.start(_TELL_TOPICS, details)
    world.ready(early)
    world.produce(b"x", topic=late)
