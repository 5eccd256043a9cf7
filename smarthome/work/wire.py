"""huey's messages and results in, JSON out, and back: nothing that comes from Redis is executed."""

from __future__ import annotations

import json
from typing import Any

from huey.registry import Message
from huey.serializer import Serializer
from huey.utils import Error


class JsonSerializer(Serializer):  # type: ignore[misc] # huey has no types
    """In the place of huey's pickle."""

    def _serialize(self, data: Any) -> bytes:
        match data:
            case Message():
                record = {"message": {name: value for name, value in data._asdict().items() if value is not None}}
            case Error():
                record = {"error": {name: str(value) for name, value in data.metadata.items()}}
            case _:
                record = {"value": data}
        return json.dumps(record, ensure_ascii=False).encode()

    def _deserialize(self, data: bytes) -> Any:
        record = json.loads(data)
        if "message" in record:
            return Message(**record["message"])
        if "error" in record:
            return Error(record["error"])
        return record["value"]
