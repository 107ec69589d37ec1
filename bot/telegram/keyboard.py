"""Buttons under a Telegram message: their rows, and the one that was pressed."""

import json

from telegram import InlineKeyboardMarkup

from bot.shaping import Option

CHOSEN = "✅ "

_PAIR_LABEL = 17  # two labels up to this length stand beside each other


def keyboard(options: tuple[Option, ...]) -> list[list[dict[str, str]]]:
    """Return rows of buttons: two short ones beside each other, a long one alone."""
    rows: list[list[dict[str, str]]] = []
    pairs = False
    for option in options:
        button = {"text": option.label, "callback_data": option.id}
        short = len(option.label) <= _PAIR_LABEL
        if pairs and short:
            rows[-1].append(button)
            pairs = False
        else:
            rows.append([button])
            pairs = short
    return rows


def marked(shown: InlineKeyboardMarkup, chosen: str) -> str | None:
    """Return a keyboard as JSON with a sign before the chosen option; None if nothing changes.

    The other ways stay open: whoever has read one part of an answer may want the next. The sign
    moves with the last choice. A keyboard that holds anything but options is left alone.
    """
    rows: list[list[dict[str, str]]] = []
    changed = False
    for row in shown.inline_keyboard:
        rows.append([])
        for button in row:
            if not isinstance(button.callback_data, str):
                return None
            plain = button.text.removeprefix(CHOSEN)
            text = CHOSEN + plain if button.callback_data == chosen else plain
            changed = changed or text != button.text
            rows[-1].append({"text": text, "callback_data": button.callback_data})
    found = any(b["callback_data"] == chosen for row in rows for b in row)
    return json.dumps({"inline_keyboard": rows}, ensure_ascii=False) if found and changed else None
