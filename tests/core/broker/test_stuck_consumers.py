import asyncio
from pathlib import Path

import pytest

from pulsemill.broker.stuck_consumers import judge, wait_for_stuck_consumer

LOST = b"[2026-11-23T08:41:07Z ERROR pulsar_lite] Connection error from 127.0.0.1:54274: Connection reset by peer\n"
REFUSED = b"[2026-11-23T08:41:07Z ERROR pulsar_lite::broker] Error handling command: Consumer 0 already exists\n"
CLOSED = b"[2026-11-23T08:41:07Z ERROR pulsar_lite] Connection error from 127.0.0.1:54288: Consumer 0 already exists\n"


@pytest.mark.parametrize(
    ("lines", "stuck"),
    [
        ([LOST, REFUSED], True),
        ([LOST, b"anything else\n", REFUSED, CLOSED], True),
        ([REFUSED, CLOSED, REFUSED, CLOSED], False),
        ([LOST], False),
        ([REFUSED, CLOSED, LOST], False),
        ([], False),
    ],
)
def test_a_consumer_that_is_refused_after_a_lost_connection_is_stuck(lines: list[bytes], stuck: bool) -> None:
    assert judge(lines, lost=False)[1] is stuck


def test_a_loss_is_remembered() -> None:
    lost, _ = judge([LOST], lost=False)
    assert judge([REFUSED], lost=lost) == (True, True)


async def test_only_what_this_broker_wrote_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulsemill.broker.stuck_consumers.POLL_SECONDS", 0)
    log = tmp_path / "broker.log"
    log.write_bytes(LOST + REFUSED)
    waiting = asyncio.create_task(wait_for_stuck_consumer(log, len(LOST + REFUSED)))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting), 0.05)
    append(log, LOST + REFUSED[:30])
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting), 0.05)
    append(log, REFUSED[30:])
    await asyncio.wait_for(waiting, 5)


def append(log: Path, text: bytes) -> None:
    with log.open("ab") as file:
        file.write(text)
