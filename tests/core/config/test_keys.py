"""The table of keys is complete, of upstream's types, and leaves no key without a fate."""

from pathlib import Path
from typing import Any

import attrs
import pytest

from pulsemill.config.keys import Honoured, Key, Refused, WithoutEffect, camel_case, key, key_name, keys_of
from pulsemill.config.resources import Resources
from pulsemill.config.worker_config import WorkerConfig

UPSTREAM_KEYS = dict(
    line.split(maxsplit=1) for line in Path(__file__).with_name("upstream_keys.txt").read_text().splitlines()
)
TYPES: dict[str, tuple[Any, ...]] = {
    "String": (str, str | None),
    "boolean": (bool,),
    "Boolean": (bool, bool | None),
    "int": (int,),
    "long": (int,),
    "double": (float,),
    "Integer": (int | None,),
    "List<String>": (tuple[str, ...],),
    "Set<String>": (frozenset[str],),
    "Properties": (dict[str, str],),
    "Resources": (Resources | None,),
    "Map<String,Object>": (dict[str, Any], dict[str, Any] | None),
    "Map<String,String>": (dict[str, Any] | None,),
    "ThreadContainerFactory": (dict[str, Any] | None,),
    "ProcessContainerFactory": (dict[str, Any] | None,),
    "KubernetesContainerFactory": (dict[str, Any] | None,),
}
KEYS = keys_of(WorkerConfig)


def test_every_key_of_upstream_is_there_and_only_one_of_ours() -> None:
    assert len(UPSTREAM_KEYS) == 122
    assert set(KEYS) == {*UPSTREAM_KEYS, "pulsemill"}


@pytest.mark.parametrize(("name", "java_type"), UPSTREAM_KEYS.items())
def test_a_key_has_upstreams_type(name: str, java_type: str) -> None:
    assert KEYS[name].type in TYPES[java_type]


@pytest.mark.parametrize("declared", KEYS.values(), ids=KEYS)
def test_a_key_is_honoured_by_a_named_part_or_has_a_reason_why_not(declared: Key) -> None:
    assert declared.meaning.endswith(".")
    match declared.effect:
        case Honoured(by, since):
            assert by.split(".")[0].startswith("pulsemill")
            assert since.count(".") == 2
        case WithoutEffect(reason) | Refused(reason):
            assert len(reason) > 10


@pytest.mark.parametrize(
    "name",
    ["tlsEnabledWithKeyStore", "webServiceTlsCiphers"],
)
def test_what_cannot_protect_is_refused(name: str) -> None:
    assert isinstance(KEYS[name].effect, Refused)


def test_a_key_that_is_honoured_and_without_effect_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="exactly one"):
        key("", "A meaning.", read_by="pulsemill.worker", unused="nothing reads it")


def test_secrets_never_show_in_a_repr() -> None:
    secret = "s3cr3t-value"
    config = WorkerConfig(
        broker_client_authentication_parameters=secret,
        client_authentication_parameters=secret,
        bookkeeper_client_authentication_parameters=secret,
        tls_key_store_password=secret,
        tls_trust_store_password=secret,
        properties={"tokenSecretKey": secret},
        function_runtime_factory_configs={"token": secret},
        secrets_provider_configurator_config={"password": secret},
        runtime_customizer_config={"password": secret},
        thread_container_factory={"token": secret},
    )
    assert secret not in repr(config)


@pytest.mark.parametrize(
    ("attribute", "name"),
    [("worker_id", "workerId"), ("k8_uri", "k8Uri"), ("tls_enabled", "tlsEnabled"), ("name", "name"), ("a_1b", "a1b")],
)
def test_one_rule_makes_keys_of_attributes(attribute: str, name: str) -> None:
    assert camel_case(attribute) == name


def test_a_name_that_the_rule_does_not_give_can_be_declared() -> None:
    @attrs.frozen
    class Config:
        admin: str = attrs.field(default="", metadata={"key": "configAdminCLI"})
        collector: str = key("", "A collector.", read_by="pulsemill.worker", name="jvmGCCollector")

    assert [key_name(field) for field in attrs.fields(Config)] == ["configAdminCLI", "jvmGCCollector"]
