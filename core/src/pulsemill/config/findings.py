"""What was noticed about a configuration, and where."""

import enum
from collections.abc import Iterable

import attrs


class Severity(enum.StrEnum):
    """How much a finding matters: errors keep the worker from starting."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@attrs.frozen
class Finding:
    """One thing worth knowing about a configuration.

    `path` is the key's path (`functionRuntimeFactoryConfigs.logDirectory`) or the environment variable that set it;
    `line` counts from 1 and is None where there is no line.
    """

    severity: Severity
    path: str
    line: int | None
    message: str

    def located(self, file: str) -> str:
        """The finding as one line of text, the way compilers write theirs."""
        whole_file = f"{file}: " if file and not self.path else ""
        place = f"{file}:{self.line}: " if self.line else whole_file
        subject = f"{self.path}: " if self.path else ""
        return f"{place}{subject}{self.message}"


@attrs.frozen
class Origins:
    """Where each value of a configuration came from: a line of the file or an environment variable, by key path."""

    file: str = ""
    lines: dict[str, int] = attrs.Factory(dict)
    variables: dict[str, str] = attrs.Factory(dict)

    def finding(self, severity: Severity, path: str, message: str) -> Finding:
        """A finding about the value at a path."""
        variable = self.variables.get(path) or self._variable_below(path)
        return Finding(severity, variable or path, None if variable else self.line(path), message)

    def _variable_below(self, path: str) -> str | None:
        """The variable that brought a mapping into being, where the file has none at the path."""
        below = (variable for each, variable in self.variables.items() if each.startswith(f"{path}."))
        return None if path in self.lines else next(below, None)

    def line(self, path: str) -> int | None:
        """The line of a path, or of the nearest thing around it that has one."""
        while path and path not in self.lines:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines.get(path)


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that keep the worker from starting."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]
