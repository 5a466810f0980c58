"""Tags of languages ("de", "pt-BR"): which are one language, and what a language is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from types import MappingProxyType

TAG = re.compile(r"[a-zA-Z]{2,3}(?:[-_][a-zA-Z0-9]{2,8}){0,2}")
LONGEST = 20
"""Characters of a tag."""

_NAMED = """
af:Afrikaans am:Amharic ar:Arabic az:Azerbaijani be:Belarusian bg:Bulgarian bn:Bengali bs:Bosnian ca:Catalan cs:Czech
cy:Welsh da:Danish de:German el:Greek en:English eo:Esperanto es:Spanish et:Estonian eu:Basque fa:Persian fi:Finnish
fr:French ga:Irish gl:Galician gu:Gujarati he:Hebrew hi:Hindi hr:Croatian hu:Hungarian hy:Armenian id:Indonesian
is:Icelandic it:Italian ja:Japanese jv:Javanese ka:Georgian kk:Kazakh km:Khmer kn:Kannada ko:Korean ku:Kurdish
ky:Kyrgyz la:Latin lb:Luxembourgish lo:Lao lt:Lithuanian lv:Latvian mk:Macedonian ml:Malayalam mn:Mongolian mr:Marathi
ms:Malay mt:Maltese my:Burmese ne:Nepali nl:Dutch no:Norwegian or:Odia pa:Punjabi pl:Polish ps:Pashto pt:Portuguese
ro:Romanian ru:Russian si:Sinhala sk:Slovak sl:Slovenian so:Somali sq:Albanian sr:Serbian sv:Swedish sw:Swahili
ta:Tamil te:Telugu tg:Tajik th:Thai tl:Tagalog tr:Turkish tt:Tatar ug:Uyghur uk:Ukrainian ur:Urdu uz:Uzbek
vi:Vietnamese xh:Xhosa yo:Yoruba zh:Chinese zu:Zulu
"""

NAMES = MappingProxyType({each.partition(":")[0]: each.partition(":")[2] for each in _NAMED.split()})
"""By the tag's main part; of these we can tell which is written."""

_SAME = MappingProxyType(
    {
        "nb": "no",
        "nn": "no",
        "iw": "he",
        "in": "id",
        "fil": "tl",
        "yue": "zh",
        "wuu": "zh",
        "cmn": "zh",
        "arz": "ar",
        "ary": "ar",
        "sdh": "ku",
        "ckb": "ku",
    }
)
VARIETIES = MappingProxyType(
    {
        "zh-cn": "Simplified Chinese",
        "zh-hans": "Simplified Chinese",
        "zh-tw": "Traditional Chinese",
        "zh-hk": "Traditional Chinese",
        "zh-hant": "Traditional Chinese",
        "pt-br": "Brazilian Portuguese",
        "pt-pt": "European Portuguese",
        "en-gb": "British English",
        "en-us": "American English",
        "es-419": "Latin American Spanish",
        "es-es": "European Spanish",
    }
)
"""In lower case: varieties of a language that have names of their own."""
_ALIKE = (
    {"da", "no", "sv"},
    {"hr", "sr", "bs", "sl", "mk"},
    {"id", "ms", "jv"},
    {"cs", "sk"},
    {"hi", "mr", "ne"},
    {"pt", "gl"},
    {"es", "gl"},
    {"es", "ca"},
    {"nl", "af"},
    {"fa", "ps", "ku"},
    {"az", "tr"},
    {"zu", "xh"},
)
"""Languages that are easily taken for each other where nobody expects them."""


@lru_cache(maxsize=512)
def main(tag: str) -> str:
    """What two tags of one language have in common: "pt" of "pt-BR", "no" of "nb"."""
    first = tag.replace("_", "-").partition("-")[0].casefold()
    return _SAME.get(first, first)


def clean(text: str) -> str:
    """A tag in its usual form, for what somebody wrote: a tag, or a language's English name.

    Raises ValueError where it is neither of a language that we can tell.
    """
    given = " ".join(text.split())[: LONGEST * 2]
    by_name = {name.casefold(): tag for tag, name in (*NAMES.items(), *VARIETIES.items())}
    given = by_name.get(given.casefold(), given)
    if len(given) > LONGEST or not TAG.fullmatch(given) or main(given) not in NAMES:
        raise ValueError("give the language as a tag, like de, ja or pt-BR, or by its English name")
    first, *rest = given.replace("_", "-").split("-")
    return "-".join([first.casefold(), *(_cased(part) for part in rest)])


def named(tag: str) -> str:
    """In English, for the model; a tag that has no name here stays a tag."""
    folded = tag.replace("_", "-").casefold()
    return VARIETIES.get(folded) or NAMES.get(main(tag)) or tag


def same(one: str, other: str) -> bool:
    return main(one) == main(other)


def alike(one: str, other: str) -> bool:
    pair = {main(one), main(other)}
    return len(pair) == 1 or any(pair <= group for group in _ALIKE)


def spoken(tag: str, among: Sequence[str]) -> str | None:
    """Which of these tags is the same language; the very tag before others. None: none is."""
    if tag in among:
        return tag
    return next((each for each in among if same(each, tag)), None)


def _cased(part: str) -> str:
    """Regions in capitals, scripts with one."""
    if part.isalpha() and len(part) == 4:
        return part.title()
    return part.upper()
