"""TLS of the worker's HTTPS port, whose certificates can be renewed while it serves.

Upstream: SslEngine factories with tlsCertRefreshCheckDurationSec. Each handshake takes the newest certificates; open
connections keep theirs. The event loop owns everything here; files are read in a thread.
"""

import asyncio
import logging
import ssl
from pathlib import Path
from typing import Any, Final

import attrs

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError

_VERSIONS: Final = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}

Stamps = tuple[tuple[int, int, int] | None, ...]

logger = logging.getLogger(__name__)


@attrs.frozen
class ServerCertificates:
    """Where certificates are, in PEM, and whom the port lets connect.

    With `require_trusted`, clients must show a certificate that one of `trust_file` signed.
    """

    certificate_file: str
    key_file: str
    trust_file: str = ""
    require_trusted: bool = False
    protocols: frozenset[str] = frozenset()

    @classmethod
    def from_config(cls, config: WorkerConfig) -> "ServerCertificates":
        """Those of the keys tls*."""
        return cls(
            certificate_file=config.tls_certificate_file_path or "",
            key_file=config.tls_key_file_path or "",
            trust_file=config.tls_trust_certs_file_path,
            require_trusted=config.tls_require_trusted_client_cert_on_connect,
            protocols=config.web_service_tls_protocols,
        )

    def context(self) -> ssl.SSLContext:
        """What the files hold now; ConfigurationError when they cannot be used."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        versions = sorted(_VERSIONS[name] for name in self.protocols) or [
            ssl.TLSVersion.TLSv1_2,
            ssl.TLSVersion.TLSv1_3,
        ]
        context.minimum_version, context.maximum_version = versions[0], versions[-1]
        try:
            context.load_cert_chain(self.certificate_file, self.key_file, password=_no_password)
            if self.trust_file:
                context.load_verify_locations(cafile=self.trust_file)
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise ConfigurationError(
                f"cannot use tlsCertificateFilePath {self.certificate_file!r}, tlsKeyFilePath {self.key_file!r}, "
                f"tlsTrustCertsFilePath {self.trust_file!r}: {reason}; expected PEM files that belong together, "
                "the key without password"
            ) from error
        if self.require_trusted:
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def stamps(self) -> Stamps:
        """Changes when a file was replaced or written to."""
        return tuple(_stamp(Path(name)) for name in (self.certificate_file, self.key_file, self.trust_file) if name)


@attrs.define
class RenewableTls:
    """The port's TLS. `context` is what to listen with; `watch` keeps it up to date."""

    certificates: ServerCertificates
    context: ssl.SSLContext = attrs.field(init=False)
    _current: ssl.SSLContext = attrs.field(init=False)
    _stamps: Stamps = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._stamps = self.certificates.stamps()
        self.context = self._current = self.certificates.context()
        self.context.sni_callback = self._choose

    def _choose(self, connection: Any, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = self._current

    def renew(self) -> bool:
        """Take up changed files; unusable ones are logged and leave everything as it is. Whether there was a change."""
        stamps = self.certificates.stamps()
        if stamps == self._stamps:
            return False
        try:
            self._current = self.certificates.context()
        except ConfigurationError as error:
            logger.error("the certificates of the HTTPS port stay as they were: %s", error)  # noqa: TRY400 it says all
            return False
        self._stamps = stamps
        logger.info("the HTTPS port has new certificates from %s", self.certificates.certificate_file)
        return True

    async def watch(self, seconds: float) -> None:
        """Look for changed files for ever, or not at all for a period of 0 or less."""
        while seconds > 0:
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self.renew)


def _no_password() -> str:
    # Without it, OpenSSL asks on the terminal for the password of an encrypted key.
    return ""


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
