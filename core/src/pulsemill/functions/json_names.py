"""The JSON names of the model's attributes."""

from functools import cache

import attrs

ALIASES = {"isRegexPattern": "regexPattern", "serdeClassname": "serdeClassName"}
"""Other spellings that clients use: Gson and the Go client write the former, the Go client the latter."""


def json_name(attribute: str) -> str:
    """`timeout_ms` is `timeoutMs`."""
    first, *others = attribute.split("_")
    return first + "".join(part.capitalize() for part in others)


@cache
def attributes_by_json_name(model: type[attrs.AttrsInstance]) -> dict[str, str]:
    """The attributes of a model class by their JSON names, aliases included."""
    names = {json_name(field.name): field.name for field in attrs.fields(model)}
    return names | {alias: names[name] for alias, name in ALIASES.items() if name in names}
