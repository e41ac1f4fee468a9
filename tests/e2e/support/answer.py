"""What a server answered, however it was asked."""

import json


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # pairs, as they came: Set-Cookie may occur twice
        self.body = body

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name):
        values = self.all(name)
        return values[0] if values else None

    def json(self):
        return json.loads(self.body)

    def error(self):
        """The code of an error answer; None for any other."""
        try:
            return self.json().get("error")
        except (ValueError, AttributeError):
            return None
