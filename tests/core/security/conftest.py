"""Tokens and certificates of tests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.rig.certificates import Authority

SECRET = bytes(range(32))


@pytest.fixture
def token() -> Callable[..., str]:
    """Makes tokens that are signed with SECRET unless told otherwise."""

    def make(role: Any = "alice", *, key: Any = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
        return jwt.encode({"sub": role, **claims}, key, algorithm)

    return make


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    (tmp_path / "ca").mkdir()
    return Authority.make(tmp_path / "ca")


@pytest.fixture
def other_authority(tmp_path: Path) -> Authority:
    (tmp_path / "other-ca").mkdir()
    return Authority.make(tmp_path / "other-ca", "another authority")
