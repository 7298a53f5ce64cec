"""Writes what was sent anew, as one PDF. Run as a program of its own, with little memory, little time and no secret.

Reads on its input, as big-endian numbers of four bytes: the limits (pixels, pages), how many files, and each file with
its length before it. Writes `=`, the number of pages (two bytes) and the PDF; or `!` and the code of a refusal.

Nothing of the files is kept as it came: pictures are decoded and encoded again, without what the camera wrote beside
them (place, time, device); of a PDF only the drawing of its pages is taken, so that neither script, action, form,
attachment nor link remains. What only pretends to be a picture or a PDF does not survive.
"""

import resource
import struct
import sys
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

# Enough for a picture of sixty million dots, whatever its kind but WebP.
MEMORY = 640 << 20
SECONDS = 10
# A4 at 200 dots an inch, on the long side, in dots and in points.
DOTS, POINTS = 2339, 842
QUALITY = 80
MOST_OBJECTS = 50_000
PICTURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"RIFF": "WEBP"}
# Of a page, what draws it; of a stream, what neither draws nor says how it is encoded goes.
PAGE = {"/Type", "/Parent", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Resources", "/Contents"}
RESOURCES = {"/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/ProcSet"}
STREAM = {
    "/F", "/FFilter", "/FDecodeParms", "/AF", "/Metadata", "/PieceInfo", "/OPI", "/Ref", "/Alternates", "/PS", "/OC",
    "/StructParent", "/StructParents", "/LastModified", "/Measure", "/PtData", "/A", "/AA", "/JS",
}  # fmt: skip


class Refused(Exception):
    """The code of a refusal: empty, type, heic, pixels, pages, password, broken."""


def kind_of(data: bytes) -> str:
    """What a file is, by what it holds: JPEG, PNG, WEBP or PDF."""
    if not data:
        raise Refused("empty")
    if data.startswith(b"%PDF-"):
        return "PDF"
    if data[4:8] == b"ftyp" and data[8:12] in {b"heic", b"heix", b"heif", b"mif1", b"msf1", b"hevc"}:
        raise Refused("heic")
    found = next((kind for mark, kind in PICTURES.items() if data.startswith(mark)), "")
    if not found or (found == "WEBP" and data[8:12] != b"WEBP"):
        raise Refused("type")
    return found


def add_picture(out: Any, data: bytes, kind: str, pixels: int) -> None:
    """One page with this picture, upright."""
    import pikepdf
    from PIL import Image, ImageOps

    # Our own bound comes first; Pillow's would speak of twice as much.
    Image.MAX_IMAGE_PIXELS = None
    try:
        picture: Any = Image.open(BytesIO(data), formats=(kind,))
        if picture.width * picture.height > pixels:
            raise Refused("pixels")
        picture.draft("RGB", (DOTS, DOTS))
        picture.thumbnail((DOTS, DOTS))
        picture = ImageOps.exif_transpose(picture)
    except (OSError, ValueError, SyntaxError, EOFError, struct.error) as error:
        raise Refused("broken") from error
    if picture.mode in {"RGBA", "LA", "PA", "P"}:
        picture = picture.convert("RGBA")
        ground = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(ground, picture)
    picture = picture.convert("L" if picture.mode in {"1", "L"} else "RGB")
    encoded = BytesIO()
    # A fresh picture: only its dots go on.
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    clean.save(encoded, "JPEG", quality=QUALITY)
    scale = POINTS / max(picture.size)
    width, height = (round(side * scale, 2) for side in picture.size)
    image = pikepdf.Stream(
        out, encoded.getvalue(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Filter=pikepdf.Name.DCTDecode,
        Width=picture.width, Height=picture.height, BitsPerComponent=8,
        ColorSpace=pikepdf.Name.DeviceGray if picture.mode == "L" else pikepdf.Name.DeviceRGB,
    )  # fmt: skip
    page = out.add_blank_page(page_size=(width, height))
    name = page.add_resource(image, pikepdf.Name.XObject)
    page.Contents = out.make_stream(f"q {width} 0 0 {height} 0 0 cm {name} Do Q".encode())


def add_pdf(out: Any, data: bytes, pages: int) -> None:
    """The pages of a PDF, their drawing only."""
    import pikepdf

    try:
        with pikepdf.open(BytesIO(data)) as source:
            if len(source.pages) > pages:
                raise Refused("pages")
            if len(source.objects) > MOST_OBJECTS:
                raise Refused("broken")
            first = len(out.pages)
            out.pages.extend(source.pages)
        # Once copied, so that each page holds what it inherited. What nothing names any more is not written.
        for page in out.pages[first:]:
            _keep(page.obj, PAGE)
            if "/Resources" in page.obj:
                _keep(page.obj.Resources, RESOURCES)
        for item in out.objects:
            if isinstance(item, pikepdf.Stream):
                for name in STREAM & set(item.keys()):
                    del item[name]
                if isinstance(item.get("/Resources"), pikepdf.Dictionary):
                    _keep(item.Resources, RESOURCES)
    except pikepdf.PasswordError as error:
        raise Refused("password") from error
    except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refused("broken") from error


def _keep(dictionary: Any, names: set[str]) -> None:
    for name in set(dictionary.keys()) - names:
        del dictionary[name]


def rewrite(files: list[bytes], pixels: int, pages: int) -> tuple[int, bytes]:
    """One PDF of all these files in order, and its number of pages. Raises Refused."""
    import pikepdf

    out: Any = pikepdf.new()
    for data in files:
        kind = kind_of(data)
        if kind == "PDF":
            add_pdf(out, data, pages)
        else:
            add_picture(out, data, kind, pixels)
        if len(out.pages) > pages:
            raise Refused("pages")
    if not len(out.pages):
        raise Refused("broken")
    target = BytesIO()
    out.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return len(out.pages), target.getvalue()


def answer(source: BinaryIO) -> bytes:
    """What is written for what is read."""
    pixels, pages, count = struct.unpack("!LLL", source.read(12))
    files = [source.read(struct.unpack("!L", source.read(4))[0]) for _ in range(count)]
    try:
        found, pdf = rewrite(files, pixels, pages)
    except Refused as refused:
        return b"!" + str(refused).encode()
    except MemoryError:
        return b"!heavy"
    return b"=" + struct.pack("!H", found) + pdf


def main() -> None:
    """What the program does: bound itself, then answer."""
    # Should memory run out all the same, this goes and the site stays.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.buffer.write(answer(sys.stdin.buffer))


if __name__ == "__main__":
    main()
