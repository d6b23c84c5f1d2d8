"""Errors as `pulsar-admin` prints them, so that scripts written for it still find their text."""

from typing import Any

import click

from pulsemill.cli.lazy import LazyGroup
from pulsemill.errors import PulsemillError


class ReasonError(click.ClickException):
    """One line, `Reason: ...`, and exit code 1."""

    def show(self, file: Any = None) -> None:
        """Write the line to standard error."""
        click.echo(f"Reason: {self.format_message()}", file=file, err=file is None)


class ReasonGroup(LazyGroup):
    """A lazy group whose commands' errors are shown as `Reason: ...`; what it does without a command is not its own."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run, turning our own errors into the line."""
        try:
            return super().invoke(ctx)
        except PulsemillError as error:
            if ctx.invoked_subcommand is None:
                raise
            raise ReasonError(str(error)) from error
