"""Questions about types."""

import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin


def is_union(annotation: Any) -> bool:
    """Whether a type is `X | Y`, however written."""
    return get_origin(annotation) in (Union, types.UnionType)


def admits_null(annotation: Any) -> bool:
    """Whether None is a value of a type."""
    return annotation is Any or (is_union(annotation) and type(None) in get_args(annotation))


def without_null(annotation: Any) -> Any:
    """The type without None, where that leaves one."""
    alternatives = [each for each in get_args(annotation) if each is not type(None)]
    return alternatives[0] if is_union(annotation) and len(alternatives) == 1 else annotation


def is_mapping(annotation: Any) -> bool:
    """Whether a type is a mapping of keys to values."""
    return (get_origin(annotation) or annotation) in (dict, Mapping)


def is_collection(annotation: Any) -> bool:
    """Whether a type is a list, a set or a tuple of any length."""
    if (get_origin(annotation) or annotation) is tuple:
        return get_args(annotation)[1:] == (Ellipsis,)
    return (get_origin(annotation) or annotation) in (list, set, frozenset)


def type_name(annotation: Any) -> str:
    """A type in a user's words, such as `whole number or null`."""
    plain = {bool: "true or false", int: "whole number", float: "number", str: "text"}.get(without_null(annotation))
    inner = without_null(annotation)
    if plain is None and is_mapping(inner):
        plain = "mapping of text to text" if get_args(inner)[1:] == (str,) else "mapping"
    elif plain is None:
        plain = "list of text" if is_collection(inner) else getattr(inner, "__name__", str(inner))
    return f"{plain} or null" if admits_null(annotation) else plain
