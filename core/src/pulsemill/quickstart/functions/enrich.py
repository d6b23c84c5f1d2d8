"""Enriches JSON lines: adds the number of words and the instance that looked to each record.

A SerDe of the package turns bytes into what the function takes, and its result back into bytes. It is named at
registration: customSerdeInputs for the inputs, outputSerdeClassName for the output.
"""

import json
from typing import Any

Record = dict[str, Any]


class JsonSerDe:
    """JSON objects, one per message."""

    def deserialize(self, data: bytes) -> Record:
        """Bytes to a record; what is no JSON object counts as a system exception and is delivered again."""
        record = json.loads(data)
        if not isinstance(record, dict):
            raise TypeError(f"expected a JSON object, not a {type(record).__name__}")
        return record

    def serialize(self, record: Record) -> bytes:
        """A record to bytes."""
        return json.dumps(record, ensure_ascii=False).encode()


class Enrich:
    """Takes and gives records. `userConfig` says which field holds the text."""

    def process(self, record: Record, context: Any) -> Record:
        """`{"text": "to be"}` gives `{"text": "to be", "words": 2, "by": "public/default/enrich:0"}`."""
        text = str(record.get(context.get_user_config_value("field") or "text", ""))
        tenant, namespace, name = (
            context.get_function_tenant(),
            context.get_function_namespace(),
            context.get_function_name(),
        )
        return {**record, "words": len(text.split()), "by": f"{tenant}/{namespace}/{name}:{context.get_instance_id()}"}
