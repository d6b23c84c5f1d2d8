"""A flag of create, update and localrun as a row of a table: its names and which configuration key it sets."""

from collections.abc import Callable, Iterable
from typing import Any

import attrs
import click

from pulsemill.cli.params import AliasedOption

POSITIONS = click.Choice(["Latest", "Earliest"], case_sensitive=False)


@attrs.frozen
class Flag:
    """A flag: its names, the dotted key of the configuration that it sets, its meaning, and older names.

    Names are separated by blanks. Unless given, the older name is the key in camel case. `local_help` is the meaning
    for localrun where that is another.
    """

    names: str
    key: str
    help: str
    type: Any = str
    older: str | None = None
    local_help: str | None = None

    @property
    def hidden_names(self) -> list[str]:
        """The names that older clients of upstream used, but for those that are still shown."""
        older = f"--{self.key.rpartition('.')[2]}" if self.older is None else self.older
        return [name for name in older.split() if name not in self.names.split()]

    @property
    def argument(self) -> str:
        """The name of the command's argument."""
        return f"flag_{self.key.replace('.', '_')}".lower()

    def option(self, *, local: bool = False) -> Callable[..., Any]:
        """The click option, that of localrun if `local`.

        A bool may be given bare (`--retain-ordering`) or with a value (`--auto-ack=false`).
        """
        bare = {"is_flag": False, "flag_value": "true"} if self.type is bool else {}
        return click.option(
            *self.names.split(),
            self.argument,
            cls=AliasedOption,
            hidden_names=tuple(self.hidden_names),
            type=self.type,
            help=(self.local_help if local else None) or self.help,
            **bare,
        )


def flag_values(flags: Iterable[Flag], arguments: dict[str, Any]) -> dict[str, Any]:
    """Take the flags out of a command's arguments: the given ones by their dotted key."""
    taken = {flag.key: arguments.pop(flag.argument) for flag in flags}
    return {key: value for key, value in taken.items() if value is not None}
