"""What every class that a hook returns has in common."""

from typing import Any, ClassVar

import attrs


@attrs.frozen
class NoConfig:
    """The configuration of a class that takes none."""


class Plugin:
    """A class that the configuration selects by name.

    `names` are the strings that select it: upstream's Java class names first, then a short one. The import path
    `package.module:Class` always selects it too. `config_class` is the attrs class of its own configuration; the core
    structures the configured mapping into it before it makes the object.
    """

    names: ClassVar[tuple[str, ...]] = ()
    config_class: ClassVar[type[Any]] = NoConfig
