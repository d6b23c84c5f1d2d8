"""docs/plugins.md names every hook with its exact arguments, and its example is a plugin that works."""

import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pulsemill.auth import KubernetesFunctionAuthProvider
from pulsemill.plugins import KINDS, PluginKind
from pulsemill.runtime import Runtime

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "plugins.md").read_text()
BASES = [*(kind.base for kind in KINDS), Runtime, KubernetesFunctionAuthProvider]


@pytest.mark.parametrize("kind", KINDS, ids=[kind.hook for kind in KINDS])
def test_every_hook_has_a_heading_its_base_its_keys_and_its_suite(kind: PluginKind[Any]) -> None:
    (section,) = re.findall(rf"^### {kind.hook}\(\)\n(.*?)(?=^### |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    for mentioned in (f"{kind.base.__module__}.{kind.base.__name__}", kind.name_key, kind.config_key):
        assert f"`{mentioned}`" in section
    assert f"pulsemill.testing.{kind.base.__name__}Contract" in section


def documented(base: type[Any]) -> dict[str, str]:
    (table,) = re.findall(rf"^\| `{base.__name__}` \| \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return dict(re.findall(r"^\| `(\w+)\((.*?)\)` \|", table, re.MULTILINE))


def actual(base: type[Any]) -> dict[str, str]:
    found = {}
    for name, member in vars(base).items():
        function = member.fget if isinstance(member, property) else member
        if not name.startswith("_") and inspect.isfunction(function):
            found[name] = ", ".join(inspect.signature(function).parameters)
    return found


@pytest.mark.parametrize("base", BASES, ids=[base.__name__ for base in BASES])
def test_every_method_stands_there_with_its_exact_arguments(base: type[Any]) -> None:
    assert documented(base) == actual(base)


def write_example(folder: Path) -> None:
    """Lay the page's code blocks out as the files that their first lines name, and install them as pip would."""
    for name, code in re.findall(r"```python\n# (\S+)\n(.*?)```", PAGE, re.DOTALL):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(code)
    (entry_points,) = re.findall(r"```toml\n\[project\.entry-points\.pulsemill\]\n(.*?)```", PAGE, re.DOTALL)
    metadata = folder / "acme_secrets-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-secrets\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[pulsemill]\n{entry_points.replace(chr(34), '')}")


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        [Path(sys.executable).with_name(command[0]), *command[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A folder with the page's example plugin."""
    write_example(tmp_path)
    return tmp_path


def test_the_examples_pass_the_suites(example: Path) -> None:
    result = run(example, "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(example), "-c", os.devnull)
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"^\d\d+ passed", result.stdout, re.MULTILINE)


DELIVER = """
import sys
from acme_secrets.configurator import FolderConfig, FolderSecretsProviderConfigurator
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.secretsprovider import EnvironmentBasedSecretsProvider

details = FunctionDetails(secretsMap='{"password": {}}')
configurator = FolderSecretsProviderConfigurator(FolderConfig(sys.argv[1]))
assert configurator.get_secrets_provider_class_name(details) == "secretsprovider.EnvironmentBasedSecretsProvider"
environment = configurator.configure_process_runtime(details)
print(dict(environment), EnvironmentBasedSecretsProvider(environment).provide_secret("password", {}))
"""


def test_the_example_delivers_the_secrets_that_a_function_names_and_no_others(example: Path, tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    (secrets / "folder").mkdir(parents=True)
    (secrets / "password").write_text("hunter2\n")
    (secrets / "other").write_text("of somebody else")

    result = run(example, "python", "-c", DELIVER, str(secrets))

    assert result.stdout == "{'password': 'hunter2'} hunter2\n", result.stderr


def test_the_example_is_found_and_selected_from_its_yaml(example: Path) -> None:
    (settings,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (example / "functions_worker.yml").write_text(settings)
    result = run(example, "pulsemill", "config", "check", "functions_worker.yml", "--json")
    assert (result.returncode, json.loads(result.stdout)["findings"]) == (0, []), result.stdout + result.stderr
    listed = json.loads(run(example, "pulsemill", "plugins", "--json").stdout)
    assert [row["names"] for row in listed if row["distribution"] == "acme-secrets"] == [
        ["com.acme.FolderSecretsProviderConfigurator", "acme-folder"]
    ]
