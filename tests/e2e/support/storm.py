"""Browsers with many tabs, and thieves, over a network that loses and delays.

A browser has one cookie jar. A tab sends the jar's content at the moment of sending, and puts what
comes back into the jar at the moment of arrival, as real tabs do. Nothing is in flight (sent to
delivered) for longer than the network's limit: the tab then hangs up.
"""

import asyncio
import json
import random
from dataclasses import dataclass, field

from . import fcgi

LOST = "lost"


@dataclass
class Network:
    """What happens on the way. Times in seconds."""

    limit: float  # sent to delivered, at most
    delay: float = 0.0  # each way, at most
    loss: float = 0.0  # each way, as a share
    seed: int = 1
    dice: random.Random = field(init=False)

    def __post_init__(self):
        self.dice = random.Random(self.seed)

    async def leg(self):
        """One way through it; False if what was sent got lost."""
        await asyncio.sleep(self.dice.uniform(0, self.delay))
        return self.dice.random() >= self.loss


@dataclass
class Client:
    """Anyone who holds a cookie jar: a browser, or the thief that copied one."""

    socket: str
    jar: object
    network: Network
    answers: dict = field(default_factory=dict)  # each kind of answer: how often it came
    overdue: float = 0.0  # how far the machine let a request exceed the limit

    def count(self, what):
        self.answers[what] = self.answers.get(what, 0) + 1
        return what

    async def ask(self, method, address, payload=None, lost=False):
        """Sends with the jar's cookies; returns the answer. lost: the jar never gets it (LOST)."""
        loop = asyncio.get_running_loop()
        sent, cookies = loop.time(), self.jar.header(address)
        try:
            async with asyncio.timeout_at(sent + self.network.limit):
                answer = await self.travel(method, address, cookies, sent, payload)
        except (TimeoutError, fcgi.Broken):
            answer = LOST
        self.overdue = max(self.overdue, loop.time() - sent - self.network.limit)
        if lost or answer is LOST or loop.time() > sent + self.network.limit:
            self.count(LOST)
            return LOST
        self.jar.take(answer)
        self.count(answer.status)
        return answer

    async def travel(self, method, address, cookies, sent, payload=None):
        if not await self.network.leg():
            return LOST
        # A late timer must not send what should have been given up already.
        if asyncio.get_running_loop().time() > sent + self.network.limit:
            return LOST
        headers = {"Cookie": cookies, "Sec-Fetch-Site": "same-origin", "User-Agent": "storm"}
        if payload is not None:
            headers["Content-Type"] = "application/json"
        body = b"" if payload is None else json.dumps(payload).encode()
        answer = await fcgi.ask_async(self.socket, method, address, headers, body)
        return answer if await self.network.leg() else LOST

    async def refresh(self):
        return await self.ask("POST", "/auth/refresh")

    async def login(self, name, password, lost=False):
        """Logs in again; lost: the answer never reaches the jar."""
        answer = await self.ask("POST", "/auth/login", {"username": name, "password": password}, lost)
        self.count("lost login" if answer is LOST else "login")
        return answer

    def token(self):
        return self.jar.value("refresh")


def totals(clients):
    """What all of them were answered, added up."""
    sums = {}
    for client in clients:
        for what, count in client.answers.items():
            sums[what] = sums.get(what, 0) + count
    return {str(what): sums[what] for what in sorted(sums, key=str)}


def show(what, counts):
    """Prints counts for the log of the run: tests/run.sh repeats these lines."""
    print(f"\ncounts: {what}: " + ", ".join(f"{name} {count}" for name, count in counts.items()), flush=True)
