"""Words by which people decide, promise and thank, in a dozen languages: all that a digest without a model goes by."""

from __future__ import annotations

import re

from bot.talk.spelling import fold

_DECIDED = (
    "we decided|we agreed|we have decided|it is decided|agreed:|let's go with|we'll go with|we will go "
    "with|decision:|settled:"
    "|wir haben beschlossen|wir haben entschieden|beschlossen:|einigen wir uns|wir nehmen|on a décidé|nous "
    "avons décidé|c'est décidé"
    "|décision :|hemos decidido|decidimos|queda decidido|decidido:|ficou decidido|abbiamo deciso|deciso:|we "
    "hebben besloten"
    "|zdecydowaliśmy|ustaliliśmy|karar verdik|мы "
    "решили|решено|решили|に決めました|に決定|に決まりました|决定了|我们决定|결정했"
)
_PROMISED = (
    "i'll take care|i will take care|i'll do|i will do|i'll fix|i will fix|i'll send|i will send|i'll "
    "write|i will write"
    "|i'll post|i'll prepare|i'll look into|i will look into|todo:|to do:|action item|can you please|could you please"
    "|ich kümmere mich|ich mache das|ich schicke|ich schreibe|ich übernehme|kannst du bitte|könntest du "
    "bitte|je m'en occupe"
    "|je vais|peux-tu |pourrais-tu |me encargo|voy a |yo lo hago|puedes por favor|eu trato|vou fazer|vou "
    "enviar|podes por favor"
    "|me ne occupo|ci penso io|puoi per favore|ik regel|ik zal|kun je alsjeblieft|zajmę się|ben hallederim|я "
    "сделаю|я займусь"
    "|я отправлю|やります|対応します|お願いします|我来|我会|제가 할게요|할게요"
)
_THANKED = (
    "thanks|thank you|thx|ty|cheers|that worked|it worked|it works|works now|that works|that did "
    "it|solved|fixed it|perfect"
    "|danke|merci|gracias|obrigado|obrigada|grazie|bedankt|dank "
    "je|dzięki|tack|teşekkürler|спасибо|работает|ありがとう"
    "|助かりました|谢谢|感谢|감사|고마워|شكرا|धन्यवाद"
)


_DECIDES, _PROMISES, _THANKS = (tuple(map(fold, cues.split("|"))) for cues in (_DECIDED, _PROMISED, _THANKED))
_ASKS = re.compile(r"[?？؟](?:[\s\"'”»)!?？]|$)|か。|吗[。？]?$")


def decides(text: str) -> bool:
    return _has_any(_DECIDES, text)


def promises(text: str) -> bool:
    return _has_any(_PROMISES, text)


def thanks(text: str) -> bool:
    return _has_any(_THANKS, text)


def asks(text: str) -> bool:
    return _ASKS.search(text) is not None


def _has_any(cues: tuple[str, ...], text: str) -> bool:
    folded = fold(text)
    return any(cue in folded and _begins_word(cue, folded) for cue in cues)


def _begins_word(cue: str, folded: str) -> bool:
    """Where spaces part words, a cue is none within one."""
    return not cue[0].isascii() or re.search(rf"(?<!\w){re.escape(cue)}(?!\w)", folded) is not None
