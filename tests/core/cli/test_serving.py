"""How a worker's command ends. The worker is a small program of its own, because signals reach whole processes."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process

SCRIPT = """
import asyncio, sys
from contextlib import asynccontextmanager
from pulsemill.cli.serving import serve_until_stopped

@asynccontextmanager
async def worker():
    if "slow start" in sys.argv:
        print("starting", flush=True)
    try:
        if "slow start" in sys.argv:
            await asyncio.sleep(60)
        yield
    finally:
        print("stopping", flush=True)
        if "slow stop" in sys.argv:
            await asyncio.sleep(60)

serve_until_stopped(worker(), lambda: print("ready", flush=True))
print("done", flush=True)
"""
SECONDS = 10


async def launch(*behaviour: str) -> Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-c", SCRIPT, *behaviour, stdout=PIPE, stderr=PIPE)


async def line(process: Process) -> str:
    assert process.stdout
    return (await asyncio.wait_for(process.stdout.readline(), SECONDS)).decode().strip()


async def test_a_signal_stops_cleanly() -> None:
    process = await launch()
    assert await line(process) == "ready"
    process.send_signal(signal.SIGINT)
    out, err = await asyncio.wait_for(process.communicate(), SECONDS)
    assert (process.returncode, out) == (0, b"stopping\ndone\n")
    assert b"press Ctrl-C again" in err


async def test_a_signal_during_the_start_stops_what_was_started() -> None:
    process = await launch("slow start")
    assert await line(process) == "starting"
    process.send_signal(signal.SIGTERM)
    out, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    assert (process.returncode, out) == (0, b"stopping\ndone\n")


async def test_a_second_signal_ends_at_once() -> None:
    process = await launch("slow stop")
    assert await line(process) == "ready"
    process.send_signal(signal.SIGINT)
    assert await line(process) == "stopping"
    process.send_signal(signal.SIGINT)
    out, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    assert (process.returncode, out) == (130, b"")
