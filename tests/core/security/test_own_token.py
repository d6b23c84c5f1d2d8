"""Why the broker may have refused the worker."""

from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.security.own_token import why_refused

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def token(**claims: Any) -> str:
    return jwt.encode(claims, bytes(32), "HS256")


def test_an_expired_token_is_to_be_renewed() -> None:
    said = why_refused(token(sub="worker", exp=int(NOW.timestamp()) - 60), NOW)
    assert said.startswith("the worker's token expired at 2026-01-02T03:03:05Z: renew it")


@pytest.mark.parametrize("claims", [{}, {"exp": int(NOW.timestamp()) + 1}, {"exp": "never"}, {"exp": 1e300}])
def test_a_valid_one_names_a_role_without_rights(claims: dict[str, Any]) -> None:
    assert why_refused(token(sub="stranger", **claims), NOW).startswith("the worker's role 'stranger' lacks the rights")


@pytest.mark.parametrize("sent", [None, "", token(), token(sub=["a"])])
def test_a_role_that_cannot_be_told_is_not_named(sent: str | None) -> None:
    assert why_refused(sent, NOW).startswith("the worker's role lacks the rights")


@given(st.text())
def test_what_is_no_token_never_shows(text: str) -> None:
    assert why_refused(text, NOW) == why_refused(None, NOW)
