"""Words of the program that staff have published in place of its own."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import open_engine
from content.catalogue import Catalogue
from content.documents import WHATSAPP
from content.models import DocumentRow


def rewordings(catalogue: Catalogue) -> Mapping[tuple[str, str], str]:
    """Return what staff say in place of a text of the program, by message id and language."""
    return {
        (phrase.msgid, language): text
        for phrase in catalogue.phrases
        for language, text in phrase.texts.items()
    }


async def published_templates(session: AsyncSession) -> dict[str, object]:
    """Return the WhatsApp templates that staff have published, in the shape of their file."""
    query = select(DocumentRow.id, DocumentRow.body).where(DocumentRow.kind == WHATSAPP)
    return {purpose: body for purpose, body in await session.execute(query)}  # noqa: C416 - rows


async def templates_in(database_url: str) -> dict[str, object]:
    """Return the same from a database; none where it was never set up or does not answer."""
    engine = open_engine(database_url)
    try:
        async with AsyncSession(engine) as session:
            return await published_templates(session)
    except SQLAlchemyError:
        return {}
    finally:
        await engine.dispose()
