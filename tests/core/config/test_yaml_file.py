"""YAML comes with its lines, keeps text as text, and fails in one sentence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.config.yaml_file import YamlFileError, parse_value, parse_yaml, read_yaml_file

NAME = "functions_worker.yml"


def test_every_key_and_item_has_its_line() -> None:
    text = "# a comment\na: 1\nb:\n  c: x\n  d:\n  - one\n  - e: two\n"
    assert parse_yaml(text, NAME).lines == {"a": 2, "b": 3, "b.c": 4, "b.d": 5, "b.d[0]": 6, "b.d[1]": 7, "b.d[1].e": 7}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("-1", -1), ("1.5", 1.5), ("true", True), ("false", False), ("null", None), ("~", None), ("", None),
        ("'12'", "12"), ('"true"', "true"), ("'null'", "null"), ("[a, 1]", ["a", 1]), ("{a: {b: 1}}", {"a": {"b": 1}}),
        ("007", "007"), ("1.10", "1.10"), ("0x1F", "0x1F"), ("1_000", "1_000"), ("yes", "yes"), ("on", "on"),
        ("12:30:45", "12:30:45"), ("2024-01-01", "2024-01-01"), ("1e3", "1e3"), (".inf", ".inf"), ("nan", "nan"),
        ("True", "True"), ("|\n 5\n", "5\n"),
    ],
)  # fmt: skip
def test_text_becomes_something_else_only_when_nothing_is_lost(text: str, value: object) -> None:
    result = parse_value(text, NAME)
    assert result == value
    assert type(result) is type(value)


@given(st.text(alphabet="0123456789.+-eE_xo:", min_size=1))
def test_the_text_of_a_plain_scalar_can_be_had_back(text: str) -> None:
    try:
        value = parse_value(f"- {text}", NAME)[0]
    except YamlFileError:
        return
    if isinstance(value, (str, int, float)):
        assert str(value) == text


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "is not YAML"),
        ("a: 1\n\tb: 2\n", 2, "is not YAML"),
        ("a: 1\n  b: 2\n", 2, "is not YAML"),
        ("a: &x [1]\nb: *y\n", 2, "is not YAML"),
        ("a: 1\n---\nb: 2\n", 2, "is not YAML"),
        ("- a\n- b\n", 1, "expected lines of `key: value`, got a list"),
        ("just text\n", 1, "expected lines of `key: value`, got text"),
        ("a: 1\n? [x, y]\n: 2\n", 2, "expected a name as key, got a list"),
        ("a: !!python/object/apply:os.system [echo]\n", 1, "has the tag"),
        ("a: !secret x\n", 1, "a has the tag !secret"),
        ("a:\n  b: &x\n    c: *x\n", 2, "a.b.c contains itself"),
        ("", None, "is empty"),
        ("# only a comment\n", None, "is empty"),
        ("null\n", None, "is empty"),
        ("a: \x00\n", None, "is not YAML"),
        ("[" * 5000, None, "is nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_one_error_with_its_line(text: str, line: int | None, message: str) -> None:
    with pytest.raises(YamlFileError) as caught:
        parse_yaml(text, NAME)
    assert (caught.value.line, message in caught.value.message) == (line, True), str(caught.value)
    assert str(caught.value).startswith(f"{NAME}:{line}: " if line else f"{NAME}: ")


def test_a_doubled_key_is_noticed_and_the_last_wins() -> None:
    file = parse_yaml("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n", NAME)
    assert file.mapping == {"a": 3, "b": {"c": 2}}
    assert [(finding.path, finding.line) for finding in file.findings] == [("b.c", 4), ("a", 5)]
    assert "replaces the one on line 3" in file.findings[0].message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(YamlFileError, match=r"none\.yml: cannot be read: No such file"):
        read_yaml_file(tmp_path / "none.yml")


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "binary.yml").write_bytes(b"a: \xff\xfe")
    with pytest.raises(YamlFileError, match=r"binary\.yml: is not a text file in UTF-8 \(byte 3\)"):
        read_yaml_file(tmp_path / "binary.yml")


def test_an_anchor_can_be_used_twice() -> None:
    assert parse_yaml("a: &x {b: 1}\nc: *x\n", NAME).mapping == {"a": {"b": 1}, "c": {"b": 1}}
