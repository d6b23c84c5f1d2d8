"""What a function class may have besides `process`: `initialize(context)` and `close()`, named as Java's.

`initialize` is called before the instance subscribes, `close` when the last output is stored; each once, in the thread
that also calls `process`, or on the event loop of coroutine functions. One that needs other arguments is somebody
else's method of that name, and is not called.
"""

import inspect
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

import attrs

from pulsemill_instance.context import FunctionContext
from pulsemill_instance.context_services import ContextServices
from pulsemill_instance.errors import InstanceError
from pulsemill_instance.log_topic import LogTopicHandler

Hook = Callable[..., Any]
RunCoroutine = Callable[[Any], Any]


@attrs.frozen
class Lifecycle:
    """A function's hooks, None where it has none, and a sentence for each method that is none."""

    initialize: Hook | None = None
    close: Hook | None = None
    warnings: tuple[str, ...] = ()
    is_async: bool = False
    """Whether one of them is a coroutine function."""


NO_LIFECYCLE = Lifecycle()


class _NoMessage:
    """Stands for the message of a context that has none."""

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError("initialize is called before the first message: there is none to ask about")


def find_lifecycle(owner: object) -> Lifecycle:
    """The hooks of a function's object."""
    found = {name: getattr(owner, name, None) for name in ("initialize", "close")}
    hooks = {name: _adapted(method, name) for name, method in found.items() if callable(method)}
    texts = {"initialize": "initialize(context)", "close": "close()"}
    warnings = [f"The method {name} is not called: it is not {texts[name]}" for name in hooks if hooks[name] is None]
    is_async = any(inspect.iscoroutinefunction(found[name]) for name in hooks if hooks[name])
    return Lifecycle(hooks.get("initialize"), hooks.get("close"), tuple(warnings), is_async)


def logged(lifecycle: Lifecycle, log_topic: LogTopicHandler | None) -> Lifecycle:
    """The hooks with their records going to the log topic, if there is one."""
    if log_topic is None:
        return lifecycle

    def wrapped(hook: Hook | None) -> Hook | None:
        return hook and log_topic.wrap(hook, is_async=inspect.iscoroutinefunction(hook))

    return attrs.evolve(lifecycle, initialize=wrapped(lifecycle.initialize), close=wrapped(lifecycle.close))


@attrs.define(eq=False)
class LifecycleCalls:
    """Calls a function's hooks, each once; `run` runs what a coroutine function returned."""

    lifecycle: Lifecycle
    services: ContextServices
    run: RunCoroutine
    _is_open: bool = False

    def initialize(self) -> None:
        """Let the function prepare itself; InstanceError with its reason when it cannot."""
        nothing: Any = _NoMessage()
        try:
            self._call(self.lifecycle.initialize, FunctionContext(self.services, nothing, nothing))
        except MemoryError:
            raise
        except Exception as error:
            raise InstanceError(f"initialize of the function failed: {type(error).__name__}: {error}") from error
        self._is_open = True

    def close(self) -> None:
        """Let the function clean up, if it was initialized; what it raises is counted."""
        if not self._is_open:
            return
        self._is_open = False
        try:
            self._call(self.lifecycle.close)
        except Exception as error:
            self.services.stats.user_exception("".join(traceback.format_exception(error)), str(error))
            self.services.logger.exception("close of the function failed")

    def _call(self, hook: Hook | None, *arguments: Any) -> None:
        result = hook(*arguments) if hook else None
        if inspect.isawaitable(result):
            self.run(result)


def run_alone(coroutine: Any) -> Any:
    """Run a coroutine of a function that has no event loop."""
    import asyncio  # noqa: PLC0415  # its import takes a good part of an instance's start

    return asyncio.run(coroutine)


def _adapted(method: Callable[..., Any], name: str) -> Hook | None:
    """The method as a hook, whether it takes what it is given or nothing; None when it needs more."""
    try:
        signature = inspect.signature(method)
    except (TypeError, ValueError):
        return None
    for arguments in ((object(),), ()) if name == "initialize" else ((),):
        try:
            signature.bind(*arguments)
        except TypeError:
            continue
        return method if arguments or name == "close" else lambda _context: method()
    return None
