"""Reading Telegram's updates: what a person did, or the name of what needs no answer.

Only private chats are answered: the assistant speaks of personal trouble, so it leaves groups.
https://core.telegram.org/bots/api#update
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from telegram import (
    CallbackQuery,
    Chat,
    ChatMemberUpdated,
    InlineQuery,
    Message,
    Update,
    User,
    Voice,
)
from telegram.constants import ChatMemberStatus, ChatType, MessageAttachmentType

from bot.bodies import clean, mapping, place
from bot.channel import VOICE_BYTES, VOICE_SECONDS, Group, Presence, Received, Search
from bot.messages import Chose, Commanded, Event, Inbound, Located, Said, Unsupported
from bot.telegram.keyboard import marked
from bot.telegram.menu import engine_name

# What is kept beside a message so that the channel can answer this very one.
CALLBACK = "callback_query"
MESSAGE = "message"
KEYBOARD = "keyboard"
VOICE = "voice"

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_DEEP_LINK = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
# What Telegram tells about the chat itself: nobody waits for an answer to it.
_SERVICE = (
    "pinned_message", "message_auto_delete_timer_changed", "write_access_allowed",
    "chat_background_set", "boost_added", "connected_website", "proximity_alert_triggered",
)  # fmt: skip


def read_update(data: dict[str, object], channel: str, now: Callable[[], datetime]) -> Received:
    """Read one update. One that cannot be read is never refused: it would be retried for a day."""
    try:
        update = Update.de_json(data, None)
        if update.message is not None:
            return _message(update, update.message, channel)
        if update.edited_message is not None:
            return _edited(update, update.edited_message, channel)
        if update.callback_query is not None:
            return _pressed(update, update.callback_query, channel, now())
        if update.my_chat_member is not None:
            return _moved(update.my_chat_member)
        if update.inline_query is not None:
            return _searched(update.inline_query)
        return Received(ignored=("other update",))
    except Exception:  # whatever python-telegram-bot makes of a strange object
        return _unread(data, channel, now())


def _unread(data: dict[str, object], channel: str, at: datetime) -> Received:
    """Answer also a message of a kind that the library cannot read: Telegram adds parts to them."""
    message = mapping(data.get("message"))
    number, chat = data.get("update_id"), mapping(message.get("chat"))
    person, sender = chat.get("id"), mapping(message.get("from"))
    private = chat.get("type") == ChatType.PRIVATE and sender.get("is_bot") is False
    ids = isinstance(number, int) and isinstance(person, int)
    if not private or not ids or "text" in message:
        return Received(ignored=("unreadable update",))
    strange = Inbound(channel, str(number), str(person), Unsupported("unknown"), at)
    return Received(messages=(strange,))


def _message(update: Update, message: Message, channel: str) -> Received:
    voice = _fetchable(message.voice)
    return _inbound(
        update, channel, message.chat, message.from_user, _event(message), message.date,
        {VOICE: voice} if voice else None,
    )  # fmt: skip


def _pressed(update: Update, query: CallbackQuery, channel: str, at: datetime) -> Received:
    """Read a pressed button; beside it goes the keyboard as it shall look from now on."""
    if not isinstance(query.data, str):
        return Received(ignored=("callback without data",))
    reply_to = {CALLBACK: query.id}
    chat = query.message.chat if query.message else Chat(query.from_user.id, ChatType.PRIVATE)
    shown = query.message.reply_markup if isinstance(query.message, Message) else None
    if query.message and shown and (keyboard := marked(shown, query.data)):
        reply_to |= {MESSAGE: str(query.message.message_id), KEYBOARD: keyboard}
    return _inbound(update, channel, chat, query.from_user, Chose(clean(query.data)), at, reply_to)


def _moved(moved: ChatMemberUpdated) -> Received:
    """Read that a person blocked the bot or took it back, or that a group took it in."""
    status = moved.new_chat_member.status
    away = status in (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)
    if moved.chat.type == ChatType.PRIVATE:
        return Received(presences=(Presence(str(moved.chat.id), away),))
    if away:
        return Received(ignored=("left a group",))
    return Received(groups=(_group(moved.chat, moved.from_user),))


def _group(chat: Chat, sender: User | None) -> Group:
    return Group(str(chat.id), chat.type == ChatType.CHANNEL, _language(sender))


def _searched(query: InlineQuery) -> Received:
    """Read the words behind the bot's name in some chat of hers."""
    search = Search(query.id, clean(query.query).strip(), _language(query.from_user))
    return Received(searches=(search,))


def _edited(update: Update, message: Message, channel: str) -> Received:
    """Read corrected words as new ones: she wrote them to be read.

    The rest is not answered twice; a live location is an edit every few seconds.
    """
    event = _event(message)
    if event is None or isinstance(event, Located):
        return Received(ignored=("edited_message",))
    if isinstance(event, Unsupported) and not event.caption:
        return Received(ignored=("edited_message",))
    at = message.edit_date or message.date
    return _inbound(update, channel, message.chat, message.from_user, event, at)


def _inbound(
    update: Update,
    channel: str,
    chat: Chat,
    sender: User | None,
    event: Event | None,
    sent_at: datetime,
    reply_to: dict[str, str] | None = None,
) -> Received:
    if chat.type != ChatType.PRIVATE:
        return Received(groups=(_group(chat, sender),))
    if sender is not None and sender.is_bot:
        return Received(ignored=("bot",))
    if event is None:
        return Received(ignored=("service message",))
    if not (isinstance(update.update_id, int) and isinstance(chat.id, int)):
        return Received(ignored=("unreadable update",))
    inbound = Inbound(
        channel=channel,
        message_id=str(update.update_id),
        person=str(chat.id),
        event=event,
        sent_at=sent_at,
        language_hint=_language(sender),
        reply_to=reply_to or {},
    )
    return Received(messages=(inbound,))


def _language(person: User | None) -> str | None:
    """Return the language of her phone, if it is told and is one."""
    code = person.language_code if person else None
    return code if isinstance(code, str) and _LANGUAGE.fullmatch(code) else None


def _event(message: Message) -> Event | None:
    """Return what a message says, or None for a note of Telegram's about the chat."""
    if isinstance(message.text, str):
        return _said(clean(message.text))
    if message.location is not None:
        located = place(message.location.latitude, message.location.longitude)
        return located or Unsupported("location")
    caption = clean(message.caption).strip() if isinstance(message.caption, str) else ""
    for kind in MessageAttachmentType:
        if getattr(message, kind.value, None):
            return Unsupported(kind.value, caption)
    if any(getattr(message, service, None) for service in _SERVICE):
        return None
    return Unsupported("unknown", caption)


def _said(text: str) -> Event:
    if command := _COMMAND.fullmatch(text.strip()):
        name, argument = command[1].lower(), (command[2] or "").strip()
        if name == "start" and not _DEEP_LINK.fullmatch(argument):
            argument = ""
        return Commanded(engine_name(name), argument)
    return Said(text) if text.strip() else Unsupported("empty")


def _fetchable(voice: Voice | None) -> str | None:
    """Return the file of a voice message that is short enough to be listened to."""
    if voice is None or not isinstance(voice.file_id, str):
        return None
    length = voice.duration
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    size = voice.file_size if isinstance(voice.file_size, int) else 0
    return voice.file_id if seconds <= VOICE_SECONDS and size <= VOICE_BYTES else None
