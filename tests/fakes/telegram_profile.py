"""What Telegram keeps of a bot besides its messages: webhook, commands, descriptions, menu."""

from collections.abc import Mapping
from typing import Any


class TelegramProfile:
    """Answers the methods about the bot itself; `webhook_info` is what getWebhookInfo adds.

    `refused` holds methods and languages that Telegram will not take, e.g. "setMyCommands qu".
    """

    def __init__(self) -> None:
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.texts: dict[tuple[str, str], str] = {}
        self.menu_button: dict[str, Any] = {"type": "default"}
        self.allowed_updates: list[str] = []
        self.webhook_info: dict[str, Any] = {}
        self.inline = False
        self.refused: set[str] = set()

    def me(self) -> Mapping[str, Any]:
        """Return what getMe answers."""
        who = {"id": 42, "is_bot": True, "first_name": "Orienta", "username": "orienta_bot"}
        return {**who, "supports_inline_queries": self.inline}

    def refuses(self, method: str, fields: Mapping[str, Any]) -> bool:
        """Say whether a call is one of those that are refused."""
        return f"{method} {fields.get('language_code', '')}".strip() in self.refused

    def answer(self, method: str, fields: Mapping[str, Any]) -> object:
        """Return the result of a method, or None if it is none of these."""
        language = str(fields.get("language_code", ""))
        match method:
            case "setMyCommands":
                assert fields["scope"] == {"type": "all_private_chats"}
                self.commands[language] = fields["commands"]
                return True
            case "getMyCommands":
                return self.commands.get(language, [])
            case "setMyDescription" | "setMyShortDescription":
                name = "description" if method == "setMyDescription" else "short_description"
                self.texts[name, language] = str(fields[name])
                return True
            case "getMyDescription":
                return {"description": self.texts.get(("description", language), "")}
            case "getMyShortDescription":
                return {"short_description": self.texts.get(("short_description", language), "")}
            case "setChatMenuButton":
                self.menu_button = fields["menu_button"]
                return True
            case "answerCallbackQuery" | "sendChatAction" | "answerInlineQuery" | "leaveChat":
                return True
            case _:
                return None
