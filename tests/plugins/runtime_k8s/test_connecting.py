"""How the worker finds its API server."""

import json
from pathlib import Path

import pytest

from pulsemill.errors import ConfigurationError
from pulsemill_runtime_k8s.connecting import connect


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
