"""A local run's options become a worker's configuration."""

from pathlib import Path

import pytest

from pulsemill.admin.components import Code
from pulsemill.errors import PulsemillError
from pulsemill.localrun.functions import local_function
from pulsemill.localrun.settings import (
    LocalRunSettings,
    local_instances,
    package_url,
    worker_config,
)

CONFIG = {
    "tenant": "t",
    "namespace": "n",
    "name": "f",
    "className": "m.F",
    "py": "m.py",
    "inputs": ["a"],
    "parallelism": 2,
}
ROOT = Path("/root-of-the-run")


def test_every_instance_is_run_from_the_offset_on() -> None:
    instances = local_instances(local_function(CONFIG, Code()), Code(path=Path("/code/m.py")), 5)

    assert [instance.instanceId for instance in instances] == [5, 6]
    location = instances[0].functionMetaData.packageLocation
    assert (location.packagePath, location.originalFileName) == ("file:///code/m.py", "m.py")


def test_only_the_functions_own_package_may_be_fetched() -> None:
    config = worker_config(LocalRunSettings(), ROOT, "pulsar://b:1", "file:///code/m.py")

    assert config.additional_enabled_functions_url_patterns == (r"file:///code/m\.py",)


def test_a_built_in_function_cannot_run_locally() -> None:
    with pytest.raises(PulsemillError, match="runs on a worker only"):
        package_url(Code())


def test_everything_is_written_below_the_root() -> None:
    config = worker_config(LocalRunSettings(), ROOT, "pulsar://b:1", "")

    assert config.pulsar_service_url == "pulsar://b:1"
    assert config.function_runtime_factory_configs == {"logDirectory": str(ROOT / "logs")}
    assert Path(config.download_directory).is_relative_to(ROOT)
    assert Path(config.pulsemill.packages_directory).is_relative_to(ROOT)


def test_state_is_kept_below_the_root_unless_a_place_is_given() -> None:
    code = package_url(Code(url="http://host/m.py"))
    own = worker_config(LocalRunSettings(), ROOT, "pulsar://b", code)
    given = worker_config(LocalRunSettings(state_storage_service_url="bk://bookie:4181"), ROOT, "pulsar://b", code)
    assert own.state_storage_service_url == "sqlite:///root-of-the-run/state.db"
    assert given.state_storage_service_url == "bk://bookie:4181"


def test_without_credentials_and_tls_nothing_is_authenticated() -> None:
    assert not worker_config(LocalRunSettings(), ROOT, "pulsar://b:1", "").authentication_enabled


def test_credentials_tls_and_secrets_reach_the_configuration() -> None:
    settings = LocalRunSettings(
        runtime="thread",
        client_auth_plugin="token",
        client_auth_params="token:abc",
        use_tls=True,
        tls_trust_cert_path="/ca.pem",
        secrets_provider_class_name="m.Provider",
        secrets_provider_config={"k": "v"},
    )
    config = worker_config(settings, ROOT, "pulsar+ssl://b:1", "")

    assert config.authentication_enabled
    assert config.broker_client_authentication_parameters == "token:abc"
    assert (config.use_tls, config.broker_client_trust_certs_file_path) == (True, "/ca.pem")
    assert config.function_runtime_factory_configs == {}
    assert config.secrets_provider_configurator_config == {
        "secretsProviderClassName": "m.Provider",
        "secretsProviderConfig": {"k": "v"},
    }
    assert "abc" not in repr(settings)
