"""Java packages for tests."""

import pytest

from tests.rig.java_files import JavaFiles


@pytest.fixture
def java() -> JavaFiles:
    """Makes Java packages."""
    return JavaFiles()
