"""How a configuration key is declared: its meaning and what happens to it stand beside its type and default.

Everything that shows keys (`pulsemill config explain`, docs/configuration.md) and everything that judges them (the
loader, the tests) reads these declarations; there is no second list.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import attrs

METADATA: Final = "pulsemill"


@attrs.frozen
class Honoured:
    """The key works; `by` names the part that reads it."""

    by: str
    since: str = "0.1.0"


@attrs.frozen
class WithoutEffect:
    """The key is accepted, so that upstream's files load, but nothing reads it, for this reason."""

    reason: str


@attrs.frozen
class Refused:
    """The key cannot be switched on: ignoring it would take away something that the user relies on."""

    reason: str


Effect = Honoured | WithoutEffect | Refused


@attrs.frozen
class Declaration:
    """What `key` attaches to an attribute."""

    meaning: str
    effect: Effect
    derived: str = ""
    sample: Any = None
    name: str = ""


@attrs.frozen
class Key:
    """One key of a configuration class. `default` is the attribute's, `derived` says what an empty one becomes.

    `sample` is the value in the file that upstream ships, where that is not the default.
    """

    name: str
    attribute: str
    type: Any
    default: Any
    meaning: str
    effect: Effect
    derived: str
    sample: Any
    secret: bool


def key(
    default: Any,
    meaning: str,
    *,
    read_by: str = "",
    unused: str = "",
    refused: str = "",
    secret: bool = False,
    derived: str = "",
    sample: Any = None,
    name: str = "",
) -> Any:
    """Declare a key, with exactly one of: who honours it, why it has no effect, why it is refused.

    `name` is the key as written in YAML where it is not the attribute in camelCase. A secret never shows in a repr.
    """
    declaration = Declaration(meaning, _effect(read_by, unused, refused), derived, sample, name)
    return attrs.field(default=default, repr=not secret, metadata={METADATA: declaration})


def _effect(read_by: str, unused: str, refused: str) -> Effect:
    if [bool(read_by), bool(unused), bool(refused)].count(True) != 1:
        raise TypeError("a key is honoured, without effect or refused: give exactly one of read_by, unused, refused")
    return Honoured(read_by) if read_by else WithoutEffect(unused) if unused else Refused(refused)


def key_name(attribute: "attrs.Attribute[Any]") -> str:
    """The attribute's name in YAML: camelCase, unless it was declared with a name of its own.

    A plugin that does not use `key` gives an odd name in `metadata={"key": ...}`.
    """
    declared = attribute.metadata.get(METADATA)
    given = declared.name if declared else attribute.metadata.get("key", "")
    return given or camel_case(attribute.alias or attribute.name)


def camel_case(attribute: str) -> str:
    """`log_directory` -> `logDirectory`: the rule for every attribute and key."""
    return re.sub(r"_([a-z0-9])", lambda match: match.group(1).upper(), attribute)


def keys_of(cls: type[Any]) -> Mapping[str, Key]:
    """The declared keys of a configuration class, by name, in the order of their declaration."""
    fields = attrs.fields(attrs.resolve_types(cls))
    return {key_name(field): _key(field) for field in fields if METADATA in field.metadata}


def _key(field: "attrs.Attribute[Any]") -> Key:
    declared: Declaration = field.metadata[METADATA]
    factory = isinstance(field.default, attrs.Factory)  # type: ignore[arg-type] # attrs types it as a function
    default = field.default.factory() if factory else field.default  # type: ignore[union-attr]
    return Key(
        name=key_name(field),
        attribute=field.name,
        type=field.type,
        default=default,
        meaning=declared.meaning,
        effect=declared.effect,
        derived=declared.derived,
        sample=declared.sample,
        secret=not field.repr,
    )
