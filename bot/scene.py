"""What every part of the engine needs: the arguments of one turn together, and its result."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone

from actions.effects import Effect, RecordFeedback, RecordMiss, RecordUnhelpful
from bot import replies
from bot.messages import Choice, Phrase, Reply
from bot.policy import Policy
from bot.state import Conversation
from content.catalogue import Catalogue

OUT_OF_SCOPE = "out_of_scope"
CHOICE = "choice"
PERU = timezone(timedelta(hours=-5))  # no summer time


@dataclass(frozen=True, slots=True)
class Turn:
    """What follows from one input.

    `label` is the article id or intent that was answered, 'choice' where topics were offered,
    'out_of_scope' where the question was refused, '' for a stated silence. `offered` are the ids
    of the articles among the choices.
    """

    conversation: Conversation
    replies: tuple[Reply, ...]
    effects: tuple[Effect, ...] = ()
    label: str = ""
    offered: tuple[str, ...] = ()
    emergency: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """The arguments of one turn, and the turns that several inputs lead to."""

    now: Conversation
    catalogue: Catalogue
    policy: Policy
    at: datetime

    @property
    def language(self) -> str:
        """The language of the replies."""
        return self.now.language

    @property
    def today(self) -> date:
        """The day in Peru, by which texts are due or withheld."""
        return self.at.astimezone(PERU).date()

    def turn(
        self, label: str, *shown: Reply, effects: tuple[Effect, ...] = (), **changes: object
    ) -> Turn:
        """Return a turn; open questions, misses and paths end unless `changes` says otherwise."""
        kept: dict[str, object] = {
            "misses": 0,
            "awaiting": None,
            "detail": "",
            "path": None,
            "flood_told": False,
            **changes,
        }
        return Turn(replace(self.now, **kept), shown, effects, label)  # type: ignore[arg-type]

    def say(self, label: str, text: Phrase, *choices: Choice) -> Turn:
        """Return a turn of one phrase."""
        return self.turn(label, Reply(self.language, (text,), choices))

    def welcome(self) -> Turn:
        """Say who speaks, and what the staff let everybody know these days."""
        return self.turn("greet", self._noticed(replies.welcome(self.language)), welcomed=True)

    def menu(self) -> Turn:
        """Show what can be done here, and what the staff let everybody know these days."""
        return self.turn("menu", self._noticed(replies.menu(self.language)))

    def _noticed(self, reply: Reply) -> Reply:
        return replies.with_notice(reply, self.catalogue, self.today)

    def silence(self, *effects: Effect) -> Turn:
        """Return a turn without a word, where nothing else changes."""
        return Turn(self.now, (), effects)

    def article(self, article_id: str, section: str = "answer") -> Turn:
        """Show a section of an article that is in the catalogue."""
        article = self.catalogue.articles[article_id]
        reply = replies.answer(article, section, self.language, self.catalogue, self.today)
        return self.turn(article_id, reply, article=article_id)

    def opinion(self, article_id: str, *, helped: bool) -> tuple[Effect, ...]:
        """Count an opinion; what she asked is kept for the staff if the answer did not help."""
        counted = RecordFeedback(article_id, self.language, helped)
        if helped or not self.now.question or self.now.article != article_id:
            return (counted,)
        return counted, RecordUnhelpful(self.now.question, self.language, article_id)

    def not_understood(self, miss: RecordMiss | None) -> Turn:
        """Say so without blame and offer the topics; the second time, name persons."""
        effects: tuple[Effect, ...] = (miss,) if miss else ()
        misses = self.now.misses + 1
        if misses > 1:
            sorry = Phrase("Sigo sin entender, disculpe. Estas personas le pueden ayudar:")
            reply = replies.human_channels(
                self.language, self.catalogue, sorry, desk=self.policy.desk_staffed
            )
        else:
            sorry = Phrase(
                "No entendí su pregunta, disculpe. Escríbala con otras palabras o elija un tema:"
            )
            reply = replies.topics(self.language, self.catalogue, sorry)
        return self.turn(OUT_OF_SCOPE, reply, effects=effects, misses=misses)

    def in_language(self, language: str) -> Turn:
        """Write in this language from now on, because she asked for it."""
        now = self.now.with_(language=language, language_chosen=True, welcomed=True)
        scene = replace(self, now=now)
        choices: tuple[Choice, ...] = (
            replies.TOPICS,
            replies.EMERGENCY,
            replies.LANGUAGES,
        )
        article = self.catalogue.articles.get(now.article or "")
        if article is not None:
            choices = (replies.article_choice(article, language), *choices)
        text = Phrase("Desde ahora le escribo en español. Escriba su pregunta, o elija:")
        return scene.say("change_language", text, *choices)
