"""Which package URLs a worker may read (upstream's PackageUrlValidator; CVE-2024-27894, -27317, -27135).

A URL is normalised first and compared afterwards, so that no spelling of a forbidden place looks like an allowed one.
"""

import posixpath
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

import attrs

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError
from pulsemill.packages.errors import PackageUrlRefusedError
from pulsemill.packages.locations import shown_location

_DEFAULT_PORTS = {"http": 80, "https": 443}
_MALFORMED = "its host or port is malformed (not shown, because a password may be in it)"


@attrs.frozen
class PackageUrl:
    """A normalised, allowed URL. `url` has no user-info, but a query may be a signature; `file` is for file:// URLs."""

    url: str = attrs.field(repr=False)
    auth: tuple[str, str] | None = attrs.field(default=None, repr=False)
    file: Path | None = None


@attrs.frozen
class PackageUrls:
    """The allow-list: whole-string patterns, and folders below which every file is allowed."""

    patterns: tuple[re.Pattern[str], ...] = ()
    directories: tuple[Path, ...] = ()

    @classmethod
    def for_functions(cls, config: WorkerConfig) -> "PackageUrls":
        """The list that the configuration gives for functions; raises ConfigurationError for a bad pattern."""
        patterns = config.additional_enabled_functions_url_patterns
        allowed = config.enable_referencing_functions_directory_files and config.functions_directory
        return cls(_compiled("additionalEnabledFunctionsUrlPatterns", patterns), _resolved(allowed))

    @classmethod
    def for_connectors(cls, config: WorkerConfig) -> "PackageUrls":
        """The list that the configuration gives for sources and sinks; raises ConfigurationError for a bad pattern."""
        patterns = config.additional_enabled_connector_url_patterns
        allowed = config.enable_referencing_connector_directory_files and config.connectors_directory
        return cls(_compiled("additionalEnabledConnectorUrlPatterns", patterns), _resolved(allowed))

    @classmethod
    def for_all(cls, config: WorkerConfig) -> "PackageUrls":
        """Both lists, for packages that were checked against one of them when they were registered."""
        functions, connectors = cls.for_functions(config), cls.for_connectors(config)
        return cls(functions.patterns + connectors.patterns, functions.directories + connectors.directories)

    def check(self, url: str) -> PackageUrl:
        """Normalise a URL and raise PackageUrlRefusedError unless the list has it."""
        parts = _split(url)
        if parts.scheme == "file":
            return self._check_file(parts)
        if parts.scheme in _DEFAULT_PORTS:
            return self._check_http(parts)
        raise PackageUrlRefusedError(f"scheme {parts.scheme!r} is not http, https or file")

    def _check_file(self, parts: SplitResult) -> PackageUrl:
        if parts.netloc not in {"", "localhost"} or parts.query or parts.fragment:
            raise PackageUrlRefusedError("a file URL has neither host nor query nor fragment")
        try:
            file = Path(unquote(parts.path)).resolve()
        except (OSError, ValueError) as error:
            raise PackageUrlRefusedError(f"no such path: {error}") from error
        if not unquote(parts.path).startswith("/"):
            raise PackageUrlRefusedError("the path is not absolute")
        normalised = f"file://{quote(str(file))}"
        if not (
            self._is_below_directory(file) or self._matches(normalised) or self._matches(f"file:{quote(str(file))}")
        ):
            raise PackageUrlRefusedError(f"{normalised} is in no allowed folder and matches no pattern")
        return PackageUrl(normalised, file=file)

    def _check_http(self, parts: SplitResult) -> PackageUrl:
        normalised = urlunsplit((parts.scheme, _host_and_port(parts), _normal_path(parts.path), parts.query, ""))
        if not self._matches(normalised):
            raise PackageUrlRefusedError(f"{shown_location(normalised)} matches none of the allowed patterns")
        auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username is not None else None
        return PackageUrl(normalised, auth)

    def _is_below_directory(self, file: Path) -> bool:
        return any(file != folder and file.is_relative_to(folder) for folder in self.directories)

    def _matches(self, url: str) -> bool:
        return any(pattern.fullmatch(url) for pattern in self.patterns)


def _resolved(directory: str | bool) -> tuple[Path, ...]:
    return (Path(directory).resolve(),) if isinstance(directory, str) and directory else ()


def _compiled(key: str, patterns: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(re.compile(pattern) for pattern in patterns)
    except re.error as error:
        raise ConfigurationError(f"{key}: {error.pattern!r} is not a regular expression: {error}") from error


def _split(url: str) -> SplitResult:
    if any(char.isspace() or not char.isprintable() or char == "\\" for char in url):
        raise PackageUrlRefusedError("white space, control characters and backslashes are not allowed")
    try:
        return urlsplit(url)
    except ValueError:
        raise PackageUrlRefusedError(_MALFORMED) from None


def _host_and_port(parts: SplitResult) -> str:
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        raise PackageUrlRefusedError(_MALFORMED) from None
    if not host:
        raise PackageUrlRefusedError("no host")
    shown = f"[{host}]" if ":" in host else host
    return shown if port in {None, _DEFAULT_PORTS[parts.scheme]} else f"{shown}:{port}"


def _normal_path(path: str) -> str:
    readable = re.sub("%2e", ".", path, flags=re.IGNORECASE) or "/"
    normal = posixpath.normpath(readable) + ("/" if readable.endswith("/") and readable != "/" else "")
    hidden = unquote(unquote(normal)).replace("\\", "/").split("/")
    if ".." in hidden:
        raise PackageUrlRefusedError("the path hides '..' behind escapes")
    return re.sub("^/+", "/", normal)
