"""A FastCGI client that talks directly to the worker's socket, one request per connection.

It sends what nginx sends with Debian's fastcgi_params. There is a blocking form for the plain tests
and an asyncio form for the many tabs of the storms; both share the encoding.
"""

import asyncio
import json
import socket
import struct

from .answer import Answer

BEGIN_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6
RESPONDER, AUTHORIZER = 1, 2


class Broken(Exception):
    """The connection ended before a whole answer had come."""


def record(kind, content):
    return struct.pack("!BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def stream(kind, data):
    """A stream in records of at most 64 KiB, ended by an empty one."""
    pieces = [record(kind, data[at:at + 65535]) for at in range(0, len(data), 65535)]
    return b"".join(pieces) + record(kind, b"")


def name_value(name, value):
    def length(data):
        return bytes([len(data)]) if len(data) < 128 else struct.pack("!I", len(data) | 1 << 31)

    name, value = name.encode("latin-1"), value.encode("latin-1")
    return length(name) + length(value) + name + value


def params(method, path, headers, body):
    path, _, query = path.partition("?")
    out = {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_SOFTWARE": "nginx/1.22.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "",
        "REQUEST_METHOD": method,
        "REQUEST_SCHEME": "https",
        "HTTPS": "on",
        "REQUEST_URI": path + ("?" + query if query else ""),
        "DOCUMENT_URI": path,
        "SCRIPT_NAME": path,
        "QUERY_STRING": query,
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "40000",
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "HTTP_HOST": "localhost",
    }
    for name, value in headers.items():
        out["HTTP_" + name.upper().replace("-", "_")] = value
    return out


def json_bytes(payload):
    return json.dumps(payload).encode()


def encode(params, body=b"", role=RESPONDER):
    begin = record(BEGIN_REQUEST, struct.pack("!HB5x", role, 0))
    pairs = b"".join(name_value(name, value) for name, value in params.items())
    return begin + stream(PARAMS, pairs) + stream(STDIN, body)


def decode(data):
    out, at, ended = b"", 0, False
    while at + 8 <= len(data):
        _, kind, _, length, padding, _ = struct.unpack_from("!BBHHBB", data, at)
        if kind == STDOUT:
            out += data[at + 8:at + 8 + length]
        ended = ended or kind == END_REQUEST
        at += 8 + length + padding
    if not ended:
        raise Broken("the worker closed the connection without an answer")
    head, _, body = out.partition(b"\r\n\r\n")
    lines = [line.partition(":") for line in head.decode("latin-1").split("\r\n")]
    headers = [(name, value.strip()) for name, _, value in lines if name.lower() != "status"]
    status = [value.split()[0] for name, _, value in lines if name.lower() == "status"]
    return Answer(int(status[0]) if status else 200, headers, body)


def connect(path, timeout=10):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(timeout)
    connection.connect(path)
    return connection


def read_all(connection):
    data = b""
    while piece := connection.recv(65536):
        data += piece
    return data


def ask(path, method, address, headers=None, body=b"", timeout=10):
    with connect(path, timeout) as connection:
        connection.sendall(encode(params(method, address, headers or {}, body), body))
        return decode(read_all(connection))


async def ask_async(path, method, address, headers=None, body=b""):
    """If it is cancelled (by a deadline, for example), it hangs up at once."""
    try:
        reader, writer = await asyncio.open_unix_connection(path)
    except OSError as error:
        raise Broken(str(error)) from error
    try:
        writer.write(encode(params(method, address, headers or {}, body), body))
        return decode(await reader.read())
    except OSError as error:
        raise Broken(str(error)) from error
    finally:
        writer.transport.abort()
