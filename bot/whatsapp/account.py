"""What an operator asks Meta about the templates of the business account."""

from typing import Any, Protocol

from bot.bodies import mapping, objects, string
from bot.channel import RequestRefused
from bot.finding import Finding
from bot.whatsapp.templates import APPROVED, Templates, Wording, submission

_PAGES = 20  # of a hundred templates each
_FIELDS = "name,language,status,rejected_reason,components"
_REMEDIES = {
    "pending": "Meta is looking at it: ask again later",
    "paused": "Meta has paused it because people complained: wait, and ask again",
    "disabled": "Meta has switched it off: write another wording under a new name",
    "rejected": "change the wording and the name in content/whatsapp.yml, then submit it",
    "missing": "run `orienta channel whatsapp submit`",
    "differs": "Meta has other words: give ours a new name in content/whatsapp.yml, then submit it",
}


class GraphApi(Protocol):
    """`bot.whatsapp.graph.Graph`, as far as it is used here."""

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post a body; raise `ChannelError`."""

    async def read(self, path: str, **query: str) -> dict[str, Any]:
        """Return what lies at a path; raise `ChannelError`."""


class WhatsAppAccount:
    """The business account that owns the number. Every method raises `ChannelError`."""

    def __init__(self, graph: GraphApi, account_id: str, templates: Templates) -> None:
        self._graph = graph
        self._path = f"{account_id}/message_templates"
        self._templates = templates

    async def status(self) -> tuple[Finding, ...]:
        """Compare Meta's templates with ours, and keep for the assistant which are approved."""
        states = await self._states()
        self._templates.keep({(w.name, w.code): state for w, state in states})
        return tuple(_finding(wording, state) for wording, state in states)

    async def submit(self) -> tuple[Finding, ...]:
        """Ask Meta to approve those that it does not know."""
        findings = []
        for wording, state in await self._states():
            if state != "missing":
                findings.append(_finding(wording, state))
                continue
            where = f"{wording.name} ({wording.code})"
            try:
                await self._graph.post(self._path, submission(wording))
            except RequestRefused as error:
                findings.append(Finding("PROBLEM", f"{where}: Meta refuses it ({error.code})."))
            else:
                findings.append(Finding("ok", f"{where}: submitted; ask for its state later"))
        return tuple(findings)

    async def _states(self) -> list[tuple[Wording, str]]:
        """Return each wording with its state at Meta: a word of ours or Meta's in lower case."""
        theirs = await self._all()
        wordings = {
            (wording.name, wording.code): wording
            for languages in self._templates.wordings.values()
            for wording in languages.values()
        }
        return [(ours, _state(ours, theirs.get(key))) for key, ours in wordings.items()]

    async def _all(self) -> dict[tuple[str, str], dict[str, Any]]:
        found: dict[tuple[str, str], dict[str, Any]] = {}
        query = {"fields": _FIELDS, "limit": "100"}
        for _ in range(_PAGES):
            answer = await self._graph.read(self._path, **query)
            for one in objects(answer.get("data")):
                found[string(one.get("name")), string(one.get("language"))] = one
            paging = mapping(answer.get("paging"))
            after = string(mapping(paging.get("cursors")).get("after"))
            if not paging.get("next") or not after:
                break
            query["after"] = after
        return found


def _state(ours: Wording, theirs: dict[str, Any] | None) -> str:
    if theirs is None:
        return "missing"
    body, buttons = "", []
    for component in objects(theirs.get("components")):
        if component.get("type") == "BODY":
            body = string(component.get("text"))
        buttons += [string(button.get("text")) for button in objects(component.get("buttons"))]
    if body != ours.numbered or buttons != [words for words, _ in ours.buttons]:
        return "differs"
    status = string(theirs.get("status")).lower()
    return status if status.isascii() and status.replace("_", "").isalpha() else "unknown"


def _finding(wording: Wording, state: str) -> Finding:
    where = f"{wording.name} ({wording.code})"
    if state == APPROVED:
        return Finding("ok", f"{where}: approved")
    remedy = _REMEDIES.get(state, "see it in Meta's WhatsApp Manager")
    return Finding("PROBLEM", f"{where}: {state}; {remedy}.")
