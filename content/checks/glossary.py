"""Is the glossary whole, and do the texts use its words?"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from content.catalogue import LANGUAGES, SOURCE_LANGUAGE
from content.checks.findings import Findings, Prose, plain
from content.decoding import SLUG
from content.files import GLOSSARY, article_file
from content.glossary import Term, Usage
from content.sheets import Place

EXPLANATION_LIMIT = 140

# Spanish words to say at a counter stand in quotation marks in every language.
_QUOTED = re.compile(r"«[^»]*»|\"[^\"\n]*\"|“[^”]*”|https?://\S+|\S+@\S+")
_PLURAL = "(?:e?s|x)?"
_ANY_ENDING = r"\w*"


@dataclass(frozen=True, slots=True)
class Wording:
    """Finds any of some words in a text. `cased` reads it as it is, `folded` without accents."""

    cased: re.Pattern[str] | None
    folded: re.Pattern[str] | None

    def found(self, text: str) -> str | None:
        """Return the first of the words that the text holds, as it stands there."""
        match = self.cased.search(text) if self.cased else None
        if match is None and self.folded:
            match = self.folded.search(plain(text))
        return match.group() if match else None


@lru_cache(maxsize=4096)
def wording(words: tuple[str, ...], language: str) -> Wording:
    """Return what finds these words in a language, whatever their case, accents and plural.

    Words all in capitals are names such as SIS, which is 'six' in Creole in small letters: their
    case counts. Quechua joins its endings to the word, so there any ending passes.
    """
    names = [word for word in words if _is_name(word)]
    others = [word for word in words if not _is_name(word)]
    ending = _ANY_ENDING if language == "qu" else "s?"
    return Wording(
        _any_of(re.escape(word) + ending for word in names),
        _any_of(_expression(word, language) for word in others),
    )


def _is_name(word: str) -> bool:
    return word.isupper() and len(word) > 1


def _expression(words: str, language: str) -> str:
    return r"\W+".join(_inflected(word, language) for word in plain(words).split())


def _inflected(word: str, language: str) -> str:
    if word.endswith("*") or language == "qu":
        return _escaped(word.rstrip("*")) + _ANY_ENDING
    return _escaped(word) + _PLURAL


def _escaped(word: str) -> str:
    """Return the expression for one word, in which hyphens and apostrophes may be any mark."""
    return r"\W".join(re.escape(part) for part in re.split(r"[^\w]", word))


def _any_of(expressions: Iterable[str]) -> re.Pattern[str] | None:
    joined = "|".join(expressions)
    return re.compile(rf"\b(?:{joined})\b") if joined else None


def examine(findings: Findings) -> None:
    """Check the glossary itself, then every text against it."""
    form(findings)
    terms = findings.tree.glossary.terms
    avoided = _avoided(terms)
    for prose in findings.prose():
        for language, text in prose.texts.items():
            _avoids(findings, avoided, language, text, *prose.places[language])
        _translated(findings, terms, prose)
    for article in findings.catalogue.articles.values():
        for language, words in article.texts.items():
            file = article_file(article.id, language)
            _avoids(findings, avoided, language, words.title, file, ("title",))


def _avoided(terms: tuple[Term, ...]) -> dict[str, tuple[Wording, tuple[tuple[Wording, str], ...]]]:
    """Return per language what finds any word to avoid, and each term's with its remedy."""
    found: dict[str, tuple[Wording, tuple[tuple[Wording, str], ...]]] = {}
    for language in LANGUAGES:
        usages = [t.usages[language] for t in terms if language in t.usages]
        every = tuple(word for usage in usages for word in usage.avoid)
        each = tuple((wording(u.avoid, language), u.use) for u in usages if u.avoid)
        found[language] = (wording(every, language), each)
    return found


def _avoids(
    findings: Findings,
    avoided: dict[str, tuple[Wording, tuple[tuple[Wording, str], ...]]],
    language: str,
    text: str,
    file: str,
    place: Place,
) -> None:
    anything, each = avoided[language]
    own = text if language == SOURCE_LANGUAGE else own_words(text)
    if anything.found(own) is None:
        return
    for words, use in each:
        if word := words.found(own):
            what = f"`{word}` is a word that the glossary avoids."
            findings.error(file, place, what, f"Write `{use}`.")


def _translated(findings: Findings, terms: tuple[Term, ...], prose: Prose) -> None:
    source = prose.texts.get(SOURCE_LANGUAGE)
    if source is None:
        return
    own = own_words(source)
    for term in terms:
        spanish = term.usages.get(SOURCE_LANGUAGE)
        if spanish is None or not names_term(spanish, SOURCE_LANGUAGE, own):
            continue
        for language, text in prose.texts.items():
            usage = term.usages.get(language)
            if usage and language != SOURCE_LANGUAGE and not names_term(usage, language, text):
                file, place = prose.places[language]
                what = f"The Spanish text says `{term.name}`; here no word for it was found."
                remedy = f"Write `{usage.use}`, or add the word to `also` in {GLOSSARY}."
                findings.warn(file, place, what, remedy)


def own_words(text: str) -> str:
    """Return a text without quotations and addresses, which stay Spanish in every language."""
    return _QUOTED.sub(" ; ", text)


def names_term(usage: Usage, language: str, text: str) -> bool:
    """Tell whether a text has one of the words that count as a term."""
    return wording(usage.accepted, language).found(text) is not None


# --- the form of the glossary itself -------------------------------------------------------------


def form(findings: Findings) -> None:
    """Check the glossary itself."""
    seen: set[str] = set()
    names: dict[str, str] = {}
    for index, term in enumerate(findings.tree.glossary.terms):
        place: Place = ("terms", index)
        if not SLUG.fullmatch(term.id):
            what = f"`{term.id[:40]}` cannot be the id of a term."
            remedy = "Use lower-case letters, digits and single hyphens."
            findings.error(GLOSSARY, (*place, "id"), what, remedy)
        elif term.id in seen:
            what = f"The term `{term.id}` appears twice."
            findings.error(GLOSSARY, (*place, "id"), what, "Make one of the two.")
        seen.add(term.id)
        if len(term.means) > EXPLANATION_LIMIT:
            what = f"`means` has {len(term.means)} characters; at most {EXPLANATION_LIMIT} fit."
            findings.error(GLOSSARY, (*place, "means"), what, "Shorten it.")
        _names(findings, term, place, names)
    _contradictions(findings)


def _names(findings: Findings, term: Term, place: Place, names: dict[str, str]) -> None:
    """Note a Spanish word that already names another term, and a word listed twice."""
    for language, usage in term.usages.items():
        listed = [_key(word) for word in (*usage.accepted, *usage.avoid)]
        if len(set(listed)) < len(listed):
            twice = next(word for word in listed if listed.count(word) > 1)
            what = f"`{twice}` is listed twice in `{language}`."
            findings.error(GLOSSARY, (*place, language), what, "Remove one of the two.")
    for key in {_key(word) for word in _spanish(term)}:
        if names.setdefault(key, term.id) != term.id:
            what = f"`{key}` also names the term `{names[key]}`."
            findings.error(
                GLOSSARY, (*place, SOURCE_LANGUAGE), what, "Keep it where its meaning is."
            )


def _spanish(term: Term) -> tuple[str, ...]:
    usage = term.usages.get(SOURCE_LANGUAGE)
    return usage.accepted if usage else ()


def _contradictions(findings: Findings) -> None:
    """Note an accepted word in which a word to avoid of the same language would be found."""
    for index, _, language, usage in _usages(findings):
        for _, other, same, accepting in _usages(findings):
            if same != language or not usage.avoid:
                continue
            for word in accepting.accepted:
                if wording(usage.avoid, language).found(word.rstrip("*")):
                    what = f"`avoid` forbids `{word}`, which `{other.id}` accepts."
                    place: Place = ("terms", index, language, "avoid")
                    findings.error(GLOSSARY, place, what, "Decide which of the two it is.")


def _usages(findings: Findings) -> Iterator[tuple[int, Term, str, Usage]]:
    for index, term in enumerate(findings.tree.glossary.terms):
        for language, usage in term.usages.items():
            yield index, term, language, usage


def _key(word: str) -> str:
    return word if _is_name(word) else plain(word)
