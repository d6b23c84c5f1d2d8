"""Tokens as Kubernetes secrets: stored, replaced, mounted, deleted."""

import base64
import copy
from typing import Any

import aiohttp
import pytest

from pulsemill.auth import AuthenticationConfig, CallerCredentials
from pulsemill.errors import ConfigurationError, PulsemillError
from pulsemill.plugin import NoConfig
from pulsemill.testing import function_details
from pulsemill_auth_token.secrets_token import KubernetesSecretsTokenAuthProvider
from pulsemill_instance.proto.Function_pb2 import FunctionAuthenticationSpec, FunctionMetaData
from tests.plugins.auth_token.conftest import MANAGER, Answer, FakeApiServer, NewProvider, refusal

CALLER = CallerCredentials("me", "t0ken")
DETAILS = function_details()
WORKER = AuthenticationConfig("plugin", "worker-secret", use_tls=True, tls_trust_certs_file_path="/worker/ca.pem")
TOKEN_PLUGIN = "org.apache.pulsar.client.impl.auth.AuthenticationToken"
FORBIDDEN = 'secrets is forbidden: User "w" cannot create resource "secrets" in API group "" in the namespace "default"'
STATEFUL_SET: dict[str, Any] = {
    "spec": {"template": {"spec": {"containers": [{"name": "pulsarfunction"}, {"name": "beside"}]}}}
}
MOUNT = {"name": "function-auth", "mountPath": "/etc/auth", "readOnly": True}


def spec(data: bytes | None) -> FunctionAuthenticationSpec:
    return FunctionAuthenticationSpec(data=data or b"")


def pod(stateful_set: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = stateful_set["spec"]["template"]["spec"]
    return found


def decoded(server: FakeApiServer, secret_id: bytes, namespace: str = "default") -> dict[str, bytes]:
    data = server.secrets[namespace, f"pf-secret-{secret_id.decode()}"]["data"]
    return {key: base64.b64decode(value) for key, value in data.items()}


async def test_a_registration_stores_the_callers_token(provider: Any, server: FakeApiServer) -> None:
    kept = await provider.cache_auth_data(DETAILS, CALLER)
    assert kept.isalnum()
    assert len(kept) == 5
    assert decoded(server, kept) == {"token": b"t0ken"}
    ((method, path, query),) = server.calls
    assert (method, path, query["fieldManager"]) == ("POST", "/api/v1/namespaces/default/secrets", MANAGER)


async def test_certificates_are_stored_beside_it(new_provider: NewProvider, server: FakeApiServer) -> None:
    provider = await new_provider(b"CA")
    kept = await provider.cache_auth_data(DETAILS, CALLER)
    assert decoded(server, kept) == {"token": b"t0ken", "ca.pem": b"CA"}
    configured = provider.configure_authentication_config(WORKER, spec(kept))
    assert configured.tls_trust_certs_file_path == "/etc/auth/ca.pem"


async def test_renewed_certificates_are_stored_from_then_on(new_provider: NewProvider, server: FakeApiServer) -> None:
    certificates = [b"old", b"old", b"new"]  # the first is read at the worker's start
    provider = await new_provider(lambda: certificates.pop(0))
    before = await provider.cache_auth_data(DETAILS, CALLER)
    after = await provider.update_auth_data(DETAILS, spec(before), CALLER)
    assert [decoded(server, each)["ca.pem"] for each in (before, after)] == [b"old", b"new"]


async def test_certificates_that_cannot_be_read_fail_the_request(
    new_provider: NewProvider, server: FakeApiServer
) -> None:
    def read_ca() -> bytes | None:
        if provider is None:
            return b"CA"
        raise ConfigurationError("cannot read the trusted certificates /ca.pem: Permission denied")

    provider: Any = None
    provider = await new_provider(read_ca)
    with pytest.raises(PulsemillError, match=r"function public/default/tested: cannot read .* /ca\.pem"):
        await provider.cache_auth_data(DETAILS, CALLER)
    assert not server.secrets


async def test_it_is_stored_where_the_function_runs(provider: Any, server: FakeApiServer) -> None:
    kept = await provider.cache_auth_data(function_details(tenant="elsewhere"), CALLER)
    assert decoded(server, kept, "elsewhere") == {"token": b"t0ken"}


@pytest.mark.parametrize("token", [None, "", "  "])
async def test_a_request_without_a_token_fails(provider: Any, server: FakeApiServer, token: str | None) -> None:
    caller = CallerCredentials("me", token)
    for attempt in (provider.cache_auth_data(DETAILS, caller), provider.update_auth_data(DETAILS, None, caller)):
        with pytest.raises(PulsemillError, match="function public/default/tested: the request has no token"):
            await attempt
    assert not server.secrets


@pytest.mark.parametrize(
    "trouble",
    [
        refusal(500),
        refusal(503),
        refusal(429, retryAfterSeconds=9),
        refusal(409, "already exists"),
        Answer(502, b"<html>"),
        Answer(200, b"<html>"),
        TimeoutError(),
        aiohttp.ClientConnectionError("reset"),
    ],
)
async def test_trouble_that_passes_is_waited_for(provider: Any, server: FakeApiServer, trouble: Any) -> None:
    server.answers["POST"] = [trouble] * 4
    kept = await provider.cache_auth_data(DETAILS, CALLER)
    assert decoded(server, kept) == {"token": b"t0ken"}
    assert len(server.calls) == 5


async def test_an_id_that_is_taken_is_left_alone(
    provider: Any, server: FakeApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = iter(["taken", "taken", "fresh"])
    monkeypatch.setattr("pulsemill_auth_token.secret.new_id", lambda: next(ids))
    server.add("default", "pf-secret-taken", data={"token": "another's"})
    assert await provider.cache_auth_data(DETAILS, CALLER) == b"fresh"
    assert server.secrets["default", "pf-secret-taken"]["data"] == {"token": "another's"}


async def test_trouble_that_stays_fails_the_request(provider: Any, server: FakeApiServer) -> None:
    server.answers["POST"] = [refusal(500, "etcd is away")] * 5
    with pytest.raises(PulsemillError, match=r"^function public/default/tested: its token cannot be .*: etcd is away$"):
        await provider.cache_auth_data(DETAILS, CALLER)
    assert len(server.calls) == 5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_a_refusal_fails_the_request_at_once(provider: Any, server: FakeApiServer, status: int) -> None:
    server.answers["POST"] = [refusal(status, "exceeded quota")]
    with pytest.raises(PulsemillError, match=r"cannot be stored in namespace default: exceeded quota$") as error:
        await provider.cache_auth_data(DETAILS, CALLER)
    assert len(server.calls) == 1
    assert "t0ken" not in str(error.value)


@pytest.mark.parametrize("status", [200, 422, 502])
async def test_what_quotes_the_token_is_not_quoted(provider: Any, server: FakeApiServer, status: int) -> None:
    """A proxy in the API server's place may answer with what it was sent."""
    server.answers["POST"] = [Answer(status, b"cannot relay: t0ken")] * 5
    with pytest.raises(PulsemillError) as error:
        await provider.cache_auth_data(DETAILS, CALLER)
    assert "t0ken" not in f"{error.value} {error.value.__cause__}"


async def test_a_missing_right_is_named(provider: Any, server: FakeApiServer) -> None:
    server.answers["POST"] = [refusal(403, FORBIDDEN)]
    with pytest.raises(
        PulsemillError, match=r"add to a Role there: .* resources: \[secrets\], verbs: \[create, get, list, delete\]\}$"
    ):
        await provider.cache_auth_data(DETAILS, CALLER)


async def test_an_update_makes_a_new_secret_and_leaves_the_old_to_running_pods(
    provider: Any, server: FakeApiServer
) -> None:
    old = await provider.cache_auth_data(DETAILS, CALLER)
    new = await provider.update_auth_data(DETAILS, spec(old), CallerCredentials("me", "new"))
    newer = await provider.update_auth_data(DETAILS, spec(new), CallerCredentials("me", "newer"))
    assert len({old, new, newer}) == 3
    assert [decoded(server, each)["token"] for each in (old, new, newer)] == [b"t0ken", b"new", b"newer"]


async def test_a_new_token_changes_the_pods(provider: Any) -> None:
    old = await provider.cache_auth_data(DETAILS, CALLER)
    new = await provider.update_auth_data(DETAILS, spec(old), CALLER)
    before, after = (provider.configure_stateful_set(STATEFUL_SET, spec(each)) for each in (old, new))
    assert before != after


async def test_an_update_of_a_function_without_credentials_gives_it_some(provider: Any, server: FakeApiServer) -> None:
    for existing in (None, spec(None), spec(b"eyJ.another.Provider's")):
        kept = await provider.update_auth_data(DETAILS, existing, CALLER)
        assert decoded(server, kept) == {"token": b"t0ken"}
    assert {method for method, _, _ in server.calls} == {"POST"}


async def test_instances_read_the_mounted_token(provider: Any) -> None:
    configured = provider.configure_authentication_config(WORKER, spec(b"abc12"))
    assert configured.client_authentication_plugin == TOKEN_PLUGIN
    assert configured.client_authentication_parameters == "file:///etc/auth/token"
    assert configured.tls_trust_certs_file_path == "/worker/ca.pem"


async def test_instances_without_credentials_get_none(provider: Any) -> None:
    for each in (None, spec(None)):
        configured = provider.configure_authentication_config(WORKER, each)
        assert configured.client_authentication_plugin == configured.client_authentication_parameters == ""
        assert provider.configure_stateful_set(STATEFUL_SET, each) == STATEFUL_SET


async def test_what_another_provider_kept_is_not_taken_for_an_id_nor_shown(provider: Any) -> None:
    for use in (
        lambda each: provider.configure_authentication_config(WORKER, each),
        lambda each: provider.configure_stateful_set(STATEFUL_SET, each),
    ):
        with pytest.raises(PulsemillError, match="kept by another functionAuthProviderClassName") as error:
            use(spec(b"eyJ.a.Token"))
        assert "eyJ" not in str(error.value)


async def test_every_container_mounts_the_secret(provider: Any) -> None:
    given = copy.deepcopy(STATEFUL_SET)
    changed = pod(provider.configure_stateful_set(given, spec(b"abc12")))
    assert changed["volumes"] == [{"name": "function-auth", "secret": {"secretName": "pf-secret-abc12"}}]
    assert [container["volumeMounts"] for container in changed["containers"]] == [[MOUNT], [MOUNT]]
    assert given == STATEFUL_SET


async def test_volumes_of_a_customizer_stay(provider: Any) -> None:
    given = copy.deepcopy(STATEFUL_SET)
    cache, mount = {"name": "cache", "emptyDir": {}}, {"name": "cache", "mountPath": "/cache"}
    pod(given)["volumes"], pod(given)["containers"][0]["volumeMounts"] = [cache], [mount]
    changed = pod(provider.configure_stateful_set(given, spec(b"abc12")))
    assert [volume["name"] for volume in changed["volumes"]] == ["cache", "function-auth"]
    assert changed["containers"][0]["volumeMounts"] == [mount, MOUNT]


async def test_a_place_that_is_taken_is_named(provider: Any) -> None:
    volume, mounted = copy.deepcopy(STATEFUL_SET), copy.deepcopy(STATEFUL_SET)
    pod(volume)["volumes"] = [{"name": "function-auth", "emptyDir": {}}]
    pod(mounted)["containers"][1]["volumeMounts"] = [{"name": "x", "mountPath": "/etc/auth/"}]
    for given, place in ((volume, "volumes with the name function-auth"), (mounted, "mountPath /etc/auth")):
        with pytest.raises(PulsemillError, match=place):
            provider.configure_stateful_set(given, spec(b"abc12"))


async def test_a_deleted_function_leaves_no_secret(provider: Any, server: FakeApiServer) -> None:
    server.add("default", "pf-secret-other")
    kept = await provider.cache_auth_data(DETAILS, CALLER)
    for _ in range(2):
        kept = await provider.update_auth_data(DETAILS, spec(kept), CALLER)
    await provider.clean_up_auth_data(DETAILS, spec(kept))
    assert server.names == {"pf-secret-other"}


MOVED = function_details(tenant="elsewhere")


async def test_a_function_that_moves_to_another_namespace_takes_its_callers_token_along(
    provider: Any, server: FakeApiServer
) -> None:
    old = await provider.cache_auth_data(DETAILS, CALLER)
    stored = FunctionMetaData(functionDetails=DETAILS, functionAuthSpec=spec(old))
    for asked in (False, True):
        new = await provider.renew_auth_data(stored, MOVED, CallerCredentials("me", "new"), asked=asked)
        assert decoded(server, new, "elsewhere") == {"token": b"new"}
        await provider.clean_up_auth_data(MOVED, spec(new))
        assert not server.secrets, "of the old namespace too"
        server.add("default", f"pf-secret-{old.decode()}")


async def test_a_function_that_cannot_take_a_token_along_does_not_move(provider: Any, server: FakeApiServer) -> None:
    old = await provider.cache_auth_data(DETAILS, CALLER)
    stored = FunctionMetaData(functionDetails=DETAILS, functionAuthSpec=spec(old))
    reason = "the request has no token .* moves it from namespace default to elsewhere, where its pods need the token"
    with pytest.raises(PulsemillError, match=reason):
        await provider.renew_auth_data(stored, MOVED, CallerCredentials("me"), asked=False)
    assert len(server.secrets) == 1


async def test_an_anonymous_function_moves_without_a_token(provider: Any, server: FakeApiServer) -> None:
    for stored in (FunctionMetaData(functionDetails=DETAILS), FunctionMetaData(functionAuthSpec=spec(None))):
        assert not await provider.renew_auth_data(stored, MOVED, CallerCredentials(), asked=False)
    assert not server.calls


async def test_options_that_another_worker_took_can_be_corrected(provider: Any) -> None:
    unreadable = function_details(tenant="nowhere")
    stored = FunctionMetaData(functionDetails=unreadable, functionAuthSpec=spec(b"abc12"))
    assert await provider.renew_auth_data(stored, DETAILS, CallerCredentials(), asked=False) == b"abc12"


async def test_a_secret_that_may_not_be_read_is_named_once(
    provider: Any, server: FakeApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.add("default", "pf-secret-here1")
    for _ in range(2):
        server.answers["GET"] = [refusal(403, "you may not get secrets")]
        await provider.update_auth_data(DETAILS, spec(b"here1"), CALLER)
    (told,) = caplog.messages
    assert told == (
        "Secret pf-secret-here1 in namespace default may not be read, so that those it replaced may stay: you may not "
        'get secrets; add to a Role there: - {apiGroups: [""], resources: [secrets], verbs: [get]}'
    )


@pytest.mark.parametrize("existing", [None, spec(None), spec(b"  "), spec(b"eyJ.another.Provider's")])
async def test_nothing_is_deleted_without_an_id(provider: Any, server: FakeApiServer, existing: Any) -> None:
    await provider.clean_up_auth_data(DETAILS, existing)
    assert not server.calls


async def test_a_secret_that_is_gone_or_unreadable_does_not_stop_the_deletion(
    provider: Any, server: FakeApiServer
) -> None:
    await provider.clean_up_auth_data(DETAILS, spec(b"gone1"))
    server.add("default", "pf-secret-here1")
    server.answers = {"GET": [refusal(403)], "DELETE": [refusal(500), refusal(429)]}
    await provider.clean_up_auth_data(DETAILS, spec(b"here1"))
    assert not server.secrets


async def test_a_deletion_that_fails_says_so(provider: Any, server: FakeApiServer) -> None:
    server.add("default", "pf-secret-here1")
    server.answers["DELETE"] = [refusal(403, "not yours")]
    with pytest.raises(PulsemillError, match="not yours"):
        await provider.clean_up_auth_data(DETAILS, spec(b"here1"))


async def test_another_runtime_is_told_that_it_cannot_have_it() -> None:
    provider = KubernetesSecretsTokenAuthProvider(NoConfig())
    with pytest.raises(PulsemillError, match="works with the Kubernetes runtime only"):
        await provider.cache_auth_data(DETAILS, CALLER)
