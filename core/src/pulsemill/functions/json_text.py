"""Parses JSON from outside so that it can be stored and written again anywhere."""

import json

from pulsemill.functions.errors import InvalidFunctionConfigError
from pulsemill.functions.scalars import finite

MAX_DEPTH = 100


def parse_json(text: str | bytes, path: str) -> object:
    """Parse JSON; raises InvalidFunctionConfigError, which names `path`, for what is no JSON in any language.

    That is NaN and infinities, which Python's parser takes, text that UTF-8 cannot encode, and nesting that others'
    stacks may not hold.
    """
    try:
        value = json.loads(text, parse_float=finite, parse_constant=finite)
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise InvalidFunctionConfigError(f"{path} holds text that UTF-8 cannot encode (lone surrogates)") from error
    except ValueError as error:
        raise InvalidFunctionConfigError(f"{path} is not valid JSON: {error}") from error
    except RecursionError as error:
        raise _too_deep(path) from error
    if _depth(value) > MAX_DEPTH:
        raise _too_deep(path)
    return value


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [item for each in level for item in _items(each)]
    return depth


def _items(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _too_deep(path: str) -> InvalidFunctionConfigError:
    return InvalidFunctionConfigError(f"{path} is nested more than {MAX_DEPTH} levels deep")
