"""The `pulsemill` command. Each subcommand's module is only imported when it is called, so that --help stays quick."""

import importlib
from typing import ClassVar

import click

from pulsemill.errors import PulsemillError


class LazyGroup(click.Group):
    """A group whose commands are `module:attribute` strings until they are needed."""

    lazy: ClassVar[dict[str, str]] = {
        "config": "pulsemill.cli.config:config",
        "functions": "pulsemill.cli.functions:functions",
        "plugins": "pulsemill.cli.plugins:plugins",
        "quickstart": "pulsemill.cli.quickstart:quickstart",
        "standalone": "pulsemill.cli.standalone:standalone",
        "worker": "pulsemill.cli.worker:worker",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.lazy:
            return None
        module, _, attribute = self.lazy[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run, turning our own errors into one clear line."""
        try:
            return super().invoke(ctx)
        except PulsemillError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="pulsemill")
def main() -> None:
    """A functions worker for Apache Pulsar."""
