"""In which characters a text is written. Without anything that takes long to load: a process is begun for it."""

from __future__ import annotations

import codecs
import re

HEAD_BYTES = 1024
"""In which a page says how it is written."""

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PARAMETER = re.compile(r""";\s*charset\s*=\s*["']?([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s{0,16}<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9_:.-]{2,40})["']""")
_TEXTS = re.compile(
    r"(?:utf-?8(?:-sig)?|utf-?16(?:-?[lb]e)?|us-?ascii|ascii|iso-?8859-\d{1,2}|latin-?1|windows-\d{3,4}|cp\d{3,4}"
    r"|shift[_-]?jis|sjis|euc-(?:jp|kr)|iso-2022-jp|gb2312|gbk|gb18030|big5(?:-hkscs)?|koi8-[ru]|mac-?roman|tis-620)",
    re.IGNORECASE,
)

_AS_WINDOWS = frozenset({"iso-8859-1", "latin1", "latin-1", "ascii", "us-ascii"})
"""What browsers read as windows-1252, which holds all of these and a few characters more."""


def decoded(data: bytes, header: str) -> str:
    """As the header, its first bytes or its own words say; else as UTF-8. What is no character is replaced."""
    return data.decode(_encoding(data, header), errors="replace")


def _encoding(data: bytes, header: str) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    said = [found[1] for found in (_PARAMETER.search(header),) if found]
    said += [found[1].decode("ascii") for found in (_META.search(data[:HEAD_BYTES]), _XML.search(data)) if found]
    for name in said:
        if _TEXTS.fullmatch(name):
            try:
                return codecs.lookup("windows-1252" if name.lower() in _AS_WINDOWS else name).name
            except LookupError:
                continue
    return "utf-8"
