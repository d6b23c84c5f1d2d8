"""The names in Prometheus' text format, and which of them two workers need not share."""

import re
from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families

_OWN_PROCESS = re.compile(r"(jvm|java|jdk|com_sun|process|python|jetty)_")
_WHEN_CREATED = re.compile(r".*_created$")


def names(exposition: str) -> set[tuple[str, str, tuple[str, ...]]]:
    """Each kind of sample: its name, its metric's type and its labels' names."""
    return {kind for kind in _kinds(exposition) if not _is_of_the_program(kind[0])}


def _kinds(exposition: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            yield sample.name, family.type, tuple(sorted(sample.labels))


def _is_of_the_program(name: str) -> bool:
    """Whether a metric tells of the program that measures, not of functions.

    `jvm_*`, `java_*`, `jdk_*`, `com_sun_*` (JMX), `process_*`, `python_*` and `jetty_*` are what libraries tell of a
    virtual machine, an interpreter and a web server: another program has others. `*_created` is when a library made its
    counter; the Java library writes none.
    """
    return bool(_OWN_PROCESS.match(name) or _WHEN_CREATED.match(name))
