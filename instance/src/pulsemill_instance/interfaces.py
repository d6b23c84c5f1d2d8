"""What an instance asks of the code it runs and of the place its secrets come from."""

from collections.abc import Callable
from typing import Any, Literal, Protocol


class UserFunction(Protocol):
    """A function that was loaded from its package and can be called."""

    @property
    def kind(self) -> Literal["class", "native"]:
        """`class`: called as `process(input, context)`; `native`: called as `process(input)`."""

    @property
    def process(self) -> Callable[..., Any]:
        """What to call for each message."""

    @property
    def is_async(self) -> bool:
        """Whether a call returns an awaitable."""

    def import_class(self, name: str) -> type:
        """The class named `module.Class` in the function's package or environment; InstanceError when there is none."""


class InputMessage(Protocol):
    """What the engine reads of a message; the client's own class and its wrapper both have it."""

    def data(self) -> bytes: ...

    def message_id(self) -> Any: ...

    def topic_name(self) -> str: ...

    def properties(self) -> dict[str, str]: ...

    def partition_key(self) -> str: ...

    def ordering_key(self) -> str: ...

    def event_timestamp(self) -> int: ...


class SecretsProvider(Protocol):
    """Upstream's `secretsprovider.SecretsProvider`, as the context uses it."""

    def provide_secret(self, secret_name: str, path_to_secret: Any) -> Any:
        """The secret's value, given the name and what the function's `secretsMap` holds under it."""
