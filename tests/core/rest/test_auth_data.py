"""Credentials of callers, kept for their functions."""

import json
from collections.abc import AsyncIterator
from typing import Any

import attrs
import httpx2
import pytest

from pulsemill.auth import AuthenticationConfig, CallerCredentials, FunctionAuthProvider
from pulsemill.rest.app import create_app
from pulsemill_instance.proto.Function_pb2 import FunctionAuthenticationSpec, FunctionDetails, FunctionMetaData

BEARER = {"Authorization": "Bearer the-token"}


class Keeper(FunctionAuthProvider):
    """Keeps tokens, or fails."""

    failure: Exception | None = None

    async def cache_auth_data(self, details: FunctionDetails, caller: CallerCredentials) -> bytes | None:
        if self.failure is not None:
            raise self.failure
        return caller.token.encode() if caller.token else None

    async def update_auth_data(
        self, details: FunctionDetails, existing: FunctionAuthenticationSpec | None, caller: CallerCredentials
    ) -> bytes | None:
        old = existing.data if existing else b"nothing"
        return old + b" then " + caller.token.encode() if caller.token else None

    def configure_authentication_config(
        self, auth_config: AuthenticationConfig, auth_spec: FunctionAuthenticationSpec | None
    ) -> AuthenticationConfig:
        return auth_config


@pytest.fixture
def keeper() -> Keeper:
    return Keeper(config=None)


@pytest.fixture
async def guarded(world: Any, keeper: Keeper) -> AsyncIterator[Any]:
    app = create_app(attrs.evolve(world.ports, auth_provider=keeper))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://worker") as client:
        yield attrs.evolve(world, client=client)


async def renew(guarded: Any, headers: dict[str, str]) -> httpx2.Response:
    parts = {
        "functionConfig": (None, "{}", "application/json"),
        "updateOptions": (None, json.dumps({"updateAuthData": True}), "application/json"),
    }
    return await guarded.client.put(guarded.url, files=parts, headers=headers)


async def test_registration_keeps_the_callers_token(guarded: Any) -> None:
    guarded.client.headers.update(BEARER)
    assert (await guarded.register()).status_code == 204
    assert guarded.stored().functionAuthSpec.data == b"the-token"


async def test_no_token_no_data(guarded: Any) -> None:
    await guarded.register()
    assert not guarded.stored().HasField("functionAuthSpec")


async def test_an_update_renews_only_when_asked(guarded: Any) -> None:
    await guarded.register()
    guarded.client.headers.update(BEARER)
    await guarded.update(parallelism=2)
    assert not guarded.stored().HasField("functionAuthSpec")
    assert (await renew(guarded, BEARER)).status_code == 204
    assert guarded.stored().functionAuthSpec.data == b"nothing then the-token"


class Mover(Keeper):
    """Keeps other data for a function with another parallelism."""

    async def renew_auth_data(
        self, stored: FunctionMetaData, details: FunctionDetails, caller: CallerCredentials, *, asked: bool
    ) -> bytes | None:
        before, after = stored.functionDetails.parallelism, details.parallelism
        if before == after:
            return await super().renew_auth_data(stored, details, caller, asked=asked)
        return b"%s from %d to %d" % (stored.functionAuthSpec.data, before, after)


@pytest.mark.parametrize("keeper", [Mover(config=None)])
async def test_an_update_that_the_kept_data_cannot_follow_renews_them(guarded: Any) -> None:
    guarded.client.headers.update(BEARER)
    await guarded.register()
    guarded.stored().functionAuthSpec.provider = "of a Java worker"
    await guarded.update(userConfig={"a": "b"})
    assert guarded.stored().functionAuthSpec.provider == "of a Java worker"
    await guarded.update(parallelism=2)
    assert guarded.stored().functionAuthSpec.data == b"the-token from 1 to 2"


async def test_a_renewal_without_token_clears(guarded: Any) -> None:
    await guarded.register()
    guarded.stored().functionAuthSpec.data = b"old"
    assert (await renew(guarded, {})).status_code == 204
    assert not guarded.stored().HasField("functionAuthSpec")


async def test_a_failing_provider(guarded: Any, keeper: Keeper) -> None:
    keeper.failure = RuntimeError("vault is sealed")
    response = await guarded.register()
    reason = "Error caching authentication data for Function exclaim:- vault is sealed"
    assert (response.status_code, response.json()) == (500, {"reason": reason})
    assert guarded.functions.by_name == {}
    assert guarded.blobs() == []
