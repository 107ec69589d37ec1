"""What holds for every implementation of `NluClient`."""

import asyncio

import pytest

from nlu.client import NluClient
from nlu.understanding import Candidate

EXAMPLES: dict[str, tuple[str, ...]] = {
    "health/access-without-ce": (
        "puedo ir al hospital si no tengo papeles?",
        "me atienden en la posta sin carné",
        "can i go to the hospital without papers",
        "atención de salud sin documentos",
        "posso ir ao hospital sem documentos",
        "puis-je aller à l'hôpital sans papiers",
    ),
    "complaints/report-without-ce": (
        "puedo denunciar sin carné de extranjería",
        "la policía recibe mi denuncia si no tengo documentos",
        "can i report to the police without a card",
        "police won't take my report without a card",
        "posso denunciar sem carteira",
        "porter plainte sans carte",
    ),
    "greet": ("hola", "buenos días", "hello", "bom dia", "bonjour", "bonjou"),
    "out_of_scope": (
        "qué tiempo hará mañana",
        "quién ganó el partido",
        "give me a cake recipe",
        "préstame dinero",
        "what is the capital of France",
        "cuánto es dos más dos",
    ),
}

AWKWARD_TEXTS = (
    "",
    " ",
    "\x00\x07",
    "😀😀",
    "/restart",
    "/greet",
    "12345",
    "مرحبا كيف الحال",
    "a" * 20_000,
    "palabra " * 2_500,
    "[hospital](place) {x}",
    "\u202egnorw eht",
    "\ud83d alone",
)


class NluClientContract:
    """Inherit and give a fixture `client` that knows `EXAMPLES`."""

    async def test_the_right_topic_stands_first(self, client: NluClient) -> None:
        """A question near an example is ranked first under its intent, with '/' in the name."""
        ranked = await client.parse("puedo ir al hospital si no tengo papeles")
        assert ranked[0].intent == "health/access-without-ce"

    @pytest.mark.parametrize("text", AWKWARD_TEXTS, ids=lambda text: repr(text[:12]))
    async def test_every_text_gets_a_well_formed_ranking(
        self, client: NluClient, text: str
    ) -> None:
        """At most ten candidates, best first, confidences between 0 and 1, no intent twice."""
        ranked = await client.parse(text)
        confidences = [candidate.confidence for candidate in ranked]
        assert len(ranked) <= 10
        assert confidences == sorted(confidences, reverse=True)
        assert all(0 <= confidence <= 1 for confidence in confidences)
        assert len({candidate.intent for candidate in ranked}) == len(ranked)
        assert all(isinstance(candidate, Candidate) for candidate in ranked)

    async def test_questions_at_the_same_time_get_their_own_answers(
        self, client: NluClient
    ) -> None:
        """Twenty questions at once are answered as one after the other."""
        texts = ["puedo ir al hospital si no tengo papeles", "hola"] * 10
        alone = [await client.parse(text) for text in texts[:2]]
        together = await asyncio.gather(*(client.parse(text) for text in texts))
        for ranked, expected in zip(together, alone * 10, strict=True):
            assert ranked[0].intent == expected[0].intent
            sure = {candidate.intent: candidate.confidence for candidate in ranked}
            # Read together, numbers are added in another order.
            assert sure == pytest.approx(
                {candidate.intent: candidate.confidence for candidate in expected}, abs=1e-4
            )

    async def test_it_can_be_closed_twice(self, client: NluClient) -> None:
        """Closing again does nothing."""
        await client.aclose()
        await client.aclose()
