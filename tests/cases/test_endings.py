"""Acceptance cases 38 and 39: how an instance ends, and what is left of its work."""

import time

import pytest

from tests.cases.world import World

pytestmark = pytest.mark.pulsar

ECHO = "def process(x): return x"


def test_case_38_an_idle_instance_ends_when_asked(world: World) -> None:
    program = world.start(ECHO)
    world.produce(b"x")
    world.acknowledged()
    began = time.monotonic()
    assert program.stop() == 0
    assert time.monotonic() - began < 5


def test_case_38_an_instance_under_load_ends_when_asked(world: World) -> None:
    world.produce(*(str(number).encode() for number in range(20_000)), batch=200)
    program = world.start(ECHO)
    world.consume(100)
    began = time.monotonic()
    assert program.stop() == 0
    assert time.monotonic() - began < 5


def test_case_38_what_was_finished_is_stored_and_acknowledged(world: World) -> None:
    source = """
        import time
        def process(x):
            time.sleep(0.001)
            return x
    """
    world.produce(*(str(number).encode() for number in range(5000)))
    program = world.start(source)
    world.consume(100)
    assert program.stop() == 0
    assert "AlreadyClosed" not in program.log
    world.until(lambda: not world.subscribed()["consumers"])
    assert world.backlog() + len(world.stored()) == 5000


def test_case_38_without_health_checks_it_ends_where_they_are_expected(world: World) -> None:
    watched = world.start(ECHO, health_check_seconds=1)
    unwatched = world.start(ECHO, health_check_seconds=-1)
    world.ready(consumers=2)
    began = time.monotonic()
    assert watched.ended() != 0
    assert time.monotonic() - began < 5 + 1
    assert unwatched.alive
    world.produce(b"x")
    assert world.values(1) == ["x"]


def _ends_after(world: World, call: str) -> None:
    source = f"""
        import os, sys
        def process(x):
            {call}
    """
    program = world.start(source)
    world.produce(b"x")
    world.until(lambda: not program.alive)
    assert program.ended() != 0


def test_case_39_an_exit_by_user_code_is_no_zombie(world: World) -> None:
    _ends_after(world, "sys.exit(3)")


def test_case_39_a_fatal_signal_in_user_code_is_no_zombie(world: World) -> None:
    _ends_after(world, "os.kill(os.getpid(), 11)")


def test_case_39_a_raising_constructor_ends_the_start_with_its_error(world: World) -> None:
    source = """
        class Fn:
            def __init__(self): raise RuntimeError("no licence")
            def process(self, x, context): return x
    """
    program = world.start(source)
    world.until(lambda: not program.alive)
    assert program.ended() == 1
    assert "no licence" in program.output


def test_case_39_a_missing_class_ends_the_start(world: World) -> None:
    program = world.start(ECHO, world.details(className="userfn.Missing"))
    assert program.ended() == 1
    assert "Missing" in program.output + program.log
