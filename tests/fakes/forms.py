"""What a browser would send of the forms on a page."""

from html.parser import HTMLParser


class _Form(HTMLParser):
    """Gathers the fields of all forms that a page has in its main part."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._area: str | None = None
        self._text: list[str] = []
        self._select: str | None = None
        self._first: str | None = None
        self._chosen: str | None = None
        self._main = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "main":
            self._main = True
        elif not self._main:
            return
        elif tag == "input" and name and given.get("type") not in ("submit", "file"):
            checkable = given.get("type") in ("checkbox", "radio")
            if not checkable or "checked" in given:
                self.fields.append((name, given.get("value", "on" if checkable else "")))
        elif tag == "textarea" and name:
            self._area, self._text = name, []
        elif tag == "select" and name:
            self._select, self._first, self._chosen = name, None, None
        elif tag == "option" and self._select:
            value = given.get("value", "")
            self._first = value if self._first is None else self._first
            if "selected" in given:
                self._chosen = value

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            text = "".join(self._text)
            self.fields.append((self._area, text.removeprefix("\n")))
            self._area = None
        elif tag == "select" and self._select:
            chosen = self._first if self._chosen is None else self._chosen
            self.fields.append((self._select, chosen or ""))
            self._select = None


def filled(page: str) -> list[tuple[str, str]]:
    """Return the fields of the forms on a page, without any button."""
    form = _Form()
    form.feed(page)
    return form.fields
