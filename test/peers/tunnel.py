"""A local program that reaches a host through an HTTP proxy by CONNECT, and one that speaks WebSocket; what came is told as JSON."""

import base64
import hashlib
import http.client
import json
import os
import struct
import sys

what, port, authority, path = sys.argv[1:5]
host, _, other = authority.rpartition(":")
connection = http.client.HTTPConnection("localhost", int(port), timeout=30)
if what != "websocket":
    connection.set_tunnel(host, int(other))

if what == "connect":
    bodies = []
    for n in range(2):
        connection.request("POST", path, body=b"hello", headers={"X-Name": "python"})
        bodies.append(json.loads(connection.getresponse().read()))
    print(json.dumps(bodies))
else:
    key = base64.b64encode(os.urandom(16)).decode()
    connection.request("GET", path, headers={
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Version": "13",
    })
    response = connection.getresponse()
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    mask = os.urandom(4)
    text = "gr\u00fc\u00df dich".encode() * 1000
    socket = connection.sock
    frame = struct.pack("!BBH", 0x81, 0x80 | 126, len(text)) + mask
    socket.sendall(frame + bytes(byte ^ mask[n % 4] for n, byte in enumerate(text)))

    def read(count):
        data = b""
        while len(data) < count:
            more = socket.recv(count - len(data))
            if not more:
                raise EOFError(data)
            data += more
        return data

    first, second, length = struct.unpack("!BBH", read(4))
    print(json.dumps({
        "status": response.status,
        "accepted": response.headers["Sec-WebSocket-Accept"] == accept,
        "echoed": (first, second) == (0x81, 126) and read(length) == text,
    }))
    socket.sendall(b"\x88\x80" + mask)
    read(2)
