"""Tokens: whose they are, and that nothing but a valid one is anybody's."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.errors import ConfigurationError
from pulsemill.security.errors import AuthenticationError
from pulsemill.security.tokens import TokenVerifier

SECRET = bytes(range(32))
SECRET_TEXT = base64.b64encode(SECRET).decode()
VERIFIER = TokenVerifier.from_properties({"tokenSecretKey": SECRET_TEXT})

Token = Callable[..., str]


def verifier(**properties: str) -> TokenVerifier:
    return TokenVerifier.from_properties({"tokenSecretKey": SECRET_TEXT, **properties})


def test_the_role_is_the_subject(token: Token) -> None:
    assert VERIFIER.role(token("alice")) == "alice"


def test_the_role_may_be_in_another_claim_and_the_first_of_a_list(token: Token) -> None:
    by_claim = verifier(tokenAuthClaim="roles")
    assert by_claim.role(token("x", roles="bob")) == "bob"
    assert by_claim.role(token("x", roles=["carol", "dave"])) == "carol"
    assert VERIFIER.role(token(["erin"])) == "erin"


@pytest.mark.parametrize("role", [None, "", "  ", 7, [], [1], {}])
def test_a_token_without_a_role_is_nobodys(role: Any, token: Token) -> None:
    with pytest.raises(AuthenticationError, match="no role in its claim 'sub'"):
        VERIFIER.role(token(role))


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"exp": 1}, "ExpiredSignatureError"),
        ({"nbf": 99999999999}, "ImmatureSignatureError"),
        ({"exp": "soon"}, "DecodeError"),
        ({"exp": -(10**400)}, "the token is not valid"),
    ],
)
def test_a_token_out_of_its_time_is_refused(claims: dict[str, Any], why: str, token: Token) -> None:
    with pytest.raises(AuthenticationError, match=why):
        VERIFIER.role(token(**claims))


def test_the_clocks_may_differ_by_the_configured_seconds(token: Token) -> None:
    now = int(time.time())
    late, early = token(exp=now - 60), token(nbf=now + 60)
    tolerant = verifier(tokenAllowedClockSkewSeconds="120")
    assert tolerant.role(late) == tolerant.role(early) == "alice"
    with pytest.raises(AuthenticationError):
        VERIFIER.role(late)


@pytest.mark.parametrize("key", [bytes(32), SECRET + b"x"])
def test_another_key_is_refused(key: bytes, token: Token) -> None:
    with pytest.raises(AuthenticationError, match="InvalidSignatureError"):
        VERIFIER.role(token(key=key))


def test_an_algorithm_that_the_key_is_too_short_for_is_refused(token: Token) -> None:
    with pytest.raises(AuthenticationError, match="InvalidAlgorithmError"):
        VERIFIER.role(token(algorithm="HS512"))


def test_an_unsigned_token_is_refused() -> None:
    with pytest.raises(AuthenticationError):
        VERIFIER.role(jwt.encode({"sub": "admin"}, None, "none"))


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS256", "ES256"])
def test_public_keys_check_what_private_keys_signed(algorithm: str, token: Token) -> None:
    family = "ES" if algorithm.startswith("ES") else "RS"
    private = ec.generate_private_key(ec.SECP256R1()) if family == "ES" else rsa.generate_private_key(65537, 2048)
    der = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    text = f"data:;base64,{base64.b64encode(der).decode()}"
    public = TokenVerifier.from_properties({"tokenPublicKey": text, "tokenPublicAlg": f"{family}256"})
    assert public.role(token(key=private, algorithm=algorithm)) == "alice"
    with pytest.raises(AuthenticationError):
        public.role(_signed_with_hmac(der))


def _signed_with_hmac(key: bytes) -> str:
    """The classic forgery: the public key, which everybody knows, taken for an HMAC key."""
    signed = _parts({"alg": "HS256"}, {"sub": "admin"})
    return f"{signed}.{_base64(hmac.digest(key, signed.encode(), 'sha256'))}"


def _parts(*parts: dict[str, Any]) -> str:
    return ".".join(_base64(json.dumps(part).encode()) for part in parts)


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@pytest.mark.parametrize("audience", ["pulsar", ["other", "pulsar"]])
def test_the_audience_is_checked_when_it_is_configured(audience: Any, token: Token) -> None:
    checking = verifier(tokenAudienceClaim="aud", tokenAudience="pulsar")
    assert checking.role(token(aud=audience)) == "alice"
    for wrong in ("other", ["other"], 7, None, []):
        with pytest.raises(AuthenticationError, match="'aud' does not name 'pulsar'"):
            checking.role(token(aud=wrong))
    assert VERIFIER.role(token(aud="other")) == "alice"


@given(st.one_of(st.text(), st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", fullmatch=True)))
def test_no_text_is_anybodys_token(text: str) -> None:
    with pytest.raises(AuthenticationError) as refused:
        VERIFIER.role(text)
    assert len(text) < 10 or text not in str(refused.value)


@given(st.data())
def test_a_token_that_was_tampered_with_is_nobodys(data: st.DataObject) -> None:
    token = jwt.encode({"sub": "alice"}, SECRET, "HS256")
    position = data.draw(st.integers(0, len(token) - 2))  # the last character has bits to spare
    other = data.draw(st.sampled_from("AQgw01-_.").filter(lambda character: character != token[position]))
    with pytest.raises(AuthenticationError):
        VERIFIER.role(token[:position] + other + token[position + 1 :])


@given(
    st.dictionaries(st.sampled_from(["alg", "typ", "kid", "crit", "b64", "jwk"]), st.text() | st.integers() | st.none())
)
def test_no_header_opens_the_door(header: dict[str, Any]) -> None:
    with pytest.raises(AuthenticationError):
        VERIFIER.role(f"{_parts(header, {'sub': 'admin'})}.eA")


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ({}, "give properties.tokenSecretKey or properties.tokenPublicKey"),
        ({"tokenSecretKey": SECRET_TEXT, "tokenAudience": "a"}, "give both or none"),
        ({"tokenSecretKey": SECRET_TEXT, "tokenAudienceClaim": "aud"}, "give both or none"),
        ({"tokenSecretKey": SECRET_TEXT, "tokenAllowedClockSkewSeconds": "-1"}, "whole number of seconds"),
        ({"tokenSettingPrefix": "my", "tokenSecretKey": SECRET_TEXT}, "mytokenSecretKey or"),
    ],
)
def test_settings_that_cannot_work_are_refused(properties: dict[str, str], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        TokenVerifier.from_properties(properties)


def test_a_prefix_names_all_settings(token: Token) -> None:
    given_prefix = {"tokenSettingPrefix": "my", "mytokenSecretKey": SECRET_TEXT, "mytokenAuthClaim": "name"}
    assert TokenVerifier.from_properties(given_prefix).role(token(name="zoe")) == "zoe"
