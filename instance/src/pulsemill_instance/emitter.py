"""From a function's result to an output on its way."""

from collections.abc import Callable
from typing import Any
from zlib import crc32

import attrs

from pulsemill_instance.consumers import Input
from pulsemill_instance.errors import InstanceError, InstanceFatalError
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.message_ids import encode_message_id
from pulsemill_instance.opening import StoppedError
from pulsemill_instance.outcomes import Outcomes
from pulsemill_instance.outputs import Outputs

INPUT_TOPIC = "__pfn_input_topic__"
INPUT_MESSAGE_ID = "__pfn_input_msg_id__"


def partition_of_output(message: Any, partitions: int) -> int:
    """The partition of an effectively-once output: the same one for the same input (Java: FunctionResultRouter)."""
    identifier: str = message.properties()[INPUT_MESSAGE_ID]
    return crc32(identifier.encode()) % partitions


@attrs.define(eq=False)
class Emitter:
    """Encodes results and sends them; None, and every result of a function without output topic, needs no output."""

    outputs: Outputs | None
    outcomes: Outcomes
    encode: Callable[[Any], bytes]
    forward_properties: bool
    sequence_id_of: Callable[[InputMessage], int] | None

    def emit(self, source: Input, message: InputMessage, result: Any) -> None:
        """Send a result, or settle its input when there is nothing to send."""
        outputs = self.outputs
        if outputs is None or result is None:
            self.outcomes.nothing_to_store(source, message)
            return
        try:
            identifier = message.message_id().serialize()
            properties = {
                INPUT_TOPIC: source.fixed_topic or message.topic_name(),
                INPUT_MESSAGE_ID: encode_message_id(identifier),
            }
            if self.forward_properties:
                properties = message.properties() | properties
            sequence = self.sequence_id_of(message) if self.sequence_id_of else None
            outputs.send((source, message, identifier), self.encode(result), properties, sequence)
        except (InstanceFatalError, MemoryError):
            raise
        except StoppedError:
            return  # neither stored nor failed: it comes again
        except InstanceError as error:
            self.outcomes.rejected([(source, message, b"")], str(error))
        except Exception as error:  # noqa: BLE001  # user SerDes and schemas may raise anything
            self.outcomes.system_failed(source, message, error)
