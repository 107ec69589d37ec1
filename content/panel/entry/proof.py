"""Proving who one is: each attempt is counted, and every refusal looks the same."""

from datetime import timedelta
from math import ceil

from content.panel.entry import attempts, credentials
from content.panel.entry.passwords import TooBusy
from content.panel.visit import Visit
from content.staff import StaffRow


class Refused(Exception):
    """`why` is 'wrong', 'wait' (then `wait` says how long) or 'busy'."""

    def __init__(self, why: str, wait: timedelta = timedelta()) -> None:
        super().__init__(why)
        self.why = why
        self.wait = wait

    @property
    def status(self) -> int:
        """The status of the answer."""
        return {"wrong": 422, "wait": 429, "busy": 503}[self.why]

    def told(self, visit: Visit, wrong: str) -> str:
        """Return the sentence for her: `wrong`, or how long to wait."""
        if self.why == "wrong":
            return wrong
        if self.why == "busy":
            return visit.say("Hay muchas personas entrando ahora. Espere un minuto y reintente.")
        minutes = max(1, ceil(self.wait.total_seconds() / 60))
        return visit.say("Hubo muchos intentos. Espere {minutes} min y reintente.", minutes=minutes)


async def admit(visit: Visit) -> None:
    """Count an attempt of the place that a request comes from; raise `Refused`."""
    request = visit.request
    place = attempts.place_of(
        request.remote,
        request.headers.getall("X-Forwarded-For", []),
        visit.panel.settings.trusted_proxies,
    )
    if wait := visit.panel.senders.take(place, visit.now):
        raise Refused("wait", wait)


async def password(visit: Visit, email: str, given: str) -> StaffRow:
    """Return the member whose address and password these are; raise `Refused`.

    An unknown address takes the same steps and the same time.
    """
    await admit(visit)
    email = email.strip().lower()
    await _count(visit, email)
    async with visit.reading() as session:
        member = await session.get(StaffRow, email)
        known = await credentials.of(session, email)
    stored = known.password if known and member and member.active else None
    passwords = visit.panel.passwords
    try:
        right = await passwords.verify(given, stored)
        renewed = (
            await passwords.hash(given)
            if right and stored and passwords.is_outdated(stored)
            else None
        )
    except TooBusy:
        async with visit.transaction() as session:
            await attempts.forgive(session, email)
        raise Refused("busy") from None
    if not right or member is None or stored is None:
        raise Refused("wrong")
    async with visit.transaction() as session:
        await attempts.forgive(session, email)
        if renewed:
            await credentials.rehash(session, email, stored, renewed)
    return member


async def code(visit: Visit, email: str, given: str) -> str:
    """Use up a code of a member: 'totp' or 'recovery'; raise `Refused`."""
    await admit(visit)
    await _count(visit, email)
    async with visit.transaction() as session:
        kind = await credentials.take_code(session, visit.panel.keys, email, given, visit.now)
        if kind:
            await attempts.forget(session, email)
    if not kind:
        raise Refused("wrong")
    return kind


async def _count(visit: Visit, email: str) -> None:
    async with visit.transaction() as session:
        wait = await attempts.begin(session, email, visit.now)
    if wait:
        raise Refused("wait", wait)
