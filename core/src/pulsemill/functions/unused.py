"""Fields of FunctionConfig that are accepted without effect, here as upstream."""

from pulsemill.functions.json_names import json_name
from pulsemill.functions.model import FunctionConfig

UNUSED_FIELDS = {
    "fqfn": "the URL says tenant, namespace and name",
    "function_type": "only command lines use it",
    "max_pending_async_requests": "the worker's own maxPendingAsyncRequests rules",
    "expose_pulsar_admin_client_enabled": "the worker's own exposeAdminClientEnabled rules",
}
"""The attributes, each with the reason."""


def unused_fields(config: FunctionConfig) -> dict[str, str]:
    """The JSON names of such fields that a configuration gives, with the reasons."""
    return {json_name(name): why for name, why in UNUSED_FIELDS.items() if getattr(config, name) is not None}
