"""What create, update and localrun make of a file and flags."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.admin.components import Code
from pulsemill.cli.components.definition import find_code
from pulsemill.cli.components.names import ComponentArgumentError
from pulsemill.cli.functions.definition import define_new, define_update, merge

PY = {"py": "https://example.org/echo.py"}


def test_flags_override_the_file_and_nothing_else_does() -> None:
    file = {"output": "o", "outputSchemaType": "JSON", "forwardSourceMessageProperty": False, "parallelism": 2}

    assert merge(file, {"parallelism": 3}) == {**file, "parallelism": 3}


def test_dotted_flags_keep_the_files_other_nested_keys() -> None:
    merged = merge({"resources": {"cpu": 1.0, "ram": 5}}, {"resources.ram": 7})

    assert merged == {"resources": {"cpu": 1.0, "ram": 7}}


def test_merging_leaves_the_file_untouched() -> None:
    file = {"resources": {"cpu": 1.0}}
    merge(file, {"resources.cpu": 2.0})

    assert file == {"resources": {"cpu": 1.0}}


@given(st.dictionaries(st.sampled_from(["output", "logTopic", "subName", "parallelism"]), st.integers()))
def test_merging_no_flags_is_the_file(file: dict[str, int]) -> None:
    assert merge(file, {}) == file


def test_fqfn_names_the_function() -> None:
    assert merge({"name": "old"}, {"fqfn": "t/n/f"}) == {"tenant": "t", "namespace": "n", "name": "f"}


def test_naming_flags_override_the_files_fqfn() -> None:
    assert merge({"fqfn": "t/n/f"}, {"name": "g"})["name"] == "g"


def test_a_function_named_in_both_ways_is_refused() -> None:
    with pytest.raises(ComponentArgumentError, match="You must specify either a Fully Qualified Function Name"):
        merge({}, {"fqfn": "t/n/f", "name": "g"})


@pytest.mark.parametrize("fqfn", ["f", "t/f", "t/n/", "/n/f", "t/n/f/g"])
def test_a_malformed_fqfn_is_refused(fqfn: str) -> None:
    with pytest.raises(ComponentArgumentError, match="must be of the form tenant/namespace/name"):
        merge({}, {"fqfn": fqfn})


def test_a_function_type_is_a_built_in_jar() -> None:
    assert merge({}, {"functionType": "exclamation"}) == {"jar": "builtin://exclamation"}
    with pytest.raises(ComponentArgumentError, match="Cannot specify both jar and function-type"):
        merge({"jar": "x.jar"}, {"functionType": "exclamation"})


def test_names_are_inferred() -> None:
    definition = define_new({**PY, "className": "pack.mod.Echo"}, {})

    assert definition.config == {
        **PY, "className": "pack.mod.Echo", "name": "Echo", "tenant": "public", "namespace": "default"
    }  # fmt: skip
    assert definition.code == Code(url=PY["py"])


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({**PY, "name": "f"}, "No Function Classname specified"),
        ({"jar": "https://example.org/f.jar", "name": "f"}, "No Function Classname specified"),
        ({"go": "https://example.org/f"}, "No Function name specified"),
        ({"name": "f", "className": "a.B"}, "Please specify one."),
        ({**PY, "go": "https://example.org/f", "name": "f"}, "more than one of jar, py and go: py and go are given"),
        ({"py": "/no/such.py", "className": "a.B"}, "The specified python file does not exist"),
        ({"jar": "/no/such.jar", "className": "a.B"}, "The specified jar file does not exist"),
        ({"go": "/no/such", "name": "f"}, "The specified go executable binary file does not exist"),
    ],
)
def test_incomplete_definitions_are_refused(config: dict[str, str], expected: str) -> None:
    with pytest.raises(ComponentArgumentError, match=expected):
        define_new(config, {})


def test_a_built_in_needs_no_class() -> None:
    definition = define_new({"jar": "builtin://exclamation", "name": "f"}, {})

    assert definition.code == Code()


def test_an_update_needs_only_the_name() -> None:
    assert define_update({}, {"name": "f"}).config == {"name": "f", "tenant": "public", "namespace": "default"}
    with pytest.raises(ComponentArgumentError, match="Function Name not provided"):
        define_update({}, {"className": "a.B"})


def test_a_local_file_is_uploaded(tmp_path: Path) -> None:
    file = tmp_path / "f.py"
    file.touch()

    assert find_code(str(file), "absent") == Code(path=file)


@pytest.mark.parametrize(
    "url", ["http://h/f.py", "https://h/f.py", "file:///f.py", "function://t/n/f@1", "sink://t/n/f@1"]
)
def test_a_url_is_for_the_worker(url: str) -> None:
    assert find_code(url, "absent") == Code(url=url)
