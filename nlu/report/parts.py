"""Measure two parts of the reading alone, on hand-written phrases: danger, and language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nlu.evaluate import OVERALL, Share, cell, share
from nlu.reader import Emergencies, Languages
from nlu.report.figures import WORDS, Dangers, dangers
from nlu.report.rows import SPLITS, DangerPhrase, ShortMessage


@dataclass(frozen=True, slots=True)
class ShortFigures:
    """How often the language of a short message is right.

    `groups` has a row per language, and per pair of mixed languages; `lengths` a row per number
    of words. A message that several languages share stands under the first of them. Each row has
    its shares without and with a conversation before, and both together under 'all'.
    """

    groups: Mapping[str, Mapping[str, Share]]
    lengths: Mapping[str, Mapping[str, Share]]
    mistaken: Mapping[str, Mapping[str, int]]


def measure_dangers(
    phrases: Sequence[DangerPhrase], emergencies: Emergencies
) -> Mapping[str, Dangers]:
    """Ask the emergency layer alone about every phrase; return its figures per split."""
    found = [(phrase, emergencies.detect(phrase.text)) for phrase in phrases]
    return {
        split: dangers([(p.language, p.kind, kind) for p, kind in found if p.split == split])
        for split in SPLITS
        if any(phrase.split == split for phrase in phrases)
    }


def measure_languages(
    messages: Sequence[ShortMessage], languages: Languages
) -> Mapping[str, ShortFigures]:
    """Name the language of every message; return the figures per split."""
    found = [(message, languages.identify(message.text, message.prior)) for message in messages]
    guessed = [(message, guess.language) for message, guess in found]
    return {
        split: _short([one for one in guessed if one[0].split == split])
        for split in SPLITS
        if any(message.split == split for message in messages)
    }


_Guessed = tuple[ShortMessage, str]


def _short(rows: Sequence[_Guessed]) -> ShortFigures:
    names = sorted({_group(message) for message, _ in rows}, key=lambda name: (len(name), name))
    groups = {name: [row for row in rows if _group(row[0]) == name] for name in names}
    plain = [row for row in rows if not row[0].mixed]
    groups[OVERALL] = plain
    mistaken: dict[str, dict[str, int]] = {}
    for message, language in rows:
        if language not in message.languages:
            of = mistaken.setdefault(_group(message), {})
            of[language] = of.get(language, 0) + 1
    return ShortFigures(
        {name: _shares(group) for name, group in groups.items()},
        {
            name: _shares([row for row in plain if fits(len(row[0].text.split()))])
            for name, fits in WORDS.items()
        },
        mistaken,
    )


def _group(message: ShortMessage) -> str:
    return message.mixed or message.languages[0]


def _shares(rows: Iterable[_Guessed]) -> dict[str, Share]:
    counted = list(rows)
    parts = {
        "first": [row for row in counted if row[0].prior is None],
        "conversation": [row for row in counted if row[0].prior is not None],
        OVERALL: counted,
    }
    return {
        name: share(language in message.languages for message, language in part)
        for name, part in parts.items()
    }


def dangers_told(per_split: Mapping[str, Dangers]) -> str:
    """Return what the emergency layer did as plain text: a line per language and split."""
    lines = [f"{'emergencies':<18}{'any card':>30}{'right card':>30}{'false alarms':>30}"]
    for split, one in per_split.items():
        for language, alarms in one.false_alarms.items():
            shares = [of[OVERALL].get(language) for of in (one.any_card, one.right_card)]
            cells = "".join(f"{cell(part) if part else '-':>30}" for part in (*shares, alarms))
            lines.append(f"{split:<14}{language:<4}{cells}")
    return "\n".join(lines) + "\n"


def short_told(per_split: Mapping[str, ShortFigures]) -> str:
    """Return how the languages were named as plain text: a line per group, length and split."""
    lines = [f"{'languages':<22}{'first message':>30}{'in a conversation':>30}{'both':>30}"]
    for split, one in per_split.items():
        lengths = {f"{name} words": of for name, of in one.lengths.items() if of[OVERALL].n}
        for name, shares in {**one.groups, **lengths}.items():
            cells = "".join(f"{cell(share):>30}" for share in shares.values())
            lines.append(f"{split:<13}{name:<9}{cells}")
    return "\n".join(lines) + "\n"
