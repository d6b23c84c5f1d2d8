"""Whether the worker may keep tokens in a namespace, asked before the first function needs it.

Upstream asks nobody: a missing right shows with the first function that has a token.
"""

import logging
from typing import Any, Final

from pulsemill_auth_token.api import ApiError, KubernetesApi
from pulsemill_auth_token.secrets_api import ADD_RULE, VERBS, rule

REVIEWS: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

logger = logging.getLogger(__name__)


async def report_missing_rights(api: KubernetesApi, namespace: str) -> None:
    """Log what is missing, with the line to add; a server that cannot be asked is a line too."""
    try:
        missing = [verb for verb in VERBS if not await _is_allowed(api, namespace, verb)]
    except ApiError as error:
        logger.warning("the worker's rights on secrets in namespace %s are not known: %s", namespace, error)
        return
    if missing:
        verbs = ", ".join(missing)
        logger.error("this worker may not %s secrets in namespace %s; %s%s", verbs, namespace, ADD_RULE, rule(missing))


async def _is_allowed(api: KubernetesApi, namespace: str, verb: str) -> bool:
    attributes = {"group": "", "resource": "secrets", "verb": verb, "namespace": namespace}
    body: dict[str, Any] = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    answer = await api.call("POST", REVIEWS, body)
    return bool(answer.get("status", {}).get("allowed"))
