"""The words of the pages that need no script: topics, answers, posters."""

from types import MappingProxyType

from bot.messages import Phrase

DANGER = Phrase(
    "Si hay peligro ahora, llame: **105** Policía, **106** ambulancia (SAMU), **116** Bomberos, "
    "**100** violencia en la familia o sexual."
)
SKIP = Phrase("Ir al texto")
TOPICS = Phrase("Temas")
IN_THIS_PAGE = Phrase("En esta página")
RELATED = Phrase("Otras respuestas")
WHERE_TO_ASK = Phrase("¿Quién informa oficialmente?")
POSTER = Phrase("Cartel para imprimir")
PRINT = Phrase("Imprimir")
ADDRESS = Phrase("Dirección de esta página:")
MISSING = Phrase("No encontramos esta página.")
MISSING_WAYS = Phrase("La dirección puede estar mal escrita. Elija un tema, o pregunte en el chat.")

POSTER_LEAD = Phrase("¿Está esperando? Lea aquí qué puede hacer y qué derechos tiene.")
POSTER_STEPS = (
    Phrase("Abra la cámara de su celular."),
    Phrase("Apunte a este cuadro."),
    Phrase("Toque el enlace que aparece."),
)
POSTER_FREE = Phrase("Es gratis. No le pedimos su nombre ni sus documentos.")
POSTER_TYPED = Phrase("¿No funciona la cámara? Escriba la dirección que está bajo el cuadro.")
POSTER_WEB = Phrase("En internet")
POSTER_CODE = Phrase("Código QR que abre {address}")

UNREAD = frozenset({"ht", "qu"})
"""The languages in which no speaker has read yet who informs officially."""

LOCALES = MappingProxyType(
    {"es": "es_PE", "en": "en_US", "pt": "pt_BR", "fr": "fr_FR", "ht": "ht_HT", "qu": "qu_PE"}
)
"""What Open Graph calls each language."""
