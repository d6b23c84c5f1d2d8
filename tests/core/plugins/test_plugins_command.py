"""`pulsemill plugins` shows what is installed, broken plugins included."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pulsemill.cli.main import main


def install(folder: Path, name: str, code: str) -> None:
    """What pip leaves of a distribution: a module and its metadata."""
    module = name.replace("-", "_")
    (folder / f"{module}.py").write_text(code)
    metadata = folder / f"{module}-3.4.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 3.4\n")
    (metadata / "entry_points.txt").write_text(f"[pulsemill]\nmain = {module}\n")


GOOD = """
from pulsemill.hookspecs import hookimpl
from pulsemill.secrets_configurators import DefaultSecretsProviderConfigurator

class Vault(DefaultSecretsProviderConfigurator):
    names = ("org.acme.Vault", "acme-vault")

@hookimpl
def pulsemill_secrets_configurators():
    return [Vault]
"""


def test_every_plugin_is_a_row() -> None:
    result = CliRunner().invoke(main, ["plugins", "--json"])
    assert result.exit_code == 0
    rows = json.loads(result.output)
    (default,) = [row for row in rows if "default" in row["names"]]
    assert default["distribution"] == "pulsemill"
    assert default["hook"] == "pulsemill_secrets_configurators"
    assert default["class"] == "pulsemill.secrets_configurators:DefaultSecretsProviderConfigurator"
    assert default["names"][0].startswith("org.apache.pulsar.functions.")
    assert default["error"] is None


def test_a_third_partys_distribution_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "acme-good-vault", GOOD)
    monkeypatch.syspath_prepend(str(tmp_path))
    result = CliRunner().invoke(main, ["plugins"])
    assert result.exit_code == 0
    assert "acme-good-vault" in result.output
    assert "3.4" in result.output
    assert "acme_good_vault:Vault" in result.output
    assert "org.acme.Vault" in result.output


def test_a_broken_plugin_is_a_row_with_its_error_and_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "acme-broken-vault", "import hvac_that_is_missing\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    result = CliRunner().invoke(main, ["plugins", "--json"])
    assert result.exit_code == 1
    (broken,) = [row for row in json.loads(result.output) if row["error"]]
    assert (broken["distribution"], broken["version"], broken["class"]) == ("acme-broken-vault", "3.4", None)
    assert "No module named 'hvac_that_is_missing'" in broken["error"]
    assert "Traceback" not in result.output
