"""Groups that know their commands by name and summary, and import a command's module only to run it."""

import difflib
import importlib
from collections.abc import Mapping
from typing import Any

import attrs
import click


@attrs.frozen
class LazyCommand:
    """Where a command is (`module:attribute`), what --help says about it in one line, and its other names."""

    target: str
    summary: str
    aliases: tuple[str, ...] = ()

    def load(self) -> click.Command:
        """Import the module and give the command."""
        module, _, attribute = self.target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


class LazyGroup(click.Group):
    """A group whose --help, completion and spelling suggestions never import its commands."""

    def __init__(self, *args: Any, lazy: Mapping[str, LazyCommand], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = dict(lazy)
        self.aliases = {alias: name for name, command in self.lazy.items() for alias in command.aliases}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of the table."""
        return [*self.lazy, *sorted(self.commands)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name or one of its aliases; None when there is none."""
        name = self.aliases.get(cmd_name, cmd_name)
        return self.lazy[name].load() if name in self.lazy else self.commands.get(name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was typed, or say which one was probably meant."""
        known = [*self.list_commands(ctx), *self.aliases]
        if args and args[0] not in known and not args[0].startswith("-"):
            ctx.fail(f"No such command '{args[0]}'.{_suggestion(args[0], known)} See '{ctx.command_path} --help'.")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands from the summaries."""
        rows = [(", ".join((name, *command.aliases)), command.summary) for name, command in self.lazy.items()]
        rows += [(name, command.get_short_help_str()) for name, command in sorted(self.commands.items())]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _suggestion(typed: str, known: list[str]) -> str:
    nearest = difflib.get_close_matches(typed, known, n=1)
    return f" Did you mean '{nearest[0]}'?" if nearest else ""
