"""Names in Pulsar's packages service."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.errors import PackageError
from pulsemill.packages.names import PackageName, is_managed

PART = st.text(st.characters(exclude_characters="/@", exclude_categories=["Cs"]), min_size=1).filter(
    lambda text: text not in {".", ".."}
)


@given(st.builds(PackageName, st.sampled_from(["function", "source", "sink"]), PART, PART, PART, PART))
def test_a_name_is_read_back(name: PackageName) -> None:
    assert PackageName.parse(str(name)) == name
    assert is_managed(str(name))
    assert name.path.count("/") == 4


def test_no_version_is_the_latest() -> None:
    assert str(PackageName.parse("sink://t/n/f")) == "sink://t/n/f@latest"


def test_the_path_is_escaped() -> None:
    assert PackageName.parse("function://t/n/a b?@1#2").path == "function/t/n/a%20b%3F/1%232"


@pytest.mark.parametrize(
    "text", ["function://t/n", "function://t/n/f@", "function://t/n/f/g@1", "function://../n/f@1", "jar://t/n/f@1", ""]
)
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(PackageError, match="is no package name"):
        PackageName.parse(text)
