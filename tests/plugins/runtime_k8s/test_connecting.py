"""How the worker finds its API server."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kubernetes.aio.client import ApiClient
from kubernetes.aio.config.config_exception import ConfigException

from pulsemill.errors import ConfigurationError
from pulsemill_runtime_k8s import connecting, kubeconfig_token
from pulsemill_runtime_k8s.connecting import connect

NewUser = Callable[[dict[str, Any]], None]


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that names a server, and no pod around it."""
    file = tmp_path / "config"
    cluster = {"name": "c", "cluster": {"server": "http://named.example:6443"}}
    context = {"name": "x", "context": {"cluster": "c", "user": "u"}}
    content = {
        "current-context": "x",
        "clusters": [cluster],
        "contexts": [context],
        "users": [{"name": "u", "user": {}}],
    }
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", **content}))
    monkeypatch.setenv("KUBECONFIG", str(file))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    return file


@pytest.mark.parametrize("uri", [None, ""], ids=["unset", "empty"])
@pytest.mark.usefixtures("kubeconfig")
async def test_without_an_address_it_is_the_kubeconfigs(uri: str | None) -> None:
    client = await connect(uri, submitting_inside_pod=False)
    assert client.configuration.host == "http://named.example:6443"


@pytest.mark.usefixtures("kubeconfig")
async def test_an_address_counts_before_the_kubeconfig() -> None:
    client = await connect("http://given.example:8001/", submitting_inside_pod=False)
    assert client.configuration.host == "http://given.example:8001"


async def test_a_kubeconfig_that_is_not_there_is_named(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", f"{kubeconfig}.old")
    with pytest.raises(ConfigurationError, match=f"no usable kubeconfig file .{kubeconfig}.old"):
        await connect(None, submitting_inside_pod=False)


@pytest.mark.usefixtures("kubeconfig")
async def test_outside_of_a_pod_there_is_no_service_account() -> None:
    with pytest.raises(ConfigurationError, match="submittingInsidePod: this is no pod with a service account"):
        await connect(None, submitting_inside_pod=True)


@pytest.fixture
def new_user(kubeconfig: Path) -> NewUser:
    """Has the kubeconfig file's user be another one."""

    def write(user: dict[str, Any]) -> None:
        content = json.loads(kubeconfig.read_text())
        content["users"][0]["user"] = user
        kubeconfig.write_text(json.dumps(content))

    return write


@pytest.fixture
def always_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubeconfig_token, "PERIOD_SECONDS", 0.0)


def plugin(file: Path) -> dict[str, Any]:
    """A plugin that tells what a file does."""
    version = "client.authentication.k8s.io/v1"
    return {"exec": {"apiVersion": version, "command": "cat", "args": [str(file)]}}


def credential(token: str, expires: str = "2020-01-01T00:00:00Z") -> str:
    status = {"token": token, "expirationTimestamp": expires}
    return json.dumps({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status})


async def sent(client: ApiClient) -> Any:
    """The credentials of a request."""
    _, _, headers, _, _ = await client.param_serialize("GET", "/", query_params=[], auth_settings=["BearerToken"])
    return headers.get("authorization")


@pytest.mark.usefixtures("always_due")
async def test_a_token_file_that_is_replaced_is_read_again(new_user: NewUser, tmp_path: Path) -> None:
    file = tmp_path / "token"
    new_user({"tokenFile": str(file)})
    file.write_text("first")
    client = await connect(None, submitting_inside_pod=False)
    assert await sent(client) == "Bearer first"
    file.write_text("second")
    assert await sent(client) == "Bearer second"


@pytest.mark.usefixtures("always_due")
async def test_a_token_that_cannot_be_renewed_stays(
    new_user: NewUser, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "token"
    new_user({"tokenFile": str(file)})
    file.write_text("first")
    client = await connect(None, submitting_inside_pod=False)
    file.unlink()
    assert await sent(client) == "Bearer first"
    assert "the token of the kubeconfig file cannot be renewed" in caplog.text


async def test_a_token_is_not_read_with_every_request(new_user: NewUser, tmp_path: Path) -> None:
    file = tmp_path / "token"
    new_user({"tokenFile": str(file)})
    file.write_text("first")
    client = await connect(None, submitting_inside_pod=False)
    file.write_text("second")
    assert await sent(client) == "Bearer first"


@pytest.mark.usefixtures("always_due")
async def test_a_plugin_is_asked_again_when_its_token_expires(new_user: NewUser, tmp_path: Path) -> None:
    file = tmp_path / "credential"
    new_user(plugin(file))
    file.write_text(credential("first"))
    client = await connect(None, submitting_inside_pod=False)
    file.write_text(credential("second", "2999-01-01T00:00:00Z"))
    assert await sent(client) == "Bearer second"
    file.write_text(credential("third"))
    assert await sent(client) == "Bearer second"


@pytest.mark.usefixtures("always_due")
async def test_a_plugin_that_fails_at_the_start_is_named_and_asked_again(new_user: NewUser, tmp_path: Path) -> None:
    file = tmp_path / "credential"
    new_user(plugin(file))
    client = await connect(None, submitting_inside_pod=False)
    with pytest.raises(ConfigException, match="the exec plugin of the kubeconfig file gives no token"):
        await sent(client)
    file.write_text(credential("late"))
    assert await sent(client) == "Bearer late"


@pytest.mark.usefixtures("always_due")
async def test_a_plugin_that_hangs_runs_once_and_its_late_token_counts(
    new_user: NewUser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubeconfig_token, "RENEWAL_SECONDS", 0.05)
    file, runs = tmp_path / "credential", tmp_path / "runs"
    new_user({"exec": {**plugin(file)["exec"], "command": "sh", "args": ["-c", f"echo >> {runs}; cat {file}"]}})
    file.write_text(credential("first"))
    client = await connect(None, submitting_inside_pod=False)
    file.unlink()
    os.mkfifo(file)
    assert [await sent(client) for _ in range(3)] == ["Bearer first"] * 3
    assert runs.read_text() == "\n\n"
    await asyncio.to_thread(file.write_text, credential("late", "2999-01-01T00:00:00Z"))
    monkeypatch.setattr(kubeconfig_token, "RENEWAL_SECONDS", 10.0)
    assert await sent(client) == "Bearer late"


async def test_a_plugin_that_hangs_at_the_start_is_named(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(**_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(connecting, "LOAD_SECONDS", 0.05)
    monkeypatch.setattr(connecting, "load_kube_config", hang)
    with pytest.raises(ConfigurationError, match=f"the exec plugin of the kubeconfig file {kubeconfig} does not end"):
        await connect(None, submitting_inside_pod=False)
