"""A real broker, with ZooKeeper (a separate Java worker needs it), a bookie, packages service and table service."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import attrs

from tests.rig.certificates import Authority
from tests.rig.distribution import pulsar_home
from tests.rig.errors import RigError
from tests.rig.ports import free_port
from tests.rig.server import Server

MEMORY = "-Xmx1g -XX:MaxDirectMemorySize=1g"
# A table service that comes back while its last life is still registered gives up after ten seconds: seen once in 300.
_RETURNS = 3


@attrs.frozen
class Ports:
    """Each listening port of a stand-alone Pulsar."""

    broker: int = attrs.field(factory=free_port)
    web: int = attrs.field(factory=free_port)
    zookeeper: int = attrs.field(factory=free_port)
    bookie: int = attrs.field(factory=free_port)
    table_service: int = attrs.field(factory=free_port)


@attrs.frozen
class Broker:
    """Addresses of a running broker. `state_storage_service_url` is its table service, which keeps functions' state."""

    server: Server
    folder: Path
    address: str
    service_url: str
    web_service_url: str
    state_storage_service_url: str
    zookeeper: str
    settings: Mapping[str, str]
    ports: Ports

    @property
    def service_url_tls(self) -> str:
        """Of one with `tls_settings`."""
        return f"pulsar+ssl://{self.address}:{self.settings['brokerServicePortTls']}"

    @property
    def web_service_url_tls(self) -> str:
        """Of one with `tls_settings`."""
        return f"https://{self.address}:{self.settings['webServicePortTls']}"

    def restart(self) -> "Broker":
        """Stop it and start it again on the same data and ports."""
        self.server.stop()
        return _started(self.folder, self.settings, self.ports, self.address)


@attrs.define
class MortalBroker:
    """A broker that ends and comes back on its data, with the same addresses."""

    broker: Broker
    # A server ends with the thread that started it (see Server): this one stays.
    _starter: ThreadPoolExecutor = attrs.field(factory=lambda: ThreadPoolExecutor(1))

    def kill(self) -> None:
        """End it as a crash would."""
        self.broker.server.kill()

    def freeze(self) -> None:
        """Keep it from doing anything, its connections open, until it thaws or is killed."""
        self.broker.server.freeze()

    def thaw(self) -> None:
        """Let it go on."""
        self.broker.server.thaw()

    def stop(self) -> None:
        """End it in order."""
        self.broker.server.stop()

    def come_back(self) -> None:
        """Start it again, from any thread; returns once it takes requests."""
        self.broker = self._starter.submit(self._restart).result()

    def _restart(self) -> Broker:
        for _ in range(1, _RETURNS):
            with suppress(RigError):
                return self.broker.restart()
        return self.broker.restart()

    def close(self) -> None:
        """End it for good."""
        self.broker.server.kill()
        self._starter.shutdown()


@contextmanager
def running_broker(
    folder: Path, settings: Mapping[str, str] | None = None, address: str = "127.0.0.1"
) -> Iterator[Broker]:
    """A broker whose data are in `folder`; `settings` replace those of conf/standalone.conf (authentication, TLS, ...).

    It listens on `address`, an IP address of this machine, and tells clients to find it there.

    It counts as started when its plain web port knows `public/default` or asks for authentication.
    """
    broker = _started(folder, dict(settings or {}), Ports(), address)
    try:
        yield broker
    finally:
        broker.server.stop()


def tls_settings(authority: Authority, address: str = "127.0.0.1", hosts: Sequence[str] = ()) -> dict[str, str]:
    """Settings of a broker that has ports with TLS too, with a certificate for an IP address and for host names."""
    certificate, key = authority.issue("broker", [address], hosts)
    return {
        "brokerServicePortTls": str(free_port()),
        "webServicePortTls": str(free_port()),
        "tlsCertificateFilePath": str(certificate),
        "tlsKeyFilePath": str(key),
        "tlsTrustCertsFilePath": str(authority.file),
        "brokerClientTrustCertsFilePath": str(authority.file),
    }


def _started(folder: Path, settings: Mapping[str, str], ports: Ports, address: str) -> Broker:
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "standalone.conf"
    configuration.write_text(_configuration(folder, settings, ports, address))
    server = Server.start("broker", _command(folder, ports), folder, _environ(folder, configuration))
    web = f"http://{address}:{ports.web}"
    server.wait_for(f"{web}/admin/v2/namespaces/public/default")
    return Broker(
        server=server,
        folder=folder,
        address=address,
        service_url=f"pulsar://{address}:{ports.broker}",
        web_service_url=web,
        state_storage_service_url=f"bk://{address}:{ports.table_service}",
        zookeeper=f"127.0.0.1:{ports.zookeeper}",
        settings=settings,
        ports=ports,
    )


def _configuration(folder: Path, settings: Mapping[str, str], ports: Ports, address: str) -> str:
    """The distribution's file and what replaces it: the last of equal keys wins."""
    ours = {
        "bindAddress": address,
        "advertisedAddress": address,
        "brokerServicePort": str(ports.broker),
        "webServicePort": str(ports.web),
        "enablePackagesManagement": "true",
        "packagesManagementStorageProvider": "org.apache.pulsar.packages.management.storage.filesystem."
        "FileSystemPackagesStorageProvider",
        "STORAGE_PATH": str(folder / "packages"),
        **settings,
    }
    stock = (pulsar_home() / "conf/standalone.conf").read_text()
    return stock + "\n" + "".join(f"{key}={value}\n" for key, value in ours.items())


def _command(folder: Path, ports: Ports) -> list[str | Path]:
    data = ["--zookeeper-dir", str(folder / "zookeeper"), "--bookkeeper-dir", str(folder / "bookkeeper")]
    listen = ["--zookeeper-port", ports.zookeeper, "--bookkeeper-port", ports.bookie]
    listen += ["--stream-storage-port", ports.table_service]
    return [pulsar_home() / "bin/pulsar", "standalone", "--no-functions-worker", *data, *map(str, listen)]


def _environ(folder: Path, configuration: Path) -> dict[str, str]:
    return {
        "PULSAR_STANDALONE_USE_ZOOKEEPER": "1",
        "PULSAR_STANDALONE_CONF": str(configuration),
        "PULSAR_LOG_DIR": str(folder / "logs"),
        "PULSAR_MEM": MEMORY,
    }
