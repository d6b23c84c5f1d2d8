from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill_instance.state.errors import StateError
from pulsemill_instance.state.urls import StateFile, TableServiceAddress, parse_state_url, state_file_url


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("bk://localhost:4181", ("localhost:4181",)),
        ("bk://localhost", ("localhost:4181",)),
        ("bk://bookie-0.bookies:1,10.0.0.2/", ("bookie-0.bookies:1", "10.0.0.2:4181")),
        ("bk://[::1]:4181,[::2]", ("[::1]:4181", "[::2]:4181")),
    ],
)
def test_a_table_service_has_hosts_and_a_port_that_is_usual(url: str, hosts: tuple[str, ...]) -> None:
    assert parse_state_url(url) == TableServiceAddress(hosts)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:4181",
        "bk://",
        "bk://host:port",
        "bk://a,,b",
        "bk://host/path",
        "bk://user@host",
        "bk://[::1",
        "http://host:4181",
        "zk:localhost:2181",
        "sqlite://host/state.db",
        "sqlite:///",
        "sqlite:///state.db?mode=ro",
    ],
)
def test_anything_else_is_refused_with_what_was_expected(url: str) -> None:
    with pytest.raises(StateError, match="is no place for state: expected bk://HOST:4181"):
        parse_state_url(url)


@given(st.text(st.characters(codec="utf-8", exclude_characters="/\x00"), min_size=1).filter(lambda n: n not in "..."))
def test_any_file_has_a_url(name: str) -> None:
    path = Path("/data") / name
    assert parse_state_url(state_file_url(path)) == StateFile(path)


def test_a_relative_file_is_meant_from_here() -> None:
    assert parse_state_url(state_file_url(Path("data/state.db"))) == StateFile(Path.cwd() / "data/state.db")
