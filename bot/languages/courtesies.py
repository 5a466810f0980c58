"""Whether somebody says nothing but thanks, a greeting, or a sign of them: words of some thirty languages. Pure."""

from __future__ import annotations

import re
import unicodedata

from bot.talk.spelling import fold

MOST_WORDS = 4
"""Of thanks."""
MOST_CHARS = 40
"""Of thanks: what is longer says more."""

_ASKS = re.compile(r"[?？؟;՞፧]|か。?$|吗。?$")


def _words(text: str) -> list[str]:
    """Of folded text, without punctuation, emoji and what is not seen."""
    return "".join(" " if unicodedata.category(each)[0] in "PSC" else each for each in fold(text)).split()


_ACKNOWLEDGING = frozenset(
    word
    for line in (
        "thanks thank you thx ty cheers great perfect ok okay cool nice super wow solved works worked it that hi hello",
        "so much very many a lot all good got",
        "danke dankeschön vielen dank super toll klasse hallo passt geht jetzt sehr alles klar",
        "merci beaucoup parfait génial bonjour salut super d'accord ça marche",
        "gracias muchas perfecto genial hola vale listo",
        "obrigado obrigada muito perfeito olá oi valeu",
        "grazie mille perfetto ciao tante",
        "bedankt dank je wel hartelijk hoi",
        "dzięki dziękuję bardzo cześć super",
        "tack så mycket takk tusen mange tak hej hei kiitos paljon moi",
        "teşekkürler teşekkür ederim çok sağol merhaba tamam",
        "спасибо большое привет супер отлично дякую дуже благодаря хвала",
        "děkuji díky ďakujem köszönöm szépen mulțumesc mersi hvala lijepa lepa",
        "ευχαριστώ πολύ תודה רבה شكرا جزيلا شكرًا متشکرم ممنون مرسی سپاس",
        "धन्यवाद शुक्रिया ধন্যবাদ धन्यबाद நன்றி",
        "terima kasih banyak makasih cảm ơn bạn nhiều",
    )
    for word in _words(line)
)
_ACKNOWLEDGING_PARTS = tuple(
    map(
        fold,
        (
            *("ありがとうございました", "ありがとうございます", "ありがとう", "助かりました", "了解です", "こんにちは"),
            *("谢谢你", "谢谢您", "谢谢", "多谢", "感谢", "你好"),
            *("감사합니다", "감사해요", "고마워요", "고마워", "ขอบคุณครับ", "ขอบคุณค่ะ", "ขอบคุณ"),
        ),
    )
)
"""Of languages that are written without spaces, the longer ones first."""


def acknowledges(text: str) -> bool:
    """Whether it asks nothing and says nothing else."""
    if len(text) > MOST_CHARS or _ASKS.search(text.strip()) or any(each.isdigit() for each in text):
        return False
    folded = fold(text)
    for part in _ACKNOWLEDGING_PARTS:
        folded = folded.replace(part, " ")
    words = _words(folded)
    if len(words) > MOST_WORDS:
        return False
    return bool(text.strip()) and all(word in _ACKNOWLEDGING for word in words)
