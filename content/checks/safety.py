"""Could a text get somebody expelled? The rules that no text may break."""

import re
from collections.abc import Mapping

from content.catalogue import SOURCE_LANGUAGE, Article
from content.checks.findings import Findings, plain
from content.faults import Severity
from content.files import article_file
from content.sheets import Place

# All patterns are matched on texts in lower case without accents, sentence by sentence.
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s|\n")
_ABBREVIATION = re.compile(r"\b(arts?|inc|num|disp|leg|reg|sr|sra|dr|dra|av|jr|n)\.(?=\s)")
_GO = re.compile(
    r"\b(acuda|acude|acudir|acerquese|vaya|dirijase|presentese|presentate|visite|ir)\b"
    r"[^.]{0,80}\bmigraciones\b"
)
_DO_NOT_GO = re.compile(
    r"\b(no|ni|nunca|sin|evite|antes de) (?:\w+ ){0,2}"
    r"(acuda|acudir|acerquese|vaya|dirijase|presentese|visite|ir)\b"
)
_EXPULSION = re.compile(r"\b(expuls|expulsa|salida obligatoria)")
_EXPELLED = {
    "es": r"\bexpuls",
    "en": r"\b(expulsion|expelled|deport)",
    "pt": r"\bexpuls",
    "fr": r"\bexpuls",
    "ht": r"\bekspils",
    "qu": r"\b(qarqu|expuls)",
}
_LEGAL_AID = re.compile(
    r"\b(ayuda|asesoria|asistencia|orientacion) legal|\bdefensa publica|\babogad"
)
_AMOUNT = re.compile(r"s/\.?\s?\d[\d.,]*")
_NUMBERED_NORM = re.compile(r"\d{1,6}-(?:19|20)\d{2}(?:-[a-z]+)*")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")

_NO_RISK = {
    "es": r"\b(no (hay|habra|existe|corre|tiene|tendra|implica|supone)|sin)"
    r" (ningun |algun )?riesgo\b|\b100 ?% segur|\btotalmente segur|\briesgo cero\b|\bcero riesgo",
    "en": r"\b(no|without|without any|zero|free of) (migration |immigration )?risks?\b"
    r"|\brisk-free\b|\b100 ?% safe|\b(completely|totally) safe\b",
    "pt": r"\b(nao ha|nao tem|nao existe|nao corre|sem)( nenhum| qualquer)? riscos?\b"
    r"|\b100 ?% segur|\brisco zero\b|\btotalmente segur",
    "fr": r"\b(sans( aucun)?|aucun|pas de) risques?\b|\b100 ?% sur\b|\brisque zero\b"
    r"|\btotalement sur\b",
    "ht": r"\bpa gen( okenn| pyes)? risk\b|\bsan (okenn )?risk\b",
    "qu": r"\bmanam? (ima |mayqin )?riesgo\w*",
}
# Laws do protect some people from expulsion: such a sentence must name its norm.
_NOT_EXPELLED = {
    "es": r"\b(no|nunca|jamas) ((se )?(le|lo|la|te|les|los|las) )?((van|va) a |pueden |podran |"
    r"puede |podra )?(deport|expuls)(ar|an|a|aran|ara|arle|arlo|arte)\b"
    r"|\b(no|nunca|jamas) (sera|seras|puede ser|pueden ser) (deport|expuls)ad",
    "en": r"\b(will not|won't|cannot|can't|can not|never|not) (be )?(deport|expel)",
    "pt": r"\b(nao|nunca) (o |a |te )?(sera |vai ser |vao |podem |pode ser )?(deport|expuls)",
    "fr": r"\bn(e |')(vous )?(serez|sera|seras|peut|peuvent|pouvez|vont|va) (pas |jamais )"
    r"(vous )?(etre )?(expuls|deport)|\bn(e |')(vous )?(expuls|deport)\w+ (pas|jamais)\b",
    "ht": r"\b(pap|p ap|pa ka|pa pral|pa) (depote|ekspilse|mete w deyo)",
    "qu": r"\bmanam? (haykaqpas )?(qarqu|expulsa|deporta)\w*chu\b",
}
_CITED = re.compile(r"\bart\b|\b(ley|dl|ds|d\. ?leg|reglamento|law|lei|loi|lwa) ?(n|\d)")
_HEDGES = re.compile(
    r"promet|garanti|asegur|decirle que|podemos decir|no significa|nadie puede|no quiere decir"
    r"|promise|guarantee|assure|cannot say|can't say|does not mean"
    r"|assegur|dizer que|nao significa"
    r"|assur|dire que|ne signifie"
    r"|pwomet|garanti|asire|pa ka di|pa vle di"
    r"|nispa|niyta|seguropaq|niykikuman"
)


def examine(findings: Findings) -> None:
    """Check that no text endangers its reader."""
    for article in findings.catalogue.articles.values():
        _directions(findings, article)
        _dated_amounts(findings, article)
    promises(findings)


def promises(findings: Findings) -> None:
    """Check that no text promises that nothing can happen."""
    for prose in findings.prose():
        for language, text in prose.texts.items():
            if promises_safety(language, text):
                what = "The text promises that there is no risk."
                remedy = "Say what the law says, with its norm, and name free legal help."
                findings.error(*prose.places[language], what, remedy)


def promises_safety(language: str, text: str) -> bool:
    """Tell whether a text promises that nothing can happen to the reader.

    Saying that nobody can promise it is no promise, nor is a protection with its norm.
    """
    for sentence in _sentences(text):
        safe = re.search(_NO_RISK[language], sentence)
        stays = re.search(_NOT_EXPELLED[language], sentence) and not _CITED.search(sentence)
        if (safe or stays) and not _HEDGES.search(sentence):
            return True
    return False


def warns_of_expulsion(language: str, text: str) -> bool:
    """Tell whether a text says that she can be expelled and names free legal help and its number.

    Whoever may have entered without control must read all three together.
    """
    words = plain(text)
    return (
        re.search(_EXPELLED[language], words) is not None
        and "defensa publica" in words
        and "0800-15-170" in words
    )


def sends_to_migraciones(text: str) -> bool:
    """Tell whether a Spanish text tells the reader to go to MIGRACIONES."""
    return any(
        _GO.search(sentence) and not _DO_NOT_GO.search(sentence) for sentence in _sentences(text)
    )


def unwarned_directions(sections: Mapping[str, str]) -> list[str]:
    """Return the Spanish sections that send the reader to MIGRACIONES.

    None where some section says that she can be expelled and some names legal help.
    """
    whole = plain("\n".join(sections.values()))
    if _EXPULSION.search(whole) and _LEGAL_AID.search(whole):
        return []
    return [name for name, words in sections.items() if sends_to_migraciones(words)]


def amounts_without_year(text: str) -> bool:
    """Tell whether a text names an amount in soles and no year; numbers of norms are no years."""
    words = plain(text)
    if not _AMOUNT.search(words):
        return False
    return not _YEAR.search(_NUMBERED_NORM.sub(" ", _AMOUNT.sub(" ", words)))


def _sentences(text: str) -> list[str]:
    words = plain(text).replace("**", "").replace("\u2019", "'")
    return _SENTENCE_END.split(_ABBREVIATION.sub(r"\1", words))


def _directions(findings: Findings, article: Article) -> None:
    text = article.texts.get(SOURCE_LANGUAGE)
    if text is None:
        return
    # Everywhere a direction is a risk; in these articles many readers have no papers.
    severity = Severity.ERROR if article.topic == "regularization" else Severity.WARNING
    for name in unwarned_directions(text.sections):
        place: Place = ("sections", name)
        what = f"`{name}` sends the reader to MIGRACIONES without warning or legal help."
        remedy = "Say in this article that entering without control can lead to expulsion, "
        remedy += "and name free legal help first."
        file = article_file(article.id, SOURCE_LANGUAGE)
        findings.note(severity, file, place, what, remedy)


def _dated_amounts(findings: Findings, article: Article) -> None:
    text = article.texts.get(SOURCE_LANGUAGE)
    for name, words in text.sections.items() if text else ():
        if amounts_without_year(words):
            what = f"`{name}` names an amount without its year."
            file = article_file(article.id, SOURCE_LANGUAGE)
            findings.error(file, ("sections", name), what, "Say from when the amount is.")
