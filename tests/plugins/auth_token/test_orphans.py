"""Secrets that no function uses any more."""

import logging
from typing import Any

import pytest

from pulsemill.auth import CallerCredentials
from pulsemill.testing import function_details
from pulsemill_instance.proto.Function_pb2 import FunctionAuthenticationSpec, FunctionMetaData
from tests.plugins.auth_token.conftest import FakeApiServer, NewProvider, refusal

OLD = 601.0
YOUNG = 590.0
METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


def function(secret_id: str, **fields: Any) -> FunctionMetaData:
    spec = FunctionAuthenticationSpec(data=secret_id.encode())
    return FunctionMetaData(functionDetails=function_details(**fields), functionAuthSpec=spec)


def mounting(name: str) -> dict[str, Any]:
    return {"spec": {"volumes": [{"name": "cache", "emptyDir": {}}, {"name": "auth", "secret": {"secretName": name}}]}}


async def test_a_secret_that_no_function_names_goes_once_it_is_old(provider: Any, server: FakeApiServer) -> None:
    server.add("default", "pf-secret-used1", age=OLD)
    server.add("default", "pf-secret-fresh", age=YOUNG)
    server.add("default", "pf-secret-lost1", age=OLD)
    await provider.delete_orphans(lambda: [function("used1")])
    assert server.names == {"pf-secret-used1", "pf-secret-fresh"}


async def test_secrets_of_others_stay(provider: Any, server: FakeApiServer) -> None:
    server.add("default", "pf-secret-java1", age=OLD, manager="okhttp")
    server.add("default", "pf-secret-other", age=OLD, manager="pulsemill:another:public/functions")
    server.add("default", "database", age=OLD)
    await provider.delete_orphans(list)
    assert len(server.secrets) == 3


async def test_no_token_is_asked_for(provider: Any, server: FakeApiServer) -> None:
    server.add("default", "pf-secret-used1", age=OLD)
    await provider.delete_orphans(lambda: [function("used1")])
    asked = {query["accept"] for _, path, query in server.calls if path.endswith("/secrets")}
    assert asked == {METADATA_ONLY}


async def test_a_replaced_secret_goes_as_soon_as_no_pod_mounts_it(provider: Any, server: FakeApiServer) -> None:
    caller = CallerCredentials("me", "t0ken")
    old = await provider.cache_auth_data(function_details(), caller)
    new = await provider.update_auth_data(function_details(), FunctionAuthenticationSpec(data=old), caller)
    old_name, new_name = (f"pf-secret-{each.decode()}" for each in (old, new))
    for workloads in (
        {"statefulsets": [{"spec": {"template": mounting(old_name)}}]},
        {
            "statefulsets": [{"spec": {"template": mounting(new_name)}}],
            "pods": [mounting(new_name), mounting(old_name)],
        },
    ):
        server.workloads = workloads
        await provider.delete_orphans(lambda: [function(new.decode())])
        assert server.names == {old_name, new_name}
    server.workloads = {"pods": [mounting(new_name), {"spec": {}}]}
    await provider.delete_orphans(lambda: [function(new.decode())])
    assert server.names == {new_name}


async def test_the_secret_in_the_namespace_that_a_function_left_goes_once_no_pod_there_mounts_it(
    new_provider: NewProvider, server: FakeApiServer
) -> None:
    """Also by a leader that was not there at the move."""
    server.add("elsewhere", "pf-secret-old11")
    server.add("default", "pf-secret-other")
    old = function("old11", tenant="elsewhere")
    caller = CallerCredentials("me", "t0ken")
    new = (await (await new_provider()).renew_auth_data(old, function_details(), caller, asked=False)).decode()
    leader = await new_provider()
    server.workloads = {"pods": [mounting("pf-secret-old11")]}
    for _ in range(2):
        await leader.delete_orphans(lambda: [function(new)])
    assert ("elsewhere", "pf-secret-old11") in server.secrets
    server.workloads = {}
    for _ in range(2):
        await leader.delete_orphans(lambda: [function(new)])
    assert server.names == {f"pf-secret-{new}", "pf-secret-other"}


async def test_an_update_that_was_not_stored_takes_nothing_away(provider: Any, server: FakeApiServer) -> None:
    caller = CallerCredentials("me", "t0ken")
    old = await provider.cache_auth_data(function_details(), caller)
    await provider.update_auth_data(function_details(), FunctionAuthenticationSpec(data=old), caller)
    await provider.delete_orphans(lambda: [function(old.decode())])
    assert len(server.secrets) == 2


async def test_functions_are_asked_for_after_the_secrets(provider: Any, server: FakeApiServer) -> None:
    """One that was registered in between has a secret of which the metadata may tell only now."""
    server.add("default", "pf-secret-used1", age=OLD)
    known: list[FunctionMetaData] = []

    def functions() -> list[FunctionMetaData]:
        if any(path.endswith("/secrets") for _, path, _ in server.calls):
            known.append(function("used1"))
        return known

    await provider.delete_orphans(functions)
    assert server.names == {"pf-secret-used1"}


async def test_every_namespace_of_functions_is_looked_through(provider: Any, server: FakeApiServer) -> None:
    for namespace in ("default", "elsewhere"):
        for number in range(5):
            server.add(namespace, f"pf-secret-lost{number}", age=OLD)
    await provider.delete_orphans(lambda: [function("used1", tenant="nowhere"), function("used2", tenant="elsewhere")])
    assert not server.secrets


async def test_a_missing_right_is_told_once(
    provider: Any, server: FakeApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            server.answers["GET"] = [refusal(403, "you may not list secrets")]
            await provider.delete_orphans(list)
    (told,) = caplog.messages
    assert told.startswith("unused secrets with tokens stay in namespace default: you may not list secrets; add to ")
    assert '- {apiGroups: [""], resources: [secrets, pods], verbs: [list]}' in told
