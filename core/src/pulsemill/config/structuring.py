"""Turns mappings from YAML into attrs classes.

Of every value that does not fit, an error says where it is and what was expected.

An empty key keeps its default, unless its type allows null; upstream's Jackson would set 0 or false there.
"""

import functools
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, get_args, get_origin

import attrs
import cattrs
from cattrs.cols import homogenous_tuple_structure_factory, mapping_structure_factory
from cattrs.gen import make_dict_structure_fn, override

from pulsemill.config.annotations import admits_null, is_collection, is_mapping
from pulsemill.config.coercions import MismatchError, to_bool, to_float, to_int, to_str
from pulsemill.config.keys import key_name

C = TypeVar("C")
Hook = Callable[[Any, Any], Any]


@attrs.frozen
class Problem:
    """A value that does not fit, at its path below the structured mapping."""

    path: str
    message: str


class StructuringError(Exception):
    """A mapping does not fit a class. Carries every problem, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.path}: {problem.message}" for problem in problems))
        self.problems = problems


def structure(mapping: Any, cls: type[C]) -> C:
    """Make an object of an attrs class from a mapping whose keys are its attributes in camelCase."""
    try:
        return _converter().structure(mapping, cls)
    except (cattrs.BaseValidationError, MismatchError) as error:
        raise StructuringError(list(_problems(error, "", secret=False))) from error


def _problems(error: BaseException, path: str, *, secret: bool) -> Iterator[Problem]:
    if isinstance(error, cattrs.ClassValidationError):
        parts = _class_parts(error)
    elif isinstance(error, cattrs.IterableValidationError):
        parts = _iterable_parts(error)
    else:
        yield Problem(path.lstrip("."), _message(error, secret=secret))
        return
    for inner, part, hidden in parts:
        yield from _problems(inner, f"{path}{part}", secret=secret or hidden)


def _class_parts(error: cattrs.ClassValidationError) -> Iterator[tuple[BaseException, str, bool]]:
    fields = attrs.fields_dict(error.cl)
    within, rest = error.group_exceptions()
    for inner, note in within:
        yield inner, f".{key_name(fields[note.name])}", fields[note.name].repr is False
    for inner in rest:
        yield _by_validator(inner, fields) or (inner, "", False)


def _by_validator(
    error: BaseException, fields: Mapping[str, "attrs.Attribute[Any]"]
) -> tuple[BaseException, str, bool] | None:
    """What a validator of an attribute raised; attrs begins its texts with the attribute's name in quotes."""
    text = str(error.args[0]) if error.args else ""
    for name, field in fields.items():
        if text.startswith(f"'{name}' "):
            return ValueError(text.removeprefix(f"'{name}' ")), f".{key_name(field)}", field.repr is False
    return None


def _iterable_parts(error: cattrs.IterableValidationError) -> Iterator[tuple[BaseException, str, bool]]:
    within, rest = error.group_exceptions()
    for inner, note in within:
        yield inner, f"[{note.index}]" if isinstance(note.index, int) else f".{note.index}", False
    yield from ((inner, "", False) for inner in rest)


def _message(error: BaseException, *, secret: bool) -> str:
    if isinstance(error, KeyError):
        return "is required"
    if secret:
        expected = error.expected if isinstance(error, MismatchError) else "another value"
        return f"expected {expected} (what it holds is not shown, it may be secret)"
    return str(error) or type(error).__name__


@functools.cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=True)
    plain: dict[Any, Callable[[Any], Any]] = {bool: to_bool, int: to_int, float: to_float, str: to_str}
    for kind, convert in plain.items():
        converter.register_structure_hook(kind, functools.partial(_plain, convert))
        # As Jackson: an empty text is no number.
        converter.register_structure_hook(kind | None, functools.partial(_optional, convert, kind))
    converter.register_structure_hook_factory(is_collection, functools.partial(_collection_hook, converter))
    converter.register_structure_hook_factory(is_mapping, functools.partial(_mapping_hook, converter))
    converter.register_structure_hook_factory(attrs.has, functools.partial(_class_hook, converter))
    return converter


def _plain(convert: Callable[[Any], Any], value: Any, _: Any) -> Any:
    return convert(value)


def _optional(convert: Callable[[Any], Any], kind: type[Any], value: Any, _: Any) -> Any:
    return None if value is None or (value == "" and kind is not str) else convert(value)


def _collection_hook(converter: cattrs.Converter, annotation: Any) -> Hook:
    origin: Callable[[Any], Any] = get_origin(annotation) or annotation
    element: Any = next(iter(get_args(annotation)), Any)
    tuple_of: Any = types.GenericAlias(tuple, (element, ...))
    convert = homogenous_tuple_structure_factory(tuple_of, converter)

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, (list, tuple, set, frozenset)):
            raise MismatchError(value, "a list, such as [a, b]")
        return origin(convert(value, annotation))

    return hook


def _mapping_hook(converter: cattrs.Converter, annotation: Any) -> Hook:
    convert = mapping_structure_factory(annotation, converter, structure_to=dict)
    values = (*get_args(annotation), Any, Any)[1]

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise MismatchError(value, "a mapping of keys to values")
        return convert({k: v for k, v in value.items() if v is not None or admits_null(values)}, annotation)

    return hook


def _class_hook(converter: cattrs.Converter, cls: type[Any]) -> Hook:
    fields = attrs.fields(attrs.resolve_types(cls))
    annotations = {key_name(field): field.type for field in fields}
    names: Any = {field.name: override(rename=key_name(field)) for field in fields}
    build: Hook = make_dict_structure_fn(cls, converter, **names)

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise MismatchError(value, f"a mapping with keys such as {next(iter(annotations), 'none')}")
        kept = {k: v for k, v in value.items() if v is not None or admits_null(annotations.get(k, Any))}
        return build(kept, cls)

    return hook
