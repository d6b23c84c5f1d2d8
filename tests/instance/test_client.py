import pulsar
import pytest

from pulsemill_instance.client import ClientSettings, close_client, create_client
from pulsemill_instance.startup_errors import StartupError

TLS_PLUGIN = "org.apache.pulsar.client.impl.auth.AuthenticationTls"
TOKEN_PLUGIN = "org.apache.pulsar.client.impl.auth.AuthenticationToken"


@pytest.mark.parametrize(
    "settings",
    [
        ClientSettings("pulsar://127.0.0.1:1"),
        ClientSettings(
            "pulsar+ssl://127.0.0.1:1", TOKEN_PLUGIN, "token:abc", use_tls=True, tls_trust_cert_path=__file__
        ),
        ClientSettings("pulsar://127.0.0.1:1", tls_trust_cert_path="/no/ca.pem"),
        ClientSettings("pulsar+ssl://h:1", tls_trust_cert_path="/no/ca.pem", tls_allow_insecure_connection=True),
        ClientSettings("pulsar+ssl://h:1", TLS_PLUGIN, "tlsCertFile:/cert.pem,tlsKeyFile:/key.pem"),
        ClientSettings("pulsar://127.0.0.1:1", TOKEN_PLUGIN, "file:///run/secrets/token"),
        ClientSettings("pulsar://127.0.0.1:1", "token", "env:TOKEN"),
        ClientSettings("pulsar://127.0.0.1:1", "plugin without parameters"),
    ],
)
def test_a_client_is_made_without_asking_the_broker(settings: ClientSettings) -> None:
    create_client(settings).close()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (ClientSettings("127.0.0.1:6650"), "Cannot make a Pulsar client for '127.0.0.1:6650'"),
        (ClientSettings("pulsar+ssl://h:1", tls_trust_cert_path="/no/ca.pem"), "'/no/ca.pem': No such file"),
        (ClientSettings("pulsar://h:1", "com.example.Own", "hidden"), "'com.example.Own' is not one that"),
        (
            ClientSettings("pulsar://h:1", "org.apache.pulsar.client.impl.auth.AuthenticationBasic", '{"hidden": 1}'),
            "AuthenticationBasic' refuses its parameters",
        ),
    ],
)
def test_settings_that_cannot_be_are_named_without_their_secrets(settings: ClientSettings, reason: str) -> None:
    with pytest.raises(StartupError, match=reason) as raised:
        create_client(settings)
    assert "hidden" not in str(raised.value) + repr(settings)


def test_a_client_that_the_dying_broker_closed_is_closed() -> None:
    client = create_client(ClientSettings("pulsar://127.0.0.1:1"))
    client.close()
    with pytest.raises(pulsar.AlreadyClosed):
        client.close()
    close_client(client)
