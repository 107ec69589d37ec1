"""Short questions that only make sense after an answer: "¿y cuánto cuesta?", "e onde fica?"."""

import re

from nlu.normalise import plain

# Words that ask for a section, and words that may stand around them, in the six languages, accents
# folded. A text is a follow-up if it has no other words: one that names a thing asks about it.
_ASKS = {
    "cost": "cuesta cuestan costo costos precio precios cobran pagar pago sale vale gratis "
    "cost costs price expensive free fee custa custo preco cobra cobram gratuito coute cout prix "
    "payer gratuit koute pri peye hayka qullqi",
    "where": "donde adonde queda quedan direccion lugar where place address onde aonde fica "
    "adresse ou endroit kote adres maypi mayman",
    "time": "demora demoran tarda tiempo plazo dias long time days takes tempo prazo dure "
    "temps delai jours pran tan jou pacha",
    "requirements": "requisitos papeles documentos necesito llevar piden requirements papers "
    "documents need bring preciso documentos papeis levar exigem papiers besoin apporter demande "
    "papye bezwen pote mande papelkuna",
    "steps": "pasos hago hacer empiezo tramite steps do start como faco passos comeco etapes faire "
    "commence etap fe komanse ruwani ruwasaq",
    "rights": "derechos rights direitos droits dwa derechoy",
    "refused": "rechazan niegan refuse refused recusam recusarem refusent refize",
}
_AROUND_WORDS = (
    "y e et and a al el la lo los las un una eso esto es son se me te le nos mi por para de del en "
    "que cual cuanto cuanta cuantos como tengo tiene hay debo puedo si no con the is it this that "
    "how much many what which do does i my for to of in there will be if they can o os as um uma "
    "isso quanto quantos qual quais tenho tem eu meu se com na combien est ce c cela ca qu quel "
    "quels quelle faut il je mon ma mes sont dois on s l d pour konbyen sa ki li m mwen pou nan yo "
    "w mi imata imakuna chay chayqa kanqa ima"
)
_AROUND = frozenset(_AROUND_WORDS.split())
_SECTION_OF = {word: section for section, words in _ASKS.items() for word in words.split()}
_MOST_WORDS = 7
# How a text begins that goes on from the answer before: "¿y para mis hijos?", "and my wife?".
_GOES_ON_WORDS = "y e and et epi hinaspa hinaptin tambien also tambem aussi tou pero but mas"
_GOES_ON = frozenset(_GOES_ON_WORDS.split())


def goes_on(text: str) -> bool:
    """Say whether a short text goes on from the answer before, naming something else."""
    words = re.findall(r"[^\W\d_]+", plain(text))
    return 1 < len(words) <= _MOST_WORDS and words[0] in _GOES_ON


def section_asked(text: str) -> str | None:
    """Return the section that a text asks for without naming any subject, or None."""
    words = re.findall(r"[^\W\d_]+", plain(text))
    asked = [_SECTION_OF[word] for word in words if word in _SECTION_OF]
    if not asked or len(words) > _MOST_WORDS:
        return None
    if any(word not in _SECTION_OF and word not in _AROUND for word in words):
        return None
    return asked[-1] if len(set(asked)) > 1 and asked[-1] == "cost" else asked[0]
