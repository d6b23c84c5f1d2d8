"""A configuration file is read strictly."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pulsemill.cli.components.config_file import load_config_file
from pulsemill.cli.functions.kind import FUNCTION
from pulsemill.cli.sources.kind import SOURCE
from pulsemill.errors import PulsemillError


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "function.yaml"
        path.write_text(text)
        return path

    return write


def test_keys_of_function_config_are_read_as_they_are(write: Callable[[str], Path]) -> None:
    path = write("name: echo\ninputs: [a, b]\nuserConfig: {limit: 3}\nparallelism: 2\n")

    assert load_config_file(FUNCTION, path) == {
        "name": "echo",
        "inputs": ["a", "b"],
        "userConfig": {"limit": 3},
        "parallelism": 2,
    }


def test_another_spelling_of_a_key_is_read_as_the_one_that_its_flag_sets(write: Callable[[str], Path]) -> None:
    assert load_config_file(SOURCE, write("serdeClassname: a.B\n")) == {"serdeClassName": "a.B"}


def test_keys_without_a_value_count_as_not_given(write: Callable[[str], Path]) -> None:
    assert load_config_file(FUNCTION, write("name: echo\nlogTopic:\n")) == {"name": "echo"}


def test_an_unknown_key_is_refused_with_the_nearest_one(write: Callable[[str], Path]) -> None:
    with pytest.raises(PulsemillError, match=r"function\.yaml has no field 'classname'; did you mean className\?"):
        load_config_file(FUNCTION, write("classname: a.B\n"))


def test_an_unknown_nested_key_is_refused_by_its_path(write: Callable[[str], Path]) -> None:
    with pytest.raises(PulsemillError, match=r"inputSpecs\['t'\] has no field 'schematype'; did you mean schemaType\?"):
        load_config_file(FUNCTION, write("inputSpecs: {t: {schematype: json}}\n"))


def test_a_value_of_the_wrong_type_is_refused(write: Callable[[str], Path]) -> None:
    with pytest.raises(PulsemillError, match="parallelism: expected a whole number"):
        load_config_file(FUNCTION, write("parallelism: many\n"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [", "is not YAML"),
        ("- a\n- b\n", "must hold keys and values"),
        ("", "must hold keys and values"),
        ("userConfig: {since: 2020-01-01}\n", "quote dates"),
    ],
)
def test_what_is_no_configuration_is_refused(write: Callable[[str], Path], text: str, expected: str) -> None:
    with pytest.raises(PulsemillError, match=expected):
        load_config_file(FUNCTION, write(text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PulsemillError, match=r"cannot read the function config file .*absent\.yaml"):
        load_config_file(FUNCTION, tmp_path / "absent.yaml")
