"""The description of connectors and functions in their archives, META-INF/services/pulsar-io.yaml."""

import attrs
import yaml

from pulsemill.errors import PackageError
from pulsemill.java.archive import JavaArchive

SERVICE_FILE = "META-INF/services/pulsar-io.yaml"
MAX_SERVICE_BYTES = 2**16


@attrs.frozen(kw_only=True)
class ServiceDefinition:
    """What an archive offers (upstream's ConnectorDefinition and FunctionDefinition)."""

    name: str | None = None
    description: str | None = None
    source_class: str | None = None
    sink_class: str | None = None
    source_config_class: str | None = None
    sink_config_class: str | None = None
    function_class: str | None = None


_FIELDS = {
    "name": "name",
    "description": "description",
    "sourceClass": "source_class",
    "sinkClass": "sink_class",
    "sourceConfigClass": "source_config_class",
    "sinkConfigClass": "sink_config_class",
    "functionClass": "function_class",
}


def read_service(archive: JavaArchive) -> ServiceDefinition | None:
    """The archive's description, None without; raises PackageError for one that is malformed."""
    text = archive.read_text(SERVICE_FILE, MAX_SERVICE_BYTES)
    if text is None:
        return None
    try:
        given = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise PackageError(f"{SERVICE_FILE} is not valid YAML: {error}") from error
    if not isinstance(given, dict):
        raise PackageError(f"{SERVICE_FILE}: expected an object with name and description")
    for key in _FIELDS:
        if not isinstance(given.get(key), str | None):
            raise PackageError(f"{SERVICE_FILE}: {key} must be text")
    return ServiceDefinition(**{attribute: given.get(key) for key, attribute in _FIELDS.items()})
