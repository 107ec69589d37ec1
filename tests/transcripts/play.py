"""Play a transcript: a whole conversation, written as YAML, against the real engine and content.

    about: what the transcript shows
    channel: whatsapp            # only where it matters: what may be sent unasked
    at: 2026-11-23T10:00         # Peruvian time of the first step
    desk: true                   # a member of staff reads the cases
    turns:
    - she: ¿y cuánto cuesta?     # a text; or {press: label}, {send: voice}, {place: [lat, lon]},
                                 # {command: start health_birth}, {staff: text}, {floods: true},
                                 # {staff releases: true}, {nobody answers: true}
      means: health/birth .9     # what the model would say; danger and language are really read
      after: 1 day               # time that has passed before this step
      bot: |                     # what comes of it
        …

Approved texts stand as `<article section>`, so that staff may edit them; the interface's own words
stand as a person reads them. Effects stand as `! RecordMiss(…)`, the place in a guided path as
`@ path: question > question`. The state goes through JSON before each step.
"""

import json
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.core import REMINDING
from bot.engine import label_text, respond
from bot.knowledge import Knowledge, knowledge_of
from bot.messages import (
    Asked,
    Chose,
    Commanded,
    Flooded,
    Input,
    Located,
    Passage,
    Phrase,
    Released,
    Reply,
    StaffWrote,
    Unanswered,
    Unsupported,
)
from bot.policy import Policy
from bot.scene import PERU, Turn
from bot.state import Conversation, from_json, to_json
from content import FOLDER
from content.catalogue import Catalogue
from content.files import read_tree
from locales import translate
from nlu.understanding import Candidate, Source, Understanding

FOLDER_OF_TRANSCRIPTS = Path(__file__).parent
KEYS = {"about", "channel", "at", "desk", "turns"}
HAPPENS: dict[str, type[Released | Unanswered | Flooded]] = {
    "staff releases": Released, "nobody answers": Unanswered, "floods": Flooded,
}  # fmt: skip
STEP_KEYS = {"she", "means", "after", "keywords", "bot"}


class BadTranscript(Exception):
    """A transcript is not written as it must be. The message names the step."""


@cache
def knowledge() -> Knowledge:
    """Return what follows from the repository's own content."""
    return knowledge_of(read_tree(FOLDER).catalogue)


@cache
def names_of_texts() -> dict[str, str]:
    """Return, for each approved text, the name under which it stands in a transcript."""
    catalogue = knowledge().catalogue
    named: dict[str, str] = {}
    for article in catalogue.articles.values():
        for language, text in article.texts.items():
            named[f"**{text.title}**"] = f"<{article.id} title {language}>"
            for section, markdown in text.sections.items():
                named[markdown] = f"<{article.id} {section} {language}>"
    for card in catalogue.cards.values():
        named |= {t: f"<card {card.kind} {language}>" for language, t in card.texts.items()}
    for topic in catalogue.topics.values():
        named |= {
            f"**{n}**": f"<topic {topic.id} {language}>" for language, n in topic.names.items()
        }
        for language, channel in topic.channel.text.items():
            named.setdefault(channel, f"<channel {topic.id} {language}>")
    for path in catalogue.paths.values():
        for question in path.questions.values():
            named |= {t: f"<path {path.id} {question.id} {k}>" for k, t in question.texts.items()}
        for end in path.ends.values():
            named |= {t: f"<path {path.id} {end.id} {k}>" for k, t in end.verdicts.items()}
    named |= {t: f"<help {language}>" for language, t in catalogue.help.text.items()}
    return named


@dataclass
class Stage:
    """One conversation as it goes on."""

    channel: str
    at: datetime
    desk: bool
    now: Conversation = field(default_factory=Conversation)

    def step(self, step: dict[str, Any]) -> Turn:
        """Take one turn; the state goes through JSON before it."""
        if unknown := step.keys() - STEP_KEYS:
            raise BadTranscript(f"Unknown keys: {', '.join(sorted(unknown))}.")
        self.at += _span(str(step.get("after", "1 minute")))
        before = from_json(json.loads(json.dumps(to_json(self.now))))
        policy = replace(
            Policy(public_url="https://orienta.example"),
            desk_staffed=self.desk,
            can_remind=self.channel in REMINDING,
        )
        turn = respond(before, self._input(step), self._catalogue(), policy, self.at)
        self.now = turn.conversation
        return turn

    @staticmethod
    def _catalogue() -> Catalogue:
        return knowledge().catalogue

    def _input(self, step: dict[str, Any]) -> Input:
        match step["she"]:
            case str(text):
                return self._asked(text, step)
            case {"press": str(label)}:
                for offered in self.now.offered:
                    if offered.label == label:
                        return Chose(offered.id)
                shown = " ".join(f"[{o.label}]" for o in self.now.offered)
                raise BadTranscript(f"There is no button [{label}]; there are {shown}.")
            case {"choose": str(choice)}:
                return Chose(choice)
            case {"send": str(kind)}:
                return Unsupported(kind)
            case {"place": [lat, lon]}:
                return Located(float(lat), float(lon))
            case {"command": str(line)}:
                name, _, argument = line.partition(" ")
                return Commanded(name, argument)
            case {"staff": str(text)}:
                return StaffWrote(text)
            case dict(happens) if len(happens) == 1 and (event := next(iter(happens))) in HAPPENS:
                return HAPPENS[event]()
            case other:
                raise BadTranscript(f"Nobody can do {other!r}.")

    def _asked(self, text: str, step: dict[str, Any]) -> Asked:
        prior = self.now.language if self.now.welcomed else None
        language = knowledge().languages.identify(text, prior)
        danger = knowledge().emergencies.detect(text)
        ranked = tuple(_candidate(part) for part in str(step.get("means") or "").split(",") if part)
        source = Source.KEYWORDS if step.get("keywords") else Source.RASA
        return Asked(text, Understanding(language, ranked, danger, source))


def _candidate(written: str) -> Candidate:
    intent, _, confidence = written.strip().partition(" ")
    return Candidate(intent, float(confidence or 0.95))


def _span(written: str) -> timedelta:
    match = re.fullmatch(r"(\d+) (minute|hour|day)s?", written)
    if match is None:
        raise BadTranscript(f"{written!r} is no span of time such as '2 days'.")
    return timedelta(**{f"{match[2]}s": int(match[1])})


def shown(turn: Turn) -> str:
    """Return what a turn gives, as it stands in a transcript."""
    lines = [line for reply in turn.replies for line in (*_reply(reply), "")]
    if not turn.replies:
        lines = ["(silence)", ""]
    lines += [f"! {effect}" for effect in turn.effects]
    if (path := turn.conversation.path) is not None:
        lines.append(f"@ {path.path}: {' > '.join(path.asked)}")
    return "\n".join(lines).strip() + "\n"


def _reply(reply: Reply) -> list[str]:
    lines = [f"--- {reply.language}" + (" urgent" if reply.urgent else "")]
    for part in reply.parts:
        match part:
            case Phrase(text, values):
                lines.append(translate(text, reply.language, values))
            case Passage(markdown):
                lines.append(names_of_texts().get(markdown, markdown.strip()))
    if reply.choices:
        lines.append(" ".join(f"[{label_text(c.label, reply.language)}]" for c in reply.choices))
    if reply.asks_location:
        lines.append("(asks for the place)")
    return [line.rstrip() for text in lines for line in text.split("\n")]


def read(path: Path) -> dict[str, Any]:
    """Read a transcript; raise `BadTranscript`."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict) or data.keys() - KEYS or not data.get("turns"):
        raise BadTranscript(f"{path.name} needs `about` and `turns`; it knows {sorted(KEYS)}.")
    return data


def play(data: dict[str, Any]) -> list[str]:
    """Return what the bot gives at each step; raise `BadTranscript` that names the step."""
    at = datetime.fromisoformat(str(data.get("at", "2026-11-23T10:00"))).replace(tzinfo=PERU)
    stage = Stage(str(data.get("channel", "telegram")), at, bool(data.get("desk")))
    given = []
    for number, step in enumerate(data["turns"], 1):
        try:
            given.append(shown(stage.step(step)))
        except BadTranscript as error:
            raise BadTranscript(f"Step {number} ({step.get('she')!r}): {error}") from None
    return given


def updated(path: Path) -> str:
    """Return the text of a transcript with what the bot gives now."""
    data = read(path)
    for step, given in zip(data["turns"], play(data), strict=True):
        step["bot"] = given
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


if __name__ == "__main__":  # python -m tests.transcripts.play: then read the diff
    for file in sorted(FOLDER_OF_TRANSCRIPTS.glob("*/*.yml")):
        file.write_text(updated(file), encoding="utf-8")
