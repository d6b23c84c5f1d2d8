"""Locations of packages that are not stored ones."""

import pytest

from pulsemill.packages.locations import shown_location


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://me:secret@host:8443/a@1.jar", "https://host:8443/a@1.jar"),
        ("https://secret@host/a.jar", "https://host/a.jar"),
        ("https://me:se@cret@host/a.jar", "https://host/a.jar"),
        ("https://host/a.jar?X-Signature=secret#secret", "https://host/a.jar"),
        ("function://t/n/x@1", "function://t/n/x@1"),
        ("file:///a/b.py", "file:///a/b.py"),
        ("builtin://acme", "builtin://acme"),
        ("t/n/f/0123-x.py", "t/n/f/0123-x.py"),
    ],
)
def test_a_location_is_shown_without_what_may_be_secret(location: str, shown: str) -> None:
    assert shown_location(location) == shown


@pytest.mark.parametrize(
    "location", ["https://me:se/cret@host/a", "https://me:se?cret@host/a", "https://me:secret@[host/"]
)
def test_a_malformed_url_is_not_shown(location: str) -> None:
    assert shown_location(location) == "(a malformed URL, not shown because a password may be in it)"
