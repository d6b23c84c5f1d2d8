"""Pulsar's frames, as the rig's network reads them."""

from hypothesis import given
from hypothesis import strategies as st

from tests.rig.frames import PRODUCER, SEND, Frames, Producers

OUT = b"persistent://public/default/out"


def field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def numbered(number: int, value: int) -> bytes:
    return bytes([number << 3, value])


def frame(kind: int, content: bytes, payload: bytes = b"") -> bytes:
    command = numbered(1, kind) + field(kind, content)
    rest = len(command).to_bytes(4) + command + payload
    return len(rest).to_bytes(4) + rest


def producer(number: int, topic: bytes = OUT) -> bytes:
    return frame(PRODUCER, field(1, topic) + numbered(2, number) + numbered(3, 1))


def send(number: int) -> bytes:
    return frame(SEND, numbered(1, number) + numbered(2, 5), b"payload")


@given(st.lists(st.binary(min_size=1)), st.integers(1, 9))
def test_a_stream_is_cut_into_its_frames_however_it_comes(contents: list[bytes], size: int) -> None:
    whole = [len(content).to_bytes(4) + content for content in contents]
    stream, frames = b"".join(whole), Frames()
    cut = [each for start in range(0, len(stream), size) for each in frames.feed(stream[start : start + size])]
    assert cut == whole


def test_all_passes_until_producers_are_forgotten() -> None:
    producers = Producers()
    assert all(map(producers.passes, [producer(1), producer(2, b"other"), send(1), send(2)]))
    producers.forget("out")
    assert [producers.passes(send(number)) for number in (1, 2)] == [False, True]


def test_a_producer_that_is_made_later_is_not_forgotten() -> None:
    producers = Producers()
    producers.passes(producer(1))
    producers.forget("out")
    assert producers.passes(producer(3))
    assert producers.passes(send(3))
