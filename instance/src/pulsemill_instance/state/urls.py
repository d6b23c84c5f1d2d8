"""Where state is kept, as a URL: stateStorageServiceUrl in a worker, --state_storage_serviceurl in an instance."""

import re
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import attrs

from pulsemill_instance.state.errors import StateError

TABLE_SERVICE_PORT = 4181
SQLITE = "sqlite"
BOOKKEEPER = "bk"

STATE_URLS = (
    f"bk://HOST:{TABLE_SERVICE_PORT}, BookKeeper's table service, or sqlite:///FOLDER/state.db, a file of this machine"
)
"""What a URL of state may be, for errors."""

_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+])(?::[0-9]{1,5})?")


@attrs.frozen
class TableServiceAddress:
    """BookKeeper's table service, at any of these `host:port`."""

    hosts: tuple[str, ...]


@attrs.frozen
class StateFile:
    """A database on this machine."""

    path: Path


def parse_state_url(url: str) -> TableServiceAddress | StateFile:
    """Read `bk://host:4181,other:4181` or `sqlite:///folder/state.db`; StateError for anything else."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _unusable(url) from error
    if parts.query or parts.fragment:
        raise _unusable(url)
    if parts.scheme == SQLITE and not parts.netloc and len(parts.path.strip("/")) > 0:
        return StateFile(Path(unquote(parts.path)))
    hosts = parts.netloc.split(",")
    if parts.scheme != BOOKKEEPER or parts.path.strip("/") or not all(_HOST.fullmatch(host) for host in hosts):
        raise _unusable(url)
    return TableServiceAddress(tuple(map(_with_port, hosts)))


def is_state_url(url: str) -> bool:
    """Whether state can be kept there."""
    try:
        parse_state_url(url)
    except StateError:
        return False
    return True


def state_file_url(path: Path) -> str:
    """The URL of a database file."""
    return f"{SQLITE}://{quote(str(path.absolute()))}"


def _with_port(host: str) -> str:
    has_port = re.search(r":[0-9]+$", host) and not host.endswith("]")
    return host if has_port else f"{host}:{TABLE_SERVICE_PORT}"


def _unusable(url: str) -> StateError:
    return StateError(f"{url!r} is no place for state: expected {STATE_URLS}")
