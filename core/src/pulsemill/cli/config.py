"""`pulsemill config`: what a functions_worker.yml means to this worker."""

import os
from collections import Counter
from pathlib import Path

import attrs
import click

from pulsemill.cli.tables import json_option, print_json, print_mapping, print_table
from pulsemill.config.findings import Finding, Severity, errors
from pulsemill.config.loader import read_worker_config
from pulsemill.config.reference import KeyReference, markdown, reference
from pulsemill.config.unknown import hint
from pulsemill.errors import ConfigurationError
from pulsemill.plugins import PluginRegistry
from pulsemill.plugins.checking import plugin_findings


@click.group()
def config() -> None:
    """Check and explain a functions_worker.yml."""


@config.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Take unknown and doubled keys for errors.")
@json_option
def check(file: Path, *, strict: bool, as_json: bool) -> None:
    """Print everything that FILE (and PF_* variables over it) asks for in vain; exit with 1 on errors."""
    loaded = read_worker_config(file, os.environ, strict=strict)
    selected = plugin_findings(PluginRegistry.installed(), loaded)
    findings = [*loaded.findings, *(_judged(finding, strict=strict) for finding in selected)]
    if as_json:
        print_json(
            {"file": str(file), "ok": not errors(findings), "findings": [attrs.asdict(each) for each in findings]}
        )
    else:
        for finding in findings:
            click.echo(f"{finding.severity}: {finding.located(str(file))}")
        click.echo(_summary(file, findings))
    if errors(findings):
        raise SystemExit(1)


def _judged(finding: Finding, *, strict: bool) -> Finding:
    """A plugin's warnings are about unknown keys."""
    return attrs.evolve(finding, severity=Severity.ERROR) if strict else finding


def _summary(file: Path, findings: list[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings)
    found = ", ".join(f"{counts[severity]} {severity}" for severity in reversed(Severity))
    return f"{file}: {'cannot be used' if errors(findings) else 'can be used'} ({found})"


@config.command()
@click.argument("key", required=False)
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the tables of docs/configuration.md.")
@json_option
def explain(key: str | None, *, as_markdown: bool, as_json: bool) -> None:
    """Say of KEY, or of every key, its type, default and meaning, and whether it is honoured."""
    rows = [_known(key)] if key else list(reference())
    if as_markdown:
        click.echo(markdown(), nl=False)
    elif as_json:
        values = [attrs.asdict(row) for row in rows]
        print_json(values[0] if key else values)
    elif key:
        print_mapping(attrs.asdict(rows[0]))
    else:
        print_table(
            ("KEY", "TYPE", "DEFAULT", "EFFECT"), [(row.key, row.type, row.default, row.status) for row in rows]
        )


def _known(key: str) -> KeyReference:
    rows = {row.key: row for row in reference()}
    if key not in rows:
        raise ConfigurationError(f"there is no key {key}{hint(key, rows)}; `pulsemill config explain` lists all")
    return rows[key]
