"""The core's function auth provider keeps its contract."""

from pulsemill.testing import FunctionAuthProviderContract
from pulsemill.token_auth import ClearTextFunctionTokenAuthProvider


class TestClearTextFunctionTokenAuthProvider(FunctionAuthProviderContract):
    plugin_class = ClearTextFunctionTokenAuthProvider
