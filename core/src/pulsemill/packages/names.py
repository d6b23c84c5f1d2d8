"""The names of packages in Pulsar's packages service (upstream's PackageName)."""

import re
from urllib.parse import quote

import attrs

from pulsemill.errors import PackageError

_NAME = re.compile(
    r"(?P<kind>function|source|sink)://(?P<tenant>[^/@]+)/(?P<namespace>[^/@]+)/(?P<name>[^/@]+)(@(?P<version>[^/@]+))?"
)
_SCHEMES = ("function://", "source://", "sink://")


def is_managed(location: str) -> bool:
    """Whether a package's location is a name in the packages service."""
    return location.startswith(_SCHEMES)


@attrs.frozen
class PackageName:
    """`<kind>://tenant/namespace/name@version`; a name without a version means `latest`, which is a version's name."""

    kind: str
    tenant: str
    namespace: str
    name: str
    version: str

    @classmethod
    def parse(cls, text: str) -> "PackageName":
        """Read a name; PackageError when it is none."""
        match = _NAME.fullmatch(text)
        if match is None or {"..", "."} & set(match.groupdict("").values()):
            raise PackageError(f"{text!r} is no package name; expected <kind>://tenant/namespace/name@version")
        return cls(**{**match.groupdict(), "version": match["version"] or "latest"})

    @property
    def versions_path(self) -> str:
        """Where the admin API lists the package's versions."""
        return "/".join(quote(part, safe="") for part in (self.kind, self.tenant, self.namespace, self.name))

    @property
    def path(self) -> str:
        """Where the admin API has the package."""
        return f"{self.versions_path}/{quote(self.version, safe='')}"

    def __str__(self) -> str:
        return f"{self.kind}://{self.tenant}/{self.namespace}/{self.name}@{self.version}"
