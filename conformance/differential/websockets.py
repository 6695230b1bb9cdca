"""Reads cases of one line of JSON each, and writes what the sans-I/O core of websockets makes of them. The first argument is the folder with
the package. Messages are put together as websockets does it in its own asyncio layer: the core hands out frames, and text is decoded when
the message is complete, or the connection is failed with 1007."""

import json
import logging
import sys

sys.path.insert(0, sys.argv[1])

from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import CloseCode, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

logging.disable(logging.CRITICAL)


def protocol_for(case):
    limit = case["limit"]
    if case["role"] == "server":
        protocol = ServerProtocol(state=OPEN, max_size=limit)
    else:
        protocol = ClientProtocol(parse_uri("ws://localhost/"), state=OPEN, max_size=limit)
    deflate = case["deflate"]
    if deflate is not None:
        ours, theirs = ("server", "client") if case["role"] == "server" else ("client", "server")
        protocol.extensions = [
            PerMessageDeflate(
                remote_no_context_takeover=not deflate[theirs + "Takeover"],
                local_no_context_takeover=not deflate[ours + "Takeover"],
                remote_max_window_bits=deflate[theirs + "WindowBits"],
                local_max_window_bits=deflate[ours + "WindowBits"],
            )
        ]
    return protocol


def play(case):
    protocol = protocol_for(case)
    said = []
    kind, parts = None, []
    for chunk in case["chunks"]:
        protocol.receive_data(bytes.fromhex(chunk))
        for frame in protocol.events_received():
            data = bytes(frame.data)
            if frame.opcode is Opcode.PING:
                said.append("ping " + data.hex())
            elif frame.opcode is Opcode.PONG:
                said.append("pong " + data.hex())
            elif frame.opcode is Opcode.CLOSE:
                return said, f"close {protocol.close_rcvd.code}"
            else:
                if frame.opcode is not Opcode.CONT:
                    kind, parts = ("text" if frame.opcode is Opcode.TEXT else "binary"), []
                parts.append(data)
                if not frame.fin:
                    continue
                message = b"".join(parts)
                if kind == "text":
                    try:
                        message.decode()
                    except UnicodeDecodeError:
                        return said, f"fail {CloseCode.INVALID_DATA:d}"
                said.append(kind + " " + message.hex())
        if protocol.parser_exc is not None:
            sent = protocol.close_sent
            return said, f"fail {sent.code:d}" if sent else f"fail {protocol.parser_exc!r}"
    return said, "open"


for line in sys.stdin:
    said, end = play(json.loads(line))
    print(json.dumps({"said": said, "end": end}), flush=True)
