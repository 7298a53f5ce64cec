"""Invented documents to send, good and hostile."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pikepdf
from PIL import Image

GPS = b"62.4219 n"


def photo(size: tuple[int, int] = (400, 300), colour: str = "white", **options: Any) -> bytes:
    """A JPEG."""
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", **options)
    return out.getvalue()


def located_photo() -> bytes:
    """A picture taken on its side, that says where and with what."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned
    exif[0x010F] = "Marque-Fictive"
    exif.get_ifd(0x8825)[0x001D] = "2026:11:22"
    exif.get_ifd(0x8825)[0x0001] = "N"
    exif.get_ifd(0x8825)[0x0002] = (50.0, 25.0, 17.5)
    return photo((400, 200), exif=exif, comment=b"chez-exemple")


def png(size: tuple[int, int], mode: str = "RGBA") -> bytes:
    out = BytesIO()
    Image.new(mode, size).save(out, "PNG")
    return out.getvalue()


def png_bomb(side: int) -> bytes:
    """A picture of side × side dots in a few kilobytes, written by hand."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack("!L", len(data)) + name + data + struct.pack("!L", zlib.crc32(name + data))

    header = struct.pack("!LLBBBBB", side, side, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + side // 8)
    body = b"".join(packer.compress(row * 100) for _ in range(side // 100)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def plain_pdf(pages: int = 1, **save: Any) -> bytes:
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(595, 842))
    out = BytesIO()
    pdf.save(out, **save)
    return out.getvalue()


def locked_pdf() -> bytes:
    return plain_pdf(encryption=pikepdf.Encryption(owner="exemple", user="exemple"))


def armed_pdf() -> bytes:
    """A PDF with everything that acts: scripts, actions, a form, a link, an attachment, a stream kept elsewhere."""
    pdf = pikepdf.new()
    page: Any = pdf.add_blank_page(page_size=(595, 842))
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('exemple')"))
    pdf.Root.OpenAction = script
    pdf.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=[pikepdf.String("a"), script]))
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA=pikepdf.String("<xdp/>"))
    launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("calc.exe"))
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 10, 10],
        A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://exemple.test/piege")),
    )  # fmt: skip
    page.obj.Annots = pdf.make_indirect(pikepdf.Array([pdf.make_indirect(link)]))
    page.obj.AA = pikepdf.Dictionary(O=launch)
    drawing = pikepdf.Stream(pdf, b"0 0 m", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 1, 1])
    drawing.AF = pikepdf.Dictionary(EF=pikepdf.Dictionary(F=pdf.make_stream(b"EICAR-factice")))
    drawing.Metadata = pdf.make_stream(b"<x>auteur-factice</x>")
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(D=drawing))
    page.obj.Contents = pdf.make_stream(b"/D Do")
    pdf.attachments["virus.exe"] = b"MZ-factice"
    pdf.docinfo["/Author"] = "Auteur Factice"
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()
