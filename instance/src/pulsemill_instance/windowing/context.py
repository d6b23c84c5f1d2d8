"""The context of a window."""

from pulsemill_instance.context import FunctionContext
from pulsemill_instance.context_services import ContextServices
from pulsemill_instance.windowing.settlement import Window


class WindowContext(FunctionContext):
    """The context of a window's last message, with what the window itself knows."""

    def __init__(self, services: ContextServices, window: Window) -> None:
        last = window.records[-1]
        super().__init__(services, last.source, last.message)
        self._window = window

    def get_records(self) -> list[FunctionContext]:
        """A context for each of the window's messages, in the order of the values."""
        return [FunctionContext(self._services, record.source, record.message) for record in self._window.records]

    def get_window_start(self) -> int | None:
        """The time in ms after which the window's messages are; None for windows that have a length in messages."""
        return self._window.start

    def get_window_end(self) -> int:
        """The time in ms that no message of the window is after."""
        return self._window.end
