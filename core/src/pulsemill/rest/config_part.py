"""The FunctionConfig within a request, and what is told about fields that have no effect."""

import logging
from functools import cache

import attrs

from pulsemill.functions.json_text import parse_json
from pulsemill.functions.model import FunctionConfig
from pulsemill.functions.reading import read_function_config
from pulsemill.functions.unused import unused_fields
from pulsemill.names import FunctionName
from pulsemill.rest.errors import RestError
from pulsemill.rest.form import Form

log = logging.getLogger(__name__)

_UPDATE_AUTH_DATA = "updateAuthData"


def function_config(form: Form, name: FunctionName) -> FunctionConfig:
    """The functionConfig part, with the names of the URL over its own; 400 when it is missing or wrong."""
    text = form.json("functionConfig")
    if text is None:
        raise RestError(400, "Function config is not provided")
    config = read_function_config(text)
    for field, why in unused_fields(config).items():
        _tell_once(field, why)
    return attrs.evolve(config, tenant=name.tenant, namespace=name.namespace, name=name.name)


def wants_new_auth_data(form: Form) -> bool:
    """Whether updateOptions asks to replace the function's credentials."""
    text = form.json("updateOptions")
    options = parse_json(text, "updateOptions") if text else {}
    if options is None:
        return False
    known = isinstance(options, dict) and options.keys() <= {_UPDATE_AUTH_DATA}
    wanted = options.get(_UPDATE_AUTH_DATA, False) if isinstance(options, dict) else None
    if not known or not isinstance(wanted, bool):
        raise RestError(400, f'updateOptions must be {{"{_UPDATE_AUTH_DATA}": true or false}}')
    return wanted


@cache
def _tell_once(field: str, why: str) -> None:
    log.warning("functionConfig.%s is accepted without effect: %s. This is logged once.", field, why)
