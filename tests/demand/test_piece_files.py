"""What is sent is written anew, typed by what it holds, bounded, encrypted; nothing that acts survives (trust T32)."""

import stat
import time
from datetime import timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from PIL import Image

from palier.common.clock import now
from palier.common.errors import Refusal
from palier.demand.pieces import files
from tests.demand import papers

ACTS = ("/JS", "/JavaScript", "/OpenAction", "/AA", "/Launch", "/URI", "/AcroForm", "/EmbeddedFiles", "/EF", "/Annots",
        "/Metadata", "/Author", "/XFA", "/AF", "EICAR-factice", "MZ-factice", "auteur-factice")  # fmt: skip


def opened(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(data))


def everything(data: bytes) -> str:
    """Every object of a PDF, streams opened."""
    with opened(data) as pdf:
        parts = [repr(pdf.trailer), repr(pdf.Root)]
        for item in pdf.objects:
            parts.append(repr(item))
            if isinstance(item, pikepdf.Stream):
                parts.append(item.read_raw_bytes().decode("latin-1"))
        return "\n".join(parts)


def picture_of(data: bytes, page: int = 0) -> Image.Image:
    with opened(data) as pdf:
        (image,) = pdf.pages[page].get_images().values()
        return Image.open(BytesIO(image.read_raw_bytes()))


@pytest.mark.usefixtures("decoded_here")
def test_several_pictures_make_one_pdf_in_their_order() -> None:
    pages, pdf = files.rewrite([papers.photo(colour="red"), papers.plain_pdf(2), papers.photo(colour="blue")])
    assert pages == 4
    first, last = (picture_of(pdf, page).getpixel((9, 9)) for page in (0, 3))
    assert first[0] > 200 > 60 > first[2]  # type: ignore[index]
    assert last[2] > 200 > 60 > last[0]  # type: ignore[index]


@pytest.mark.usefixtures("decoded_here")
@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "1", "I;16", "LA"])
def test_each_kind_of_picture_is_read(mode: str) -> None:
    assert files.rewrite([papers.png((40, 30), mode)])[0] == 1


@pytest.mark.usefixtures("decoded_here")
def test_nothing_of_where_and_with_what_a_picture_was_taken_is_left() -> None:
    sent = papers.located_photo()
    assert b"Marque-Fictive" in sent
    assert Image.open(BytesIO(sent)).getexif().get_ifd(0x8825)
    _, pdf = files.rewrite([sent])
    kept = picture_of(pdf)
    assert not kept.getexif()
    assert not {"exif", "comment", "xmp", "icc_profile"} & set(kept.info)
    words = everything(pdf)
    assert not [word for word in ("Marque-Fictive", "chez-exemple", "2026:11:22", "Exif") if word in words]
    assert kept.size == (200, 400), "turned upright, since nothing says any more that it lies on its side"


@pytest.mark.usefixtures("decoded_here")
def test_a_large_picture_comes_down_to_two_hundred_dots_an_inch() -> None:
    _, pdf = files.rewrite([papers.photo((4000, 3000))])
    assert max(picture_of(pdf).size) == 2339
    assert len(pdf) < 200_000


@pytest.mark.usefixtures("decoded_here")
def test_nothing_that_acts_is_left_of_a_pdf() -> None:
    sent = papers.armed_pdf()
    before = everything(sent)
    assert [mark for mark in ACTS if mark not in before] == []
    pages, pdf = files.rewrite([sent])
    after = everything(pdf)
    assert pages == 1
    assert [mark for mark in ACTS if mark in after] == []
    assert "0 0 m" in after, "what draws the page stays"


@pytest.mark.usefixtures("decoded_here")
@pytest.mark.parametrize(
    ("name", "sent", "words"),
    [
        ("nothing", b"", "vide"),
        ("a page that says it is a picture", b"<html><script>alert(1)</script></html>", "ni une photo"),
        ("a drawing that may hold scripts", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "ni une photo"),
        ("a program", b"MZ\x90\x00" + b"\0" * 100, "ni une photo"),
        ("an archive", b"PK\x03\x04" + b"\0" * 100, "ni une photo"),
        ("a page hidden before a PDF", b"<html>" + papers.plain_pdf(), "ni une photo"),
        ("a sound that begins like WebP", b"RIFF\x00\x00\x00\x00WAVE", "ni une photo"),
        ("a picture of another kind of telephone", b"\0\0\0\x18ftypheic" + b"\0" * 40, "HEIC"),
        ("a picture cut short", papers.photo((900, 900), quality=95)[:2000], "abîmé"),
        ("a picture that is only its first bytes", b"\xff\xd8\xff", "abîmé"),
        ("a PDF that is only its first bytes", b"%PDF-1.7\n", "abîmé"),
        ("a PDF under a password", papers.locked_pdf(), "mot de passe"),
        ("a PDF of a hundred pages", papers.plain_pdf(100), "trop de pages"),
    ],
)
def test_what_is_not_a_picture_or_a_pdf_is_refused_in_words(name: str, sent: bytes, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        files.rewrite([papers.photo(), sent])


@pytest.mark.usefixtures("decoded_here")
def test_a_page_glued_behind_a_picture_dies() -> None:
    _, pdf = files.rewrite([papers.photo() + b"<script>exemple</script>"])
    assert b"<script>" not in pdf


@pytest.mark.parametrize("side", [20_000, 50_000])
def test_a_picture_of_billions_of_dots_in_a_few_kilobytes_is_refused_at_once(side: int) -> None:
    bomb = papers.png_bomb(side)
    assert len(bomb) < 500_000
    begun = time.monotonic()
    with pytest.raises(Refusal, match="trop grande"):
        files.rewrite([bomb])
    assert time.monotonic() - begun < 5


def test_a_decoder_that_takes_too_much_memory_or_time_is_stopped(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.PALIER_PIECE_PIXELS = 4_000_000_000
    with pytest.raises(Refusal, match=r"lourd|abîmé"):
        files.rewrite([papers.png_bomb(50_000)])
    monkeypatch.setattr(files, "SECONDS", 0.01)
    with pytest.raises(Refusal, match="lourd"):
        files.rewrite([papers.photo()])


def test_the_decoder_answers_from_its_own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    assert files.rewrite([papers.photo(), papers.plain_pdf(2)])[0] == 3
    with pytest.raises(Refusal, match="ni une photo"):
        files.rewrite([b"<html>"])


def test_the_decoder_is_given_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALIER_SECRET_KEY", "exemple")
    given: dict[str, Any] = {}
    run = files.subprocess.run
    monkeypatch.setattr(files.subprocess, "run", lambda *a, **k: given.update(k) or run(*a, **k))
    files.rewrite([papers.photo()])
    assert "PALIER_SECRET_KEY" not in given["env"]


def test_a_file_rests_encrypted_for_its_owner_only_under_a_name_that_says_nothing() -> None:
    name = files.keep(b"%PDF-exemple")
    path = files.path_of(name)
    assert files.read(name) == b"%PDF-exemple"
    assert b"exemple" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.parent.name == name[:2]
    assert len(name) == 32
    files.remove(name)
    files.remove(name)
    assert not path.exists()


def test_a_file_that_somebody_touched_is_not_given() -> None:
    name = files.keep(b"%PDF-exemple")
    files.path_of(name).write_bytes(b"autre chose")
    with pytest.raises(Refusal, match="ne se lit plus"):
        files.read(name)
    files.remove(name)
    with pytest.raises(Refusal, match="ne se lit plus"):
        files.read(name)


def test_a_former_secret_still_opens_what_it_closed(settings: Any) -> None:
    name = files.keep(b"%PDF-exemple")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "une-autre-cle-factice-" * 4
    assert files.read(name) == b"%PDF-exemple"
    files.remove(name)


def test_a_disk_that_refuses_is_told_in_words_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    before = set(files.folder().glob("*/*"))
    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(Refusal, match="disque de Palier"):
        files.keep(b"%PDF-exemple")
    assert set(files.folder().glob("*/*")) == before


def test_what_was_left_half_written_is_swept_away() -> None:
    name = files.keep(b"%PDF-exemple")
    draft = files.path_of(name).with_suffix(".part")
    draft.write_bytes(b"x")
    assert name not in list(files.kept(now()))
    assert name in list(files.kept(now() + timedelta(hours=2)))
    assert not draft.exists()
    files.remove(name)
