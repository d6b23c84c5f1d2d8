from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pulsemill_instance.isolated_imports import IsolatedImporter
from pulsemill_instance.secretsprovider import SecretsProvider, load_secrets_provider
from pulsemill_instance.startup_errors import StartupError

OWN = """
class Vault:
    def init(self, config): self.config = config
    def provide_secret(self, name, path): return f"{self.config['prefix']}{name}{path}"
class Picky(Vault):
    def init(self, config): raise KeyError("address")
class Needy(Vault):
    def __init__(self, address): pass
class Nothing: pass
"""


class Loader:
    def __init__(self, folder: Path, importer: IsolatedImporter) -> None:
        self.package = folder / "own_secrets.py"
        self.package.write_text(OWN)
        self.importer = importer

    def __call__(self, name: str, config: dict[str, Any] | None = None, **environ: str) -> SecretsProvider:
        return load_secrets_provider(name, config, self.package, self.importer, environ)


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Loader]:
    with closing(IsolatedImporter([tmp_path], "fn")) as importer:
        yield Loader(tmp_path, importer)


@pytest.mark.parametrize("name", ["", "secretsprovider.ClearTextSecretsProvider"])
@pytest.mark.parametrize("value", ["value", {"user": "u"}, 5432, None])
def test_clear_text_is_what_the_map_holds(load: Loader, name: str, value: Any) -> None:
    assert load(name).provide_secret("key", value) == value


def test_the_environment_holds_secrets_by_their_name(load: Loader) -> None:
    provider = load("secretsprovider.EnvironmentBasedSecretsProvider", KEY="value")
    assert provider.provide_secret("KEY", "ignored") == "value"
    assert provider.provide_secret("OTHER", "ignored") is None


def test_the_packages_own_provider_is_initialized_with_its_configuration(load: Loader) -> None:
    assert load("own_secrets.Vault", {"prefix": "at "}).provide_secret("key", "/path") == "at key/path"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("own_secrets.Picky", "refused its configuration: 'address'"),
        ("own_secrets.Needy", "cannot be made without arguments"),
        ("own_secrets.Nothing", "lacks init"),
        ("own_secrets.Missing", "'Missing' does not exist"),
        ("secretsprovider.Missing", "Module 'secretsprovider' is not in"),
        ("Vault", "has no module"),
    ],
)
def test_what_is_no_provider_is_one_clear_reason(load: Loader, name: str, reason: str) -> None:
    with pytest.raises(StartupError, match=reason):
        load(name)
