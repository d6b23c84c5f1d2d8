"""Signals end a coroutine after its clean-up."""

import asyncio
import os
import signal

import pytest

from pulsemill.cli.run_async import run_async


async def clean_up_after(number: signal.Signals | None, done: list[str]) -> str:
    try:
        if number is not None:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)
        done.append("cleaned up")
    return "result"


def test_the_result_is_given() -> None:
    assert run_async(clean_up_after(None, [])) == "result"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_becomes_an_exit_code(number: signal.Signals, code: int) -> None:
    done: list[str] = []
    with pytest.raises(SystemExit) as ended:
        run_async(clean_up_after(number, done))

    assert (ended.value.code, done) == (code, ["cleaned up"])


def test_ctrl_c_stays_what_it_is() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        run_async(clean_up_after(signal.SIGINT, done))

    assert done == ["cleaned up"]
