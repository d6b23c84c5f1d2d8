"""The one way in which validations refuse."""

from pulsemill.functions.errors import InvalidFunctionConfigError


def refuse_if(condition: object, text: str) -> None:
    """Raise InvalidFunctionConfigError with a text when the condition holds."""
    if condition:
        raise InvalidFunctionConfigError(text)
