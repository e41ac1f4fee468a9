"""Anyone who copied the cookie jar is shut out by the second refresh that the victim completes.

The victim is one tab that refreshes when its access token ends. A refresh counts as completed when
it brought a new refresh cookie, or the news that the session has ended; an access token alone (row
3, or just after a login) only means to come back soon. Every other victim logs in again in between,
and half of the answers to that are lost. The thief has the whole jar, device cookie included, and
the kinds of thieves are those that the rule names.
"""

import asyncio

import pytest

from support.site import PASSWORD
from support.storm import LOST, Client, Network, show, totals

VICTIMS = 50
HAND_OUT, QUIET, PACE = 0.3, 1.2, 2.0  # seconds; the pace is the access token's life
NETWORK = Network(limit=QUIET / 2 * 0.8, delay=0.02)
POLL = 0.12


class Victim(Client):
    """Refreshes at its pace; records each time."""

    def __init__(self, socket, jar, logins=0):
        super().__init__(socket, jar, NETWORK)
        self.logins = logins
        self.completed = 0
        self.ended = False
        self.heartbeat = asyncio.Event()

    async def live(self):
        wait = PACE
        while self.completed < 2 and not self.ended:
            await asyncio.sleep(wait * NETWORK.dice.uniform(0.8, 1.2))
            if self.logins and NETWORK.dice.random() < 0.5:
                self.logins -= 1
                await self.login("ada", PASSWORD, lost=NETWORK.dice.random() < 0.5)
            before, wait = self.token(), HAND_OUT
            answer = await self.refresh()
            if answer is LOST:
                continue
            self.ended = answer.status == 403
            if self.ended or self.token() != before:
                self.completed += 1
                wait = PACE
            self.heartbeat.set()


class Thief(Client):
    """Has a copy of the jar; keeps every token that it ever got."""

    def __init__(self, victim):
        super().__init__(victim.socket, victim.jar.copy(), NETWORK)
        self.victim = victim
        self.loot = [self.token()]

    async def use(self):
        answer = await self.refresh()
        if self.token() not in self.loot:
            self.loot.append(self.token())
        return answer

    async def try_everything(self):
        """Whether any token that it holds, the newest first, still opens anything."""
        for token in reversed(self.loot):
            self.jar.put("refresh", token)
            for method, address in ("POST", "/auth/refresh"), ("GET", "/auth/me"):
                answer = LOST
                while answer is LOST or answer.status == 503:
                    answer = await self.ask(method, address)
                if answer.status == 200:
                    return True
        return False


async def same_pace(thief):
    """Refreshes as its victim does, with the last token that it got."""
    while True:
        await asyncio.sleep(PACE * NETWORK.dice.uniform(0.8, 1.2))
        await thief.use()


async def polls_with_the_old_token(thief):
    """Presents the token that it stole, again and again."""
    while True:
        thief.jar.put("refresh", thief.loot[0])
        await thief.use()
        await asyncio.sleep(POLL)


async def polls_with_the_newest_token(thief):
    """Presents the last token that it got, again and again."""
    while True:
        await thief.use()
        await asyncio.sleep(POLL)


async def right_after_its_victim(thief):
    """Waits for each refresh of its victim and follows at once."""
    while True:
        await thief.victim.heartbeat.wait()
        thief.victim.heartbeat.clear()
        await thief.use()


async def once_and_then_waits(thief):
    """Takes one token of its own at once, and keeps it for later."""
    while await thief.use() is LOST:
        pass
    await asyncio.Event().wait()


KINDS = [same_pace, polls_with_the_old_token, polls_with_the_newest_token, right_after_its_victim,
         once_and_then_waits]


async def theft(site, jar, kind, logins):
    victim = Victim(site.socket, jar, logins)
    # The theft happens anywhere between two refreshes of the victim.
    first = await victim.refresh()
    while first is LOST:
        first = await victim.refresh()
    await asyncio.sleep(NETWORK.dice.uniform(0, PACE))
    thief = Thief(victim)
    at_work = asyncio.create_task(kind(thief))
    await victim.live()
    at_work.cancel()
    await asyncio.gather(at_work, return_exceptions=True)
    return victim, thief, await thief.try_everything()


async def thefts(site, jars, kind):
    return await asyncio.gather(*(theft(site, jar, kind, i % 2) for i, jar in enumerate(jars)))


@pytest.mark.timed
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.shows("D04", "D05", "D08", "D09")
def test_a_thief_is_shut_out_by_the_second_refresh(new_site, kind):
    site = new_site(hand_out="300 ms", quiet="1200 ms", access_ttl="2 s", threads=16)
    site.add_user("ada")
    site.start()
    jars = []
    for _ in range(VICTIMS):
        browser = site.browser()
        assert browser.login("ada", PASSWORD).status == 200
        jars.append(browser.jar)
    results = asyncio.run(thefts(site, jars, kind))
    inside = [thief for _, thief, opened in results if opened]
    show(f"thieves, {kind.__name__}", {
        "shut out": len(results) - len(inside), "still inside": len(inside),
        "by the first refresh": sum(victim.completed == 1 for victim, _, _ in results),
        "by the second": sum(victim.completed == 2 for victim, _, _ in results)})
    show("thieves were answered", totals(thief for _, thief, _ in results))
    logins = totals(victim for victim, _, _ in results)
    show("their victims", {"logged in again": logins.get("login", 0), "in vain": logins.get("lost login", 0)})
    assert logins["login"] and logins["lost login"]
    assert len(results) == VICTIMS and not inside
    # They were thieves, not bystanders.
    assert all(200 in thief.answers for _, thief, _ in results)
