"""Whatever source or sink is sent: it is registered and can be read and updated again, or refused with a reason."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulsemill.connectors.model import SinkConfig, SourceConfig
from pulsemill.functions.writing import to_json

TEXT = st.sampled_from(["in", "t/n/x", "a.B", "", " ", "builtin://x", "{}", "[]", "JSON", "../x", "\0", "ü"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
INPUTS = {"source": {"topicName": "out"}, "sink": {"inputs": ["in"]}}
FIELDS = {"source": sorted(to_json(SourceConfig())), "sink": sorted(to_json(SinkConfig()))}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_values_of_any_type(world: Any, java: Any, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["source", "sink"]))
    config = data.draw(st.dictionaries(st.sampled_from(FIELDS[kind]), JSON, max_size=3))
    world.functions.by_name.clear()
    url = f"/admin/v3/{kind}s/public/default/c"
    files = {f"{kind}Config": _json({**INPUTS[kind], **config}), "data": ("acme.nar", java.connector())}
    response = await world.client.post(url, files=files)
    if response.status_code == 204:
        assert (await world.client.get(url)).status_code == 200
        batch = (
            {"batchSourceConfig": config["batchSourceConfig"]} if config.get("batchSourceConfig") is not None else {}
        )
        change = {f"{kind}Config": _json({"parallelism": 77, **batch})}
        response = await world.client.put(url, files=change)
        assert (response.status_code, response.text) == (204, "")
    else:
        assert response.status_code == 400
        assert response.json()["reason"]


def _json(value: Any) -> tuple[None, str, str]:
    return (None, json.dumps(value), "application/json")
