import pytest

from pulsemill_instance.state import StateError, open_state


@pytest.mark.parametrize(("url", "reason"), [(None, "state is not enabled"), ("bk://127.0.0.1:4181", "cannot use")])
def test_without_a_store_reads_find_nothing_and_writes_say_why(url: str | None, reason: str) -> None:
    state = open_state(url)
    assert (state.get_counter("c"), state.get_state("s")) == (None, None)
    writes = [lambda: state.incr_counter("c", 1), lambda: state.del_counter("c"), lambda: state.put_state("s", "v")]
    for write in writes:
        with pytest.raises(StateError, match=reason):
            write()


def test_a_store_that_cannot_be_used_is_said_at_the_start(caplog: pytest.LogCaptureFixture) -> None:
    open_state(None)
    assert caplog.text == ""
    open_state("bk://127.0.0.1:4181")
    assert "State is not available" in caplog.text
