"""What Kubernetes takes as labels, their values, annotations and namespaces."""

import re
from collections.abc import Mapping
from typing import Any, Final

import attrs

IDENTITY: Final = frozenset({"component", "tenant", "namespace", "name"})
"""The labels by which the runtime finds a function's objects."""

_VALUE: Final = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_NAMESPACE: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_PREFIX: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LONGEST_PREFIX: Final = 253


def is_key(text: str) -> bool:
    """Whether a text can be the key of a label or an annotation: `name` or `prefix/name`."""
    prefix, slash, name = text.rpartition("/")
    prefixed = not slash or (len(prefix) <= _LONGEST_PREFIX and _PREFIX.fullmatch(prefix) is not None)
    return prefixed and bool(name) and _VALUE.fullmatch(name) is not None


def check_namespace(_: Any, attribute: "attrs.Attribute[Any]", value: str) -> None:
    """An attrs validator: the name of a namespace, or nothing."""
    if value and not _NAMESPACE.fullmatch(value):
        raise ValueError(
            f"'{attribute.name}' expected a namespace of Kubernetes (up to 63 of a-z, 0-9 and -), got {value!r:.80}"
        )


def check_keys(_: Any, attribute: "attrs.Attribute[Any]", value: Mapping[str, str]) -> None:
    """An attrs validator: every key can be a label's or an annotation's."""
    for key in value:
        if not is_key(key):
            raise ValueError(f"'{attribute.name}' {key!r:.80} cannot be a key: expected name or prefix/name")


def check_labels(instance: Any, attribute: "attrs.Attribute[Any]", value: Mapping[str, str]) -> None:
    """An attrs validator: every key can be a label's, every value its value."""
    check_keys(instance, attribute, value)
    for key, text in value.items():
        if not _VALUE.fullmatch(text):
            raise ValueError(
                f"'{attribute.name}' {key}: a value is up to 63 letters, digits, '-', '_' and '.', "
                f"of which the first and the last are letters or digits, not {text!r:.80}"
            )


def check_extra_labels(instance: Any, attribute: "attrs.Attribute[Any]", value: Mapping[str, str]) -> None:
    """An attrs validator: labels that leave alone those by which a function's objects are found."""
    check_labels(instance, attribute, value)
    for key in IDENTITY.intersection(value):
        raise ValueError(f"'{attribute.name}' {key}: this label says whose the objects are and cannot be set")
