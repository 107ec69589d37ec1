"""ZIP files of content, and those that somebody hostile has made."""

import io
import stat
import zipfile

import pytest

from content.exchange.archive import ENTRIES, PACKED, BadArchive, Refusal, pack, unpack

GOOD = {"topics.yml": b"- id: a\n", "articles/a/b/es.yml": b"title: x\n"}


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """Return a ZIP file of these entries, in their order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


def refusal(data: bytes) -> Refusal:
    """Return why a ZIP file is refused."""
    with pytest.raises(BadArchive) as caught:
        unpack(data)
    assert "\n" not in str(caught.value)
    return caught.value.why


def test_what_goes_in_comes_out() -> None:
    """The same files make the same bytes, whatever their order."""
    assert unpack(pack(GOOD)) == GOOD
    assert pack(GOOD) == pack(dict(reversed(GOOD.items())))


def test_a_folder_around_everything_is_taken_off() -> None:
    """As programs that pack folders make it, with the clutter of their systems."""
    wrapped = [(f"content/{name}", data) for name, data in GOOD.items()]
    assert unpack(zipped(*wrapped, ("__MACOSX/x", b"x"), ("content/.DS_Store", b"x"))) == GOOD


@pytest.mark.parametrize(
    "name",
    [
        "../topics.yml", "a/../../x.yml", "/etc/passwd", "//x", "C:/x.yml", "C:x.yml",
        "a\\..\\..\\x.yml", "a//b.yml", "./x.yml", "a/./b.yml", "a\nb.yml", "x" * 300,
        "articles/a/b/es.yml:stream",
    ],
)  # fmt: skip
def test_paths_that_lead_elsewhere_are_refused(name: str) -> None:
    """One such entry, and nothing of the file is taken."""
    assert refusal(zipped(*GOOD.items(), (name, b"x"))) is Refusal.PATH


def test_a_name_that_ends_early_is_refused() -> None:
    """A NUL in a name: what stands before it is not the whole of it."""
    data = zipped(*GOOD.items(), ("a.yml?.exe", b"x")).replace(b"a.yml?.exe", b"a.yml\0.exe")
    assert refusal(data) is Refusal.PATH


def test_links_are_refused() -> None:
    """A link of Unix would point out of the folder."""
    link = zipfile.ZipInfo("link.yml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refusal(zipped(*GOOD.items(), (link, b"/etc/passwd"))) is Refusal.LINK


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["topics.yml", "TOPICS.yml"])
def test_the_same_file_twice_is_refused(second: str) -> None:
    """Two readers could take two different ones; some systems know no capitals."""
    assert refusal(zipped(*GOOD.items(), (second, b"x"))) is Refusal.TWICE


def test_a_bomb_is_refused_by_its_ratio() -> None:
    """A small file of a million blanks."""
    assert refusal(zipped(*GOOD.items(), ("a.yml", b" " * 2_000_000))) is Refusal.BOMB


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    """It says ten bytes and would unpack to millions."""
    data = bytearray(zipped(("topics.yml", b" " * 3_000_000)))
    size = (3_000_000).to_bytes(4, "little")
    while size in data:
        at = data.index(size)
        data[at : at + 4] = (10).to_bytes(4, "little")
    assert refusal(bytes(data)) in (Refusal.BROKEN, Refusal.NO_ZIP, Refusal.BOMB)


def test_too_many_files_are_refused() -> None:
    """Before any of them is read."""
    assert refusal(zipped(*((f"{n}.yml", b"") for n in range(ENTRIES + 1)))) is Refusal.TOO_MANY


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", Refusal.NO_ZIP),
        (b"topics: no zip at all", Refusal.NO_ZIP),
        (b"PK\x05\x06" + b"\0" * 18, Refusal.NO_CONTENT),
        (b"0" * (PACKED + 1), Refusal.TOO_LARGE),
    ],
)
def test_what_is_no_content_is_refused(data: bytes, why: Refusal) -> None:
    """Each with a reason of its own."""
    assert refusal(data) is why


def test_a_damaged_file_is_refused() -> None:
    """Its bytes do not match its sums."""
    data = bytearray(zipped(("topics.yml", bytes(range(256)) * 8)))
    data[60] ^= 0xFF
    assert refusal(bytes(data)) in (Refusal.BROKEN, Refusal.NO_ZIP)


def test_a_file_with_a_password_is_refused() -> None:
    """The flag of encryption is set."""
    data = bytearray(zipped(("topics.yml", b"x")))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(data)) is Refusal.ENCRYPTED
