"""Small real files made from bytes: pictures, PDF, DOCX, XLSX, MP4, for pages and attachments of the demo sites.

Each is valid for its readers and the same in every run (fixed times inside archives), so that sha256 in the truth
holds.
"""

import io
import struct
import zipfile
import zlib
from xml.sax.saxutils import escape

Colour = tuple[int, int, int]


def png(width: int, height: int, colour: Colour) -> bytes:
    """Return an RGB picture that shades from `colour` at the top to white at the bottom."""
    rows = bytearray()
    for y in range(height):
        shade = bytes(c + (255 - c) * y // height for c in colour)
        rows += b"\x00" + shade * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def gif(colour: Colour) -> bytes:
    """Return a 2 × 2 picture of one colour (GIF89a, LZW codes packed by hand: clear, 0, 0, 0, 0, end)."""
    table = bytes(colour) + b"\xff\xff\xff"
    bits, value = 0, 0
    for code in (4, 0, 0, 0, 0, 5):
        value |= code << bits
        bits += 3
    data = value.to_bytes((bits + 7) // 8, "little")
    image = b"\x2c" + struct.pack("<HHHHB", 0, 0, 2, 2, 0) + b"\x02" + bytes([len(data)]) + data + b"\x00"
    return b"GIF89a" + struct.pack("<HHBBB", 2, 2, 0x80, 0, 0) + table + image + b"\x3b"


def jpeg(blocks_wide: int, blocks_high: int, level: int) -> bytes:
    """Return a grey baseline JPEG of 8 × 8 blocks.  level: -127 (black) to 127 (white), 0 mid grey.

    One Huffman code a table is enough: the first block carries the difference to mid grey, all others none
    (ITU-T T.81, F.1.2).
    """
    size = abs(level * 8).bit_length()
    lengths = bytes([0, 2] + [0] * 14)  # two DC codes of two bits: 00 = "no difference", 01 = "`size` bits follow"
    tables = b"\xff\xc4" + struct.pack(">HB", 2 + 17 + 2, 0) + lengths + bytes([0, size])
    tables += b"\xff\xc4" + struct.pack(">HB", 2 + 17 + 1, 0x10) + bytes([1] + [0] * 15) + b"\x00"
    amount = level * 8 if level > 0 else level * 8 + (1 << size) - 1
    first = "01" + format(amount, f"0{size}b") if size else "00"
    stream = first + "0" + "000" * (blocks_wide * blocks_high - 1)
    stream += "1" * (-len(stream) % 8)
    scan = int(stream, 2).to_bytes(len(stream) // 8, "big").replace(b"\xff", b"\xff\x00")
    return b"".join(
        [
            b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00",
            b"\xff\xdb\x00\x43\x00" + b"\x01" * 64,
            b"\xff\xc0" + struct.pack(">HBHHBBBB", 11, 8, blocks_high * 8, blocks_wide * 8, 1, 1, 0x11, 0),
            tables,
            b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + scan + b"\xff\xd9",
        ]
    )


def pdf(lines: list[str]) -> bytes:
    """Return a one-page PDF 1.4 with `lines` (ASCII, no parentheses) in Helvetica."""
    shown = "".join(f"({line}) Tj T* " for line in lines)
    content = f"BT /F1 12 Tf 16 TL 72 760 Td {shown}ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
FORMATS = "application/vnd.openxmlformats-officedocument"


def docx(paragraphs: list[str]) -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in paragraphs)
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    document = f'<w:document xmlns:w="{main}"><w:body>{body}</w:body></w:document>'
    kind = f"{FORMATS}.wordprocessingml.document.main+xml"
    return _package("word/document.xml", kind, {"word/document.xml": document})


def xlsx(rows: list[list[str]]) -> bytes:
    cells = "".join(
        f'<row r="{y}">'
        + "".join(
            f'<c r="{chr(64 + x)}{y}" t="inlineStr"><is><t>{escape(c)}</t></is></c>' for x, c in enumerate(row, 1)
        )
        + "</row>"
        for y, row in enumerate(rows, 1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    book = (
        f'<workbook xmlns="{main}" xmlns:r="{OFFICE}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets>'
        "</workbook>"
    )
    links = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/worksheet"'
        ' Target="worksheets/sheet1.xml"/></Relationships>'
    )
    parts = {
        "xl/workbook.xml": book,
        "xl/_rels/workbook.xml.rels": links,
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    sheet = f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{FORMATS}.spreadsheetml.worksheet+xml"/>'
    return _package("xl/workbook.xml", f"{FORMATS}.spreadsheetml.sheet.main+xml", parts, sheet)


def mp4() -> bytes:
    """Return the smallest thing that file type detection calls an MP4: ftyp, empty moov, a little mdat."""
    boxes = [(b"ftyp", b"isom\x00\x00\x02\x00isomiso2mp41"), (b"moov", b""), (b"mdat", bytes(range(256)) * 8)]
    return b"".join(struct.pack(">I", 8 + len(data)) + kind + data for kind, data in boxes)


def _package(main: str, kind: str, parts: dict[str, str], more_types: str = "") -> bytes:
    """Return an OPC package (ECMA-376-2).  kind: content type of the part `main`."""
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    types = (
        f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{main}" ContentType="{kind}"/>{more_types}</Types>'
    )
    links = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/officeDocument"'
        f' Target="{main}"/></Relationships>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {"[Content_Types].xml": types, "_rels/.rels": links, **parts}.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), declaration + text)
    return out.getvalue()
