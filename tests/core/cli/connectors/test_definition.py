"""What create, update and localrun make of a file and flags, for sources and sinks."""

from pathlib import Path

import pytest

from pulsemill.admin.components import Code
from pulsemill.cli.components.names import ComponentArgumentError
from pulsemill.cli.connectors.definition import define_new, define_update

NAMED = {"name": "c"}


@pytest.mark.parametrize("name", ["source", "sink"])
def test_a_type_is_a_built_in_archive(name: str) -> None:
    definition = define_new(name, NAMED, {f"{name}Type": "x"})

    assert definition.config == {**NAMED, "archive": "builtin://x", "tenant": "public", "namespace": "default"}
    assert (definition.code, definition.builtin_type) == (Code(), "x")


def test_a_built_in_archive_is_no_type() -> None:
    assert define_new("sink", NAMED, {"archive": "builtin://x"}).builtin_type is None


def test_the_flag_of_a_type_overrides_the_files_archive_and_type() -> None:
    for file in ({"archive": "builtin://old"}, {"sinkType": "old"}):
        assert define_new("sink", NAMED | file, {"sinkType": "x"}).config["archive"] == "builtin://x"


@pytest.mark.parametrize(
    ("file", "flags"),
    [
        ({}, {"archive": "builtin://a", "sourceType": "b"}),
        ({"sourceType": "b"}, {"archive": "builtin://a"}),
        ({"archive": "builtin://a", "sourceType": "b"}, {}),
    ],
)
def test_two_ways_to_name_the_code_are_refused(file: dict[str, str], flags: dict[str, str]) -> None:
    with pytest.raises(ComponentArgumentError, match="Cannot specify both archive and source-type"):
        define_new("source", NAMED | file, flags)


def test_a_local_archive_is_uploaded_and_a_url_is_for_the_worker(tmp_path: Path) -> None:
    archive = tmp_path / "c.nar"
    archive.touch()

    assert define_new("source", NAMED, {"archive": str(archive)}).code == Code(path=archive)
    assert define_new("source", NAMED, {"archive": "https://h/c.nar"}).code == Code(url="https://h/c.nar")


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (NAMED, "Source archive not specified"),
        ({"archive": "builtin://x"}, "Source name not specified"),
        ({**NAMED, "archive": "/no/such.nar"}, r"Source Archive /no/such\.nar does not exist"),
        ({**NAMED, "archive": "builtin://x", "batchSourceConfig": {}}, "Discovery Triggerer not specified"),
    ],
)
def test_incomplete_definitions_are_refused(config: dict[str, object], expected: str) -> None:
    with pytest.raises(ComponentArgumentError, match=expected):
        define_new("source", config, {})


def test_an_update_needs_only_the_name() -> None:
    assert define_update("sink", {}, NAMED).config == {**NAMED, "tenant": "public", "namespace": "default"}
    with pytest.raises(ComponentArgumentError, match="Sink name not specified"):
        define_update("sink", {"parallelism": 2}, {})


def test_flags_override_the_file_and_nothing_else_does() -> None:
    file = {"name": "c", "maxMessageRetries": 3, "resources": {"cpu": 1.0, "ram": 5}, "configs": {"a": 1}}
    config = define_update("sink", file, {"resources.ram": 7, "configs": {"b": 2}}).config

    assert config["maxMessageRetries"] == 3
    assert config["resources"] == {"cpu": 1.0, "ram": 7}
    assert config["configs"] == {"b": 2}
