"""A person goes on under another id, as WhatsApp tells when somebody changes the phone number."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.keys import Keys
from bot.tables import CaseRow, ConversationRow, InboxRow, OutboxRow, ReminderRow


async def move(session: AsyncSession, keys: Keys, channel: str, old: str, new: str) -> None:
    """Carry conversation, cases and reminders over.

    Where she has written under the new id already, that conversation is the true one: to the old
    id nothing is sent any more. Tables are taken in the order in which a turn takes them.
    """
    before, after = keys.person(channel, old), keys.person(channel, new)
    query = select(ConversationRow.key).where(ConversationRow.key.in_((before, after)))
    known = set(await session.scalars(query))
    if before not in known:
        return
    hers = update(ConversationRow).where(ConversationRow.key == before)
    if after in known:
        await session.execute(hers.values(gone=True))
        return
    inbox = update(InboxRow).where(InboxRow.conversation == before)
    await session.execute(inbox.values(conversation=after))
    await session.execute(hers.values(key=after, person=keys.seal(new), gone=False))
    for table in (OutboxRow, CaseRow, ReminderRow):
        theirs = update(table).where(table.conversation == before)
        await session.execute(theirs.values(conversation=after))
