"""Somebody else's cluster: what has to be told of it."""

from pathlib import Path
from typing import Any

import pytest

from tests.rig.errors import RigError
from tests.rig.kubernetes import existing

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: theirs
clusters: [{name: theirs, cluster: {server: "http://127.0.0.1:6443"}}]
contexts: [{name: theirs, context: {cluster: theirs, user: me}}]
users: [{name: me, user: {}}]
"""


class Archive:
    """An image that is loaded."""

    reference = "docker.io/rig/fn:1"

    def write(self, file: Any) -> None:
        file.write(b"layers")


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config"
    path.write_text(KUBECONFIG)
    monkeypatch.setenv("KUBECONFIG", str(path))
    return path


def load(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(existing.LOAD, command)
    existing.existing_cluster().load_image(Archive())  # type: ignore[arg-type]  # a fake


@pytest.mark.parametrize(("chosen", "wanted"), [("", False), ("existing", True)])
def test_it_is_used_when_it_is_asked_for(chosen: str, wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(existing.CHOICE, chosen)
    assert existing.existing_is_wanted() == wanted


def test_another_choice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(existing.CHOICE, "kind")
    with pytest.raises(RigError, match="the only choice is 'existing'"):
        existing.existing_is_wanted()


def test_it_needs_a_kubeconfig(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    with pytest.raises(RigError, match="needs KUBECONFIG"):
        existing.existing_cluster()


def test_pods_find_this_machine_by_its_address_towards_the_cluster(
    kubeconfig: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert existing.existing_cluster().host == "127.0.0.1"
    monkeypatch.setenv(existing.HOST, "10.0.0.9")
    assert existing.existing_cluster().host == "10.0.0.9"


def test_images_are_loaded_by_the_command_that_is_given(
    kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = tmp_path / "loaded"
    load(f"sh -c 'cp $0 {loaded}'", monkeypatch)
    assert loaded.read_bytes() == b"layers"


def test_without_a_command_or_with_one_that_fails_it_says_so(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RigError, match=r"is needed to load docker\.io/rig/fn:1"):
        load("", monkeypatch)
    with pytest.raises(RigError, match="sh -c 'echo full; false' failed: full"):
        load("sh -c 'echo full; false'", monkeypatch)
