"""Loads functions_worker.yml.

The file, then PF_* variables over it, then conversion, then derived values. Everything noticed on the way is a finding;
`load_worker_config` is for who wants to run with the result, `read_worker_config` for who wants to show the findings.
"""

import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from pulsemill.config.checks import checks
from pulsemill.config.derived import with_derived_values
from pulsemill.config.effects import effects
from pulsemill.config.environment import with_overrides
from pulsemill.config.findings import Finding, Origins, Severity, errors
from pulsemill.config.structuring import StructuringError, structure
from pulsemill.config.unknown import unknown_keys
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.config.yaml_file import YamlFile, YamlFileError, read_yaml_file
from pulsemill.errors import ConfigurationError

FILE_VARIABLE: Final = "PULSAR_WORKER_CONF"


@attrs.frozen
class LoadedConfig:
    """What became of a file. `config` is None when there are errors."""

    config: WorkerConfig | None
    findings: tuple[Finding, ...]
    origins: Origins = attrs.field(factory=Origins, repr=False)


def load_worker_config(
    path: Path | None, environ: Mapping[str, str], *, strict: bool = False
) -> tuple[WorkerConfig, list[Finding]]:
    """The configuration in a file, or of the defaults without one; unknown and doubled keys are errors if `strict`.

    Without a path, PULSAR_WORKER_CONF names the file. ConfigurationError with every error, each with its line.
    """
    loaded = read_worker_config(path, environ, strict=strict)
    if loaded.config is None:
        raise ConfigurationError("\n".join(each.located(loaded.origins.file) for each in errors(loaded.findings)))
    return loaded.config, list(loaded.findings)


def read_worker_config(path: Path | None, environ: Mapping[str, str], *, strict: bool = False) -> LoadedConfig:
    """As `load_worker_config`, but errors are findings too."""
    path = path or (Path(environ[FILE_VARIABLE]) if environ.get(FILE_VARIABLE) else None)
    origins = Origins(str(path or ""))
    try:
        file = read_yaml_file(path) if path else YamlFile({}, {})
        mapping, variables = with_overrides(file.mapping, environ)
    except YamlFileError as error:
        return LoadedConfig(None, (Finding(Severity.ERROR, "", error.line, error.message),), origins)
    except ConfigurationError as error:
        return LoadedConfig(None, (Finding(Severity.ERROR, "", None, str(error)),), origins)
    origins = attrs.evolve(origins, lines=file.lines, variables=variables)
    return _judged(mapping, origins, file.findings, strict=strict)


def _judged(mapping: dict[str, Any], origins: Origins, doubled: tuple[Finding, ...], *, strict: bool) -> LoadedConfig:
    doubt = Severity.ERROR if strict else Severity.WARNING
    findings = [attrs.evolve(finding, severity=doubt) for finding in doubled]
    findings += _unknown(mapping, origins, doubt)
    config = None
    try:
        structured = structure(mapping, WorkerConfig)
    except StructuringError as error:
        findings += [origins.finding(Severity.ERROR, each.path, each.message) for each in error.problems]
    else:
        config = with_derived_values(structured, socket.getfqdn)
        findings += [*effects(mapping, structured, origins), *checks(config, origins)]
    findings.sort(key=lambda finding: finding.line or 0)
    return LoadedConfig(None if errors(findings) else config, tuple(findings), origins)


def _unknown(mapping: dict[str, Any], origins: Origins, severity: Severity) -> Iterator[Finding]:
    for path, hint in unknown_keys(mapping, WorkerConfig):
        yield origins.finding(severity, path, f"is unknown and has no effect{hint}")
