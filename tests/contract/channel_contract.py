"""What is true of every channel. A channel's test module subclasses `ChannelContract`.

    class TestMyChannel(ChannelContract):
        @pytest.fixture
        async def harness(self) -> AsyncIterator[Harness]: ...

The harness knows the platform's bodies and its stand-in; the tests know the port.
"""

import contextlib
import json
import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channel import (
    BadBody,
    BadSignature,
    Channel,
    ChannelError,
    Payload,
    Received,
    WebhookRequest,
)
from bot.messages import Choice, Chose, Located, Passage, Reply, Said, Unsupported
from locales import translate
from tests.contract.replies import JSON, REPLIES, damages, mutations
from tests.fakes.faults import Fault

TEXT = "¿Puedo ir al hospital? 🏥 سؤال"
UNWANTED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\u202a-\u202e\u2066-\u2069]")

# Each channel's subclass runs the same tests, with a harness that keeps no state between examples.
_FIXED = [
    HealthCheck.differing_executors,
    HealthCheck.function_scoped_fixture,
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
]
_SETTINGS = settings(max_examples=100, deadline=None, suppress_health_check=_FIXED)


@dataclass(frozen=True)
class Shown:
    """What a person sees of one payload. `size` is its text's length as the platform counts."""

    text: str
    size: int
    limit: int
    options: tuple[tuple[str, str], ...] = ()


class Harness(Protocol):
    """One channel with its platform's stand-in."""

    @property
    def channel(self) -> Channel:
        """Return the channel under test."""

    @property
    def person(self) -> str:
        """Return the person of all genuine bodies."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what no log and no exception may tell."""

    @property
    def failures(self) -> Mapping[Fault, type[ChannelError]]:
        """Return what `fail` can do and what it means; {} if there is no platform to fail."""

    def signed(self, body: bytes) -> WebhookRequest:
        """Return any body as the platform would post it."""

    def text(self, text: str, number: int = 1) -> dict[str, Any]:
        """Return the body of a text message; `number` tells messages apart."""

    def choice(self, choice: str) -> dict[str, Any]:
        """Return the body of a press on a button that was offered with this id."""

    def location(self, lat: float, lon: float) -> dict[str, Any]:
        """Return the body of a shared place."""

    def unsupported(self) -> dict[str, Any]:
        """Return the body of a voice message."""

    def forged(self, body: bytes) -> tuple[WebhookRequest, ...]:
        """Return requests that do not prove where they come from; () if nothing is signed."""

    def shown(self, payload: Payload) -> Shown:
        """Read a payload back as the platform shows it; fail if it would refuse it."""

    def fail(self, fault: Fault) -> None:
        """Make the next request fail."""

    def accepted(self) -> list[str]:
        """Return the texts that arrived at the platform."""


class ChannelContract:
    """The tests. Each takes the fixture `harness` of the subclass."""

    def test_text_is_received_once_and_whole(self, harness: Harness) -> None:
        """A genuine text gives one message with the person, an id, the text and an aware time."""
        received = harness.channel.receive(request(harness, harness.text(TEXT)))
        (inbound,) = received.messages
        assert inbound.event == Said(TEXT)
        assert inbound.channel == harness.channel.name
        assert inbound.person == harness.person
        assert inbound.message_id
        assert inbound.sent_at.utcoffset() is not None
        assert not received.reports

    def test_same_body_twice_has_one_id(self, harness: Harness) -> None:
        """A redelivered body has the same message id, another message another."""
        first, again, other = (
            harness.channel.receive(request(harness, harness.text(TEXT, n))).messages[0].message_id
            for n in (1, 1, 2)
        )
        assert first == again != other

    def test_choice_location_and_unsupported_kinds_are_read(self, harness: Harness) -> None:
        """A press names the choice, a place its degrees, a voice message what it is."""
        bodies = (harness.choice("a:cpp"), harness.location(-12.05, -77.04), harness.unsupported())
        events = [
            harness.channel.receive(request(harness, body)).messages[0].event for body in bodies
        ]
        assert events == [Chose("a:cpp"), Located(-12.05, -77.04), Unsupported("voice")]

    def test_offered_choices_come_back_with_their_ids(self, harness: Harness) -> None:
        """What a person presses is what the reply offered."""
        choices = (Choice("t:health", "Salud"), Choice("a:regularization/cpp", "Qué es el CPP"))
        (payload,) = harness.channel.render(Reply("es", (Passage("Elija"),), choices))
        for offered, (id_, label) in zip(choices, harness.shown(payload).options, strict=True):
            assert label == offered.label
            received = harness.channel.receive(request(harness, harness.choice(id_)))
            assert received.messages[0].event == Chose(offered.id)

    def test_forged_requests_are_refused(self, harness: Harness) -> None:
        """No, an empty, a wrong and a non-ASCII proof are all `BadSignature`, whatever the body."""
        for body in (json.dumps(harness.text(TEXT)).encode(), b"", b"\xff{"):
            for forged in harness.forged(body):
                with pytest.raises(BadSignature) as caught:
                    harness.channel.receive(forged)
                assert_silent_about(harness, caught.value)

    @pytest.mark.parametrize(
        "body",
        [b"", b"\xff\xfe\x00", b"[]", b"null", b"{", b'"x"', b"7", b"{}", b'{"a":NaN}', b"\x00",
         b"[" * 100_000, b'{"a":' * 100_000, b"9" * 10_000, '{"object":"ñ"}'.encode("utf-16"),
         b'{"object":"whatsapp_business_account","entry":{"changes":7}}',
         b'{"update_id":1e999,"message":{"date":-1e300}}'],
    )  # fmt: skip
    def test_junk_is_refused_or_ignored(self, harness: Harness, body: bytes) -> None:
        """What is no message of the platform never becomes one, and never another error."""
        received = tolerant(harness, body)
        assert received is None or not received.messages

    @pytest.mark.parametrize("kind", ["text", "choice", "location", "unsupported"])
    def test_every_damage_is_survived(self, harness: Harness, kind: str) -> None:
        """Whatever single part of a genuine body is missing or of another kind, nothing breaks."""
        genuine = {
            "text": harness.text(TEXT),
            "choice": harness.choice("a:cpp"),
            "location": harness.location(-12.05, -77.04),
            "unsupported": harness.unsupported(),
        }[kind]
        for damaged in damages(genuine):
            tolerant(harness, json.dumps(damaged).encode())

    @_SETTINGS
    @given(data=st.data())
    def test_any_json_is_survived(self, harness: Harness, data: st.DataObject) -> None:
        """Any JSON, and any damage to a genuine body, is read, ignored or refused as a bad body."""
        genuine = data.draw(
            st.sampled_from(
                (
                    harness.text(TEXT),
                    harness.choice("a:cpp"),
                    harness.location(-12.05, -77.04),
                    harness.unsupported(),
                )
            )
        )
        value = data.draw(st.one_of(JSON, mutations(genuine), mutations(genuine)))
        received = tolerant(harness, json.dumps(value).encode())
        for inbound in received.messages if received else ():
            texts = [inbound.message_id, inbound.person]
            if isinstance(inbound.event, Said):
                texts.append(inbound.event.text)
            for text in texts:
                assert text
                assert not UNWANTED.search(text)
                assert text.encode()

    @_SETTINGS
    @given(body=st.binary(max_size=60))
    def test_any_bytes_are_survived(self, harness: Harness, body: bytes) -> None:
        """Any bytes are ignored or refused as a bad body."""
        tolerant(harness, body)

    @_SETTINGS
    @given(reply=REPLIES)
    def test_every_payload_keeps_the_limits(self, harness: Harness, reply: Reply) -> None:
        """Whatever a reply holds: no empty or too long text, sound options, no controls."""
        limits = harness.channel.limits
        payloads = harness.channel.render(reply)
        for payload in payloads:
            shown = harness.shown(payload)
            assert shown.text.strip()
            assert shown.size <= shown.limit <= limits.text
            ids = [id_ for id_, _ in shown.options]
            assert len(set(ids)) == len(ids)
            if limits.buttons:
                assert len(ids) <= max(limits.buttons, limits.rows)
            for id_, label in shown.options:
                assert label.strip()
                assert 0 < len(id_.encode()) <= limits.option_id
            for text in strings(payload):
                assert not UNWANTED.search(text)
            json.dumps(payload, allow_nan=False).encode("utf-8")
        if reply.choices:
            everything = " ".join(text for payload in payloads for text in strings(payload))
            assert payloads, "a reply with choices is always shown"
            assert all(
                choice.id in everything or _first_letters(choice, reply.language) in everything
                for choice in reply.choices
            )

    async def test_send_returns_an_id_and_arrives(
        self, harness: Harness, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A rendered reply arrives as written, its id comes back, and no log tells of it."""
        caplog.set_level(logging.DEBUG)
        reply = Reply("es", (Passage(f"**Sí.** {TEXT}"),), (Choice("m:menu", "Menú"),))
        (payload,) = harness.channel.render(reply)
        assert await harness.channel.send(harness.person, payload, outbox_id="81")
        assert any(TEXT in text for text in harness.accepted())
        assert_silent_about(harness, caplog.text)

    async def test_failures_mean_the_right_thing(
        self,
        harness: Harness,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        """Each failure becomes the error that carries its decision, and tells no secret."""
        caplog.set_level(logging.DEBUG)
        (payload,) = harness.channel.render(Reply("es", (Passage(TEXT),)))
        for fault, expected in harness.failures.items():
            harness.fail(fault)
            with pytest.raises(ChannelError) as caught:
                await harness.channel.send(harness.person, payload, outbox_id="82")
            assert type(caught.value) is expected, fault
            assert caught.value.__cause__ is None
            assert caught.value.__context__ is None
            assert caught.value.code
            assert_silent_about(harness, caught.value)
        assert_silent_about(harness, caplog.text + "".join(capfd.readouterr()))

    async def test_an_address_of_another_platform_is_refused(self, harness: Harness) -> None:
        """A stored address that cannot be one of this platform's is our bug, not its failure."""
        if not harness.failures:
            pytest.skip("this channel takes any address")
        (payload,) = harness.channel.render(Reply("es", (Passage(TEXT),)))
        with pytest.raises(ChannelError) as caught:
            await harness.channel.send("nobody's address", payload, outbox_id="83")
        assert not caught.value.retryable
        assert not harness.accepted()


def request(harness: Harness, body: dict[str, Any]) -> WebhookRequest:
    """Return a body as a genuine request."""
    return harness.signed(json.dumps(body).encode())


def tolerant(harness: Harness, body: bytes) -> Received | None:
    """Receive a genuine request with any body; None if it is refused in one of the two ways."""
    with contextlib.suppress(BadBody, BadSignature):
        return harness.channel.receive(harness.signed(body))
    return None


def strings(value: object) -> Iterator[str]:
    """Yield all strings of a JSON value."""
    match value:
        case str():
            yield value
        case dict():
            for child in value.values():
                yield from strings(child)
        case list() | tuple():
            for child in value:
                yield from strings(child)


def assert_silent_about(harness: Harness, told: BaseException | str) -> None:
    """Fail if a log or an exception with all it drags along tells a secret, a person or a text."""
    if isinstance(told, BaseException):
        told = "".join(traceback.format_exception(told)) + repr(told)
    for word in (*harness.secrets, harness.person, TEXT, "hospital?"):
        assert word not in told


def _first_letters(choice: Choice, language: str) -> str:
    """Return letters of a label that every way of showing it keeps."""
    given = choice.label
    label = given if isinstance(given, str) else translate(given.text, language)
    found = re.search(r"[^\W_]{1,3}", label)
    return found[0] if found else ""
