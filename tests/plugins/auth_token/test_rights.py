"""What the worker may not do with Secrets is told at its start, and does not keep it from starting."""

from typing import Any

import pytest

from tests.plugins.auth_token.conftest import FakeApiServer, NewProvider, refusal


async def test_nothing_is_told_when_nothing_is_missing(new_provider: NewProvider, caplog: Any) -> None:
    await new_provider()
    assert caplog.text == ""


async def test_what_is_missing_is_named_with_the_line_to_add(
    new_provider: NewProvider, server: FakeApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.denied = {"create", "list"}
    await new_provider()
    assert "this worker may not create, list secrets in namespace default" in caplog.text
    assert '- {apiGroups: [""], resources: [secrets], verbs: [create, list]}' in caplog.text


async def test_a_server_that_does_not_tell_is_one_line(
    new_provider: NewProvider, server: FakeApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.reviews = refusal(500)
    await new_provider()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
