"""Inline mode: approved answers to hand on in any chat, found behind the bot's name.

https://core.telegram.org/bots/inline
"""

import re
from collections.abc import Callable

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.constants import InlineQueryResultLimit

from bot.channel import Payload, Shareable
from bot.messages import Label, Reply
from bot.shaping import Translate
from content.catalogue import LANGUAGES, SOURCE_LANGUAGE

ASK = Label("Preguntar a Orienta")

_DEEP_LINK = re.compile(r"[A-Za-z0-9_-]{1,64}")


def inline_results(
    found: tuple[Shareable, ...],
    render: Callable[[Reply], tuple[Payload, ...]],
    name: str,
    translate: Translate,
) -> list[InlineQueryResultArticle]:
    """Return what can be sent whole in one message; `name` is the bot's, or ''.

    Under each stands the way to the same answer in private, where she can go on asking.
    """
    results = []
    for one in found:
        payloads = render(one.reply)
        if len(payloads) != 1 or len(one.id.encode()) > InlineQueryResultLimit.MAX_ID_LENGTH:
            continue
        content = InputTextMessageContent(
            payloads[0]["text"],
            parse_mode=payloads[0]["parse_mode"],
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
        label = translate(ASK.text, one.reply.language, {})
        address = deep_link(name, one.id)
        results.append(
            InlineQueryResultArticle(
                one.id,
                one.title,
                content,
                description=one.detail,
                reply_markup=InlineKeyboardMarkup.from_button(
                    InlineKeyboardButton(label, url=address)
                )
                if address
                else None,
            )
        )
    return results


def found_button(language: str, translate: Translate) -> InlineQueryResultsButton:
    """Return the button above the results: it leads to the private chat."""
    return InlineQueryResultsButton(translate(ASK.text, language, {}), start_parameter="inline")


def deep_link(name: str, article: str) -> str:
    """Return the address that opens the chat with an article; '' where there can be none.

    Telegram allows no slash there; the first underscore stands for it.
    """
    start = article.replace("/", "_", 1)
    return f"https://t.me/{name}?start={start}" if name and _DEEP_LINK.fullmatch(start) else ""


def phone_language(hint: str | None) -> str:
    """Return the language of ours that a phone's language is, or Spanish."""
    language = (hint or "").split("-")[0].lower()
    return language if language in LANGUAGES else SOURCE_LANGUAGE
