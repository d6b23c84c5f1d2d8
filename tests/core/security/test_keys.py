"""Keys in every form that upstream's configuration knows."""

import base64
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.errors import ConfigurationError
from pulsemill.security.keys import public_key, read_key, secret_key

KEY = bytes(range(32))
TEXT = base64.b64encode(KEY).decode()


def der(private: Any) -> str:
    key = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(key).decode()


def test_a_key_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "a secret.key"
    file.write_bytes(KEY)
    for value in (f"file://{file}", f"file:{file}", file.as_uri(), str(file)):
        assert read_key(value, "k") == KEY


@pytest.mark.parametrize("value", [TEXT, f"data:;base64,{TEXT}", f"data:application/x;base64,{TEXT}", f" {TEXT}\n"])
def test_a_key_is_read_from_text(value: str) -> None:
    assert read_key(value, "k") == KEY


def test_data_without_base64_is_taken_as_it_is() -> None:
    assert read_key("data:,a%20b", "k") == b"a b"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("file:///no/such/key", "cannot read the key file '/no/such/key': No such file"),
        ("no such file", "neither the path of a file"),
        ("data:nothing", "expected data:;base64,TEXT"),
        ("data:;base64,***", "neither"),
        (base64.b64encode(b"short").decode(), "the key has 40 bits; at least 256"),
        ("", "the key has 0 bits"),
    ],
)
def test_what_is_no_key_is_refused(value: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem) as refused:
        secret_key(value, "properties.tokenSecretKey")
    assert str(refused.value).startswith("properties.tokenSecretKey: ")


@given(st.text(min_size=1))
def test_any_text_is_a_key_or_refused_without_being_shown(text: str) -> None:
    problem = ""
    try:
        assert isinstance(read_key(text, "k"), bytes)
    except ConfigurationError as error:
        problem = str(error)
    assert len(text) < 12 or text.startswith("file:") or text not in problem


@pytest.mark.parametrize(
    ("length", "algorithms"),
    [(32, ("HS256",)), (47, ("HS256",)), (48, ("HS256", "HS384")), (64, ("HS256", "HS384", "HS512"))],
)
def test_a_secret_key_is_good_for_what_it_is_long_enough_for(length: int, algorithms: tuple[str, ...]) -> None:
    assert secret_key(base64.b64encode(bytes(length)).decode(), "k").algorithms == algorithms


def test_a_key_never_shows() -> None:
    assert TEXT not in repr(secret_key(TEXT, "k"))
    assert repr(KEY)[2:-1] not in repr(secret_key(TEXT, "k"))


@pytest.mark.parametrize(("curve", "algorithm"), [(ec.SECP256R1, "ES256"), (ec.SECP384R1, "ES384")])
def test_a_curve_has_its_algorithm(curve: Any, algorithm: str) -> None:
    assert public_key(der(ec.generate_private_key(curve())), "ES256", "k").algorithms == (algorithm,)


def test_public_keys_must_fit_their_algorithm() -> None:
    long, short = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 1024)  # noqa: S505 that is the point
    assert "HS256" not in public_key(der(long), "RS256", "k").algorithms
    for value, algorithm in (
        (der(long), "ES256"),
        (der(short), "RS256"),
        (der(ec.generate_private_key(ec.SECP256K1())), "ES256"),
    ):
        with pytest.raises(ConfigurationError, match=f"does not fit tokenPublicAlg {algorithm}"):
            public_key(value, algorithm, "k")
    with pytest.raises(ConfigurationError, match="tokenPublicAlg is HS256"):
        public_key(der(long), "HS256", "k")


def test_a_public_key_in_pem_is_told_how_to_become_der() -> None:
    with pytest.raises(ConfigurationError, match="openssl pkey"):
        public_key(base64.b64encode(b"-----BEGIN PUBLIC KEY-----").decode(), "RS256", "k")
