"""Whether the worker may do what it has to, asked before the first function needs it.

Upstream asks nobody: a missing right shows as a function that never starts.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from pulsemill.errors import PulsemillError
from pulsemill_runtime_k8s.api import KubernetesApi

REVIEWS: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

logger = logging.getLogger(__name__)


@attrs.frozen
class Right:
    """Verbs on a resource in a namespace; a `name` narrows it to one object."""

    group: str
    resource: str
    verbs: Sequence[str]
    namespace: str
    name: str = ""

    def rule(self, verbs: Iterable[str]) -> str:
        """The line of a Role that grants some of the verbs."""
        listed = ", ".join(verbs)
        named = f", resourceNames: [{self.name}]" if self.name else ""
        return f'- {{apiGroups: ["{self.group}"], resources: [{self.resource}], verbs: [{listed}]{named}}}'


def needed_rights(
    job_namespaces: Iterable[str], config_map: tuple[str, str] | None = None, *, forwards: bool = False
) -> Sequence[Right]:
    """What the runtime does with functions in some namespaces.

    It reads changeConfigMap (namespace, name) if there is one, and `forwards` to pods from outside of their network.
    """
    rights = [right for namespace in job_namespaces for right in _rights_in(namespace, forwards=forwards)]
    if config_map:
        rights.append(Right("", "configmaps", ("get",), config_map[0], config_map[1]))
    return rights


def _rights_in(namespace: str, *, forwards: bool) -> Iterable[Right]:
    yield Right("apps", "statefulsets", ("get", "list", "watch", "create", "patch", "delete"), namespace)
    yield Right("", "services", ("get", "list", "watch", "create", "patch", "delete"), namespace)
    yield Right("", "pods", ("get", "list", "watch", "delete"), namespace)
    yield Right("", "events", ("list", "watch"), namespace)
    if forwards:
        yield Right("", "pods/portforward", ("get",), namespace)


async def missing_rights(api: KubernetesApi, rights: Sequence[Right]) -> list[str]:
    """A sentence with the line to add for each right that is not granted in full."""
    found = []
    for right in rights:
        lacking = [verb for verb in right.verbs if not await _is_allowed(api, right, verb)]
        if lacking:
            found.append(
                f"may not {', '.join(lacking)} {right.resource} {right.name}".rstrip()
                + f" in namespace {right.namespace}; add to a Role there: {right.rule(lacking)}"
            )
    return found


async def report_missing_rights(api: KubernetesApi, rights: Sequence[Right]) -> None:
    """Log what is missing, one line each; a server that cannot be asked is one line too."""
    try:
        for missing in await missing_rights(api, rights):
            logger.error("this worker %s", missing)
    except PulsemillError as error:
        logger.warning("the worker's rights on Kubernetes are not known: %s", error)


async def _is_allowed(api: KubernetesApi, right: Right, verb: str) -> bool:
    attributes = {"group": right.group, "resource": right.resource, "verb": verb, "namespace": right.namespace}
    if right.name:
        attributes["name"] = right.name
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    answer = await api.request("POST", REVIEWS, body=body)
    return bool(answer.get("status", {}).get("allowed"))
