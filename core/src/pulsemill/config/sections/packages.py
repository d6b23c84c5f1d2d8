"""Keys of packages: where function code may come from and where it is kept."""

import attrs

from pulsemill.config.keys import key
from pulsemill.config.sections.reasons import NO_DLOG

_CLASSES = "archives are never loaded as Java classes by the worker"
_PODS = "pods get builtin archives from the worker itself, and need no copy in the package storage"


@attrs.frozen(kw_only=True, slots=False)
class PackageKeys:
    """Directories, allowed URLs and the store of packages."""

    connectors_directory: str = key(
        "./connectors",
        "Directory of builtin connectors (NAR files), and of packages that file:// URLs of sources and sinks may name.",
        read_by="pulsemill.packages",
    )
    functions_directory: str = key(
        "./functions",
        "Directory of builtin functions, and of packages that file:// URLs may name.",
        read_by="pulsemill.packages",
    )
    nar_extraction_directory: str = key(
        "",
        "Where Java functions unpack NAR files; empty: where Java puts temporary files.",
        read_by="pulsemill_runtime_process",
    )
    enable_classloading_of_builtin_files: bool = key(
        False, "Whether classes of builtin archives are loaded to check a function.", unused=_CLASSES
    )
    enable_classloading_of_external_files: bool = key(
        False, "Whether classes of uploaded archives are loaded to check a function.", unused=_CLASSES
    )
    enable_referencing_connector_directory_files: bool = key(
        True, "Whether file:// URLs may name files under connectorsDirectory.", read_by="pulsemill.packages"
    )
    enable_referencing_functions_directory_files: bool = key(
        True, "Whether file:// URLs may name files under functionsDirectory.", read_by="pulsemill.packages"
    )
    additional_enabled_connector_url_patterns: tuple[str, ...] = key(
        (),
        "URLs that connector packages may come from: regular expressions that match the whole URL.",
        read_by="pulsemill.packages",
    )
    additional_enabled_functions_url_patterns: tuple[str, ...] = key(
        (),
        "URLs that function packages may come from: regular expressions that match the whole URL.",
        read_by="pulsemill.packages",
    )
    validate_connector_config: bool = key(
        False, "Whether a connector's configuration is checked by its annotations.", unused=_CLASSES
    )
    ignore_unknown_config_fields: bool = key(
        False,
        "Whether Java functions and connectors ignore unknown fields of their configuration.",
        read_by="pulsemill.worker",
    )
    upload_builtin_sinks_sources: bool = key(
        True, "Whether Kubernetes gets builtin archives from the package storage.", unused=_PODS
    )
    num_function_package_replicas: int = key(1, "Copies of a package in BookKeeper.", unused=NO_DLOG)
    functions_worker_enable_package_management: bool = key(
        False,
        "Whether packages are kept by the broker's packages API.",
        read_by="pulsemill.packages",
    )
    download_directory: str = key(
        "download/pulsar_functions",
        "Where the packages of this worker's instances are put.",
        read_by="pulsemill.packages",
    )
