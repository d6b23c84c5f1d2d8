"""changeConfigMap: settings that an operator changes while the worker runs (upstream: the factory's change timer).

Upstream assigns the ConfigMap's values to the fields of its factory, by the fields' names, which for some are not the
keys of the configuration. Values count from a function's next start.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

import attrs

from pulsemill.config.unknown import hint
from pulsemill.errors import PulsemillError
from pulsemill_runtime_k8s.api import KubernetesApi
from pulsemill_runtime_k8s.api_errors import ApiError, is_worth_retrying

UNANSWERED_SECONDS: Final = 5.0
"""Until something answers, functions start with the values of the file."""

logger = logging.getLogger(__name__)


@attrs.frozen
class Changes:
    """New values by attribute, and a line for each key of the ConfigMap that changed or cannot."""

    values: Mapping[str, str]
    applied: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def changes(
    data: Mapping[str, str],
    attributes: Mapping[str, str],
    fixed: Mapping[str, str],
    current: Any,
    problem_of: Callable[[str, str], str | None],
) -> Changes:
    """What a ConfigMap's data change in `current`.

    `attributes` tells the attribute of each key that may change, `fixed` the reason of each that may not, `problem_of`
    what is wrong with the value of a key.
    """
    values: dict[str, str] = {}
    applied, refused = [], []
    for key, value in sorted(data.items()):
        if key not in attributes:
            refused.append(f"{key} has no effect: {fixed.get(key) or f'it is unknown{hint(key, attributes)}'}")
        elif (before := getattr(current, attributes[key]) or "") == value:
            continue
        elif problem := problem_of(key, value):
            refused.append(f"{key} stays {before!r}: {problem}")
        else:
            values[attributes[key]] = value
            applied.append(f"Kubernetes Config {key} changed from {before} to {value}")
    return Changes(values, tuple(applied), tuple(refused))


@attrs.define
class ConfigMapReader:
    """Reads a ConfigMap from time to time. `place` is its namespace and name, and may change by its own content."""

    api: KubernetesApi
    place: Callable[[], tuple[str, str]]
    take: Callable[[Mapping[str, str]], None]
    period_seconds: float = 300.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _answered: bool = attrs.field(default=False, init=False)
    _problem: str = attrs.field(default="", init=False)

    async def run(self) -> None:
        """For ever, and soon again until the server answered once. A problem is told once, until there is another."""
        while True:
            await self.sleep(self.period_seconds if self._answered else min(self.period_seconds, UNANSWERED_SECONDS))
            await self.read()

    async def read(self) -> None:
        """Once. It takes as long as a request may, so that a worker that starts can wait for it."""
        namespace, name = self.place()
        path = f"/api/v1/namespaces/{quote(namespace, safe='')}/configmaps/{quote(name, safe='')}"
        try:
            data = (await self.api.request("GET", path)).get("data") or {}
        except PulsemillError as error:
            self._answered = self._answered or not is_worth_retrying(error)
            self._tell(f"Error while trying to fetch configmap {name} at namespace {namespace}: {_advice(error, name)}")
        else:
            self._answered, self._problem = True, ""
            self.take(data)

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            logger.error("%s", problem)
        self._problem = problem


def _advice(error: PulsemillError, name: str) -> str:
    if isinstance(error, ApiError) and error.status == 403:  # noqa: PLR2004 forbidden
        rule = f'{{apiGroups: [""], resources: [configmaps], verbs: [get], resourceNames: [{name}]}}'
        return f"{error.text}; add to a Role there: - {rule}"
    return str(error)
