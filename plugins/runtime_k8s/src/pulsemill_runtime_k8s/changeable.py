"""What the ConfigMap of changeConfigMap may change. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from pulsemill.config.keys import key_name
from pulsemill_runtime_k8s.settings import Settings

NOT_TEXT: Final = "only texts can be changed while the worker runs"
CONNECTION: Final = "the connection to Kubernetes is made once, at the worker's start"


def changeable(settings: Settings) -> Mapping[str, str]:
    """The attribute of each key that a ConfigMap may change: the texts, as upstream."""
    return {key_name(each): each.name for each in _fields(settings) if _is_text(each) and each.name != "k8_uri"}


def _fields(settings: Settings) -> Sequence["attrs.Attribute[Any]"]:
    fields: Sequence[attrs.Attribute[Any]] = attrs.fields(attrs.resolve_types(type(settings)))
    return fields


def _is_text(field: "attrs.Attribute[Any]") -> bool:
    return field.type in (str, str | None)


FIXED: Final = {
    **{key_name(each): NOT_TEXT for each in attrs.fields(attrs.resolve_types(Settings)) if not _is_text(each)},
    "k8Uri": CONNECTION,
    "logDirectory": "pods log to their standard output",
}
"""Why a key of the ConfigMap has no effect."""
