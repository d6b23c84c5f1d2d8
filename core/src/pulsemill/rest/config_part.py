"""The configuration within a request, and what is told about fields that have no effect."""

import logging
from functools import cache
from typing import Any

import attrs

from pulsemill.functions.json_text import parse_json
from pulsemill.names import FunctionName
from pulsemill.rest.errors import RestError
from pulsemill.rest.form import Form
from pulsemill.rest.kinds import Kind

log = logging.getLogger(__name__)

_UPDATE_AUTH_DATA = "updateAuthData"


def requested_config(kind: Kind, form: Form, name: FunctionName) -> Any:
    """The configuration in a form, with the names of the URL over its own; 400 when it is missing or wrong."""
    config = kind.read(form)
    if config is None:
        raise RestError(400, f"{kind.name} config is not provided")
    for field, why in kind.unused(config).items():
        _tell_once(f"{kind.name.lower()}Config.{field}", why)
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
    log.warning("%s is accepted without effect: %s. This is logged once.", field, why)
