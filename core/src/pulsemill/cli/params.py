"""Kinds of options that click does not have."""

import copy
import json
from typing import Any

import click


def json_object(value: str) -> dict[str, Any]:
    """A JSON object, such as `--user-config '{"suffix": "!"}'`; errors never repeat the text (it may hold secrets)."""
    try:
        parsed = json.loads(value)
    except ValueError as error:
        message = f'this is not JSON ({error}); expected an object like \'{{"key": "value"}}\''
        raise click.BadParameter(message) from error
    if not isinstance(parsed, dict):
        raise click.BadParameter('expected a JSON object like \'{"key": "value"}\'')
    return parsed


def topic_list(value: str) -> list[str]:
    """Topics separated by commas."""
    topics = [topic.strip() for topic in value.split(",")]
    if not all(topics):
        raise click.BadParameter("expected topics separated by commas, none of them empty")
    return topics


class AliasedOption(click.Option):
    """An option that is also known by older names, which --help does not show."""

    def __init__(self, *args: Any, hidden_names: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown_names = list(self.opts)
        self.opts = [*self.opts, *hidden_names]

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The line in --help, with the shown names only."""
        shown = copy.copy(self)
        shown.opts = self.shown_names
        return super(AliasedOption, shown).get_help_record(ctx)
