"""Which addresses somebody else than the model has named: the asker in this message, or a tool that looked outside.

What the model itself put into a call proves nothing when it comes back: such addresses count only where they were named
before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from urllib.parse import unquote

from bot.answer.addresses import named_in
from bot.errors import BadCall
from bot.talk.found import Source
from bot.talk.turn import Call, Part, Reply, Results


class Named:
    """`asked`: the asker's own words. `outside`: whether a tool of this name brings words of others.

    `missed`: an address was looked for in vain. `revision` changes with what is known.
    """

    def __init__(self, asked: str, *, outside: Callable[[str], bool]) -> None:
        self._known = set(named_in(asked))
        self._outside = outside
        self._said = ""
        self.missed = False
        self.revision = 0

    def __call__(self, address: str) -> bool:
        if address in self._known:
            return True
        self.missed = True
        return False

    def add(self, parts: Iterable[Part]) -> None:
        """In the order in which they were made."""
        for part in parts:
            match part:
                case Reply(calls=calls):
                    self._said += "".join(f"\n{_words(call)}" for call in calls)
                case Results(results=results):
                    for result in results:
                        if self._outside(result.name):
                            self._learn(result.content)
                case _:
                    pass

    def cited(self, sources: Iterable[Source]) -> None:
        """Where a tool says that it found something."""
        before = len(self._known)
        self._known.update(source.url for source in sources if source.url)
        self.revision += len(self._known) > before

    def _learn(self, text: str) -> None:
        new = {each for each in named_in(text) - self._known if not self._is_our_own(each)}
        self._known |= new
        self.revision += bool(new)

    def _is_our_own(self, address: str) -> bool:
        rest = address.partition("://")[2] or address
        return rest.casefold() in self._said


def _words(call: Call) -> str:
    """All that the model said in a call, however it was written."""
    try:
        given = json.dumps(json.loads(call.arguments or "{}"), ensure_ascii=False).replace('\\"', '"')
    except (ValueError, RecursionError, BadCall):
        given = call.arguments
    return f"{given}\n{unquote(given)}\n{call.arguments}".casefold()
