"""A browser, as far as cookies are concerned, over HTTPS or directly over FastCGI."""

import contextlib
import http.client
import json
import socket
import ssl

from . import fcgi
from .answer import Answer
from .answers import keep


class Jar:
    """The cookies of one browser, shared by all its tabs."""

    def __init__(self):
        self.cookies = {}  # (name, path): value

    def copy(self):
        other = Jar()
        other.cookies = dict(self.cookies)
        return other

    def take(self, answer):
        for line in answer.all("Set-Cookie"):
            pair, *attributes = [part.strip() for part in line.split(";")]
            name, _, value = pair.partition("=")
            attributes = {key.lower(): rest for key, _, rest in (part.partition("=") for part in attributes)}
            place = name, attributes.get("path", "/")
            if attributes.get("max-age") == "0":
                self.cookies.pop(place, None)
            else:
                self.cookies[place] = value

    def value(self, ending):
        """The value of the one cookie whose name ends with this, or None."""
        return next((value for (name, _), value in self.cookies.items() if name.endswith(ending)), None)

    def put(self, ending, value):
        place = next(place for place in self.cookies if place[0].endswith(ending))
        self.cookies[place] = value

    def drop(self, ending):
        self.cookies = {place: value for place, value in self.cookies.items() if not place[0].endswith(ending)}

    def header(self, address):
        path = address.partition("?")[0]
        fitting = [(place, name, value) for (name, place), value in self.cookies.items()
                   if path == place or path.startswith(place.rstrip("/") + "/")]
        fitting.sort(key=lambda cookie: -len(cookie[0]))  # RFC 6265, 5.4: longer paths first
        return "; ".join(f"{name}={value}" for _, name, value in fitting)


class OverHttps:
    """Through a web server, with one connection per request."""

    def __init__(self, port, ca):
        self.port = port
        self.tls = ssl.create_default_context(cafile=ca)

    def __call__(self, method, address, headers, body):
        return self.send(method, address, headers.items(), body)

    def connection(self):
        return http.client.HTTPSConnection("localhost", self.port, context=self.tls, timeout=20)

    def raw(self):
        """A connection, to send what no client library would send."""
        return self.tls.wrap_socket(socket.create_connection(("localhost", self.port), 10), server_hostname="localhost")

    def send(self, method, address, pairs, body=b"", chunked=False):
        """Takes headers as pairs, so that one can be sent twice."""
        connection = self.connection()
        try:
            connection.putrequest(method, address, skip_accept_encoding=True)
            for name, value in pairs:
                connection.putheader(name, value)
            if chunked:
                connection.putheader("Transfer-Encoding", "chunked")
                body = [body[at:at + 5000] for at in range(0, len(body), 5000)]
            elif body or method in ("POST", "PUT", "PATCH"):
                connection.putheader("Content-Length", str(len(body)))
            # A server that has answered may hang up before it has read the body: its answer counts.
            with contextlib.suppress(ConnectionError, ssl.SSLEOFError):
                connection.endheaders(body or None, encode_chunked=chunked)
            response = connection.getresponse()
            return keep(method, address, Answer(response.status, response.getheaders(), response.read()))
        finally:
            connection.close()


class Kept:
    """Many GETs over one connection, which is made again when the server has closed it."""

    def __init__(self, https):
        self.https, self.connection = https, None

    def get(self, address, pairs):
        again = self.connection is not None
        try:
            return self.once(address, pairs)
        except (http.client.RemoteDisconnected, ConnectionError):
            self.close()
            if not again:
                raise
            return self.once(address, pairs)

    def once(self, address, pairs):
        if self.connection is None:
            self.connection = self.https.connection()
        self.connection.putrequest("GET", address, skip_accept_encoding=True)
        for name, value in pairs:
            self.connection.putheader(name, value)
        self.connection.endheaders()
        response = self.connection.getresponse()
        answer = Answer(response.status, response.getheaders(), response.read())
        if response.will_close:
            self.close()
        return answer

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


class OverFastcgi:
    """Directly to the worker."""

    def __init__(self, socket):
        self.socket = socket

    def __call__(self, method, address, headers, body):
        return keep(method, address, fcgi.ask(self.socket, method, address, headers, body))


class Browser:
    def __init__(self, transport, agent="Mozilla/5.0 (X11; Linux x86_64) test"):
        self.transport = transport
        self.agent = agent
        self.jar = Jar()
        self.access = None

    def send(self, method, address, payload=None, headers=None, cookies=None, body=b""):
        """Asks, and keeps the cookies of the answer. cookies, if given, replace the jar's."""
        sent = {"User-Agent": self.agent, "Sec-Fetch-Site": "same-origin"}
        if payload is not None:
            body = json.dumps(payload).encode()
            sent["Content-Type"] = "application/json"
        line = self.jar.header(address) if cookies is None else cookies
        if line:
            sent["Cookie"] = line
        for name, value in (headers or {}).items():
            sent.pop(name, None)
            if value is not None:
                sent[name] = value
        answer = self.transport(method, address, sent, body)
        self.jar.take(answer)
        return answer

    def login(self, username, password, **more):
        answer = self.send("POST", "/auth/login", {"username": username, "password": password, **more})
        if answer.status == 200:
            self.access = answer.json()["access_token"]
        return answer

    def refresh(self, **more):
        answer = self.send("POST", "/auth/refresh", **more)
        if answer.status == 200:
            self.access = answer.json()["access_token"]
        return answer

    def logout(self):
        return self.send("POST", "/auth/logout")

    def sessions(self):
        answer = self.send("GET", "/auth/sessions")
        assert answer.status == 200, answer
        return answer.json()["sessions"]

    def bearer(self):
        return {"Authorization": "Bearer " + self.access}

    def refresh_token(self):
        return self.jar.value("refresh")
