"""One generated chat: everything that the program can put into a prompt, up to a moment at which it asks the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from benchmarks.polyglot import hostile
from benchmarks.polyglot.pictures import Picture, picture
from benchmarks.polyglot.texts import Texts
from bot.agent.loop import NUDGE
from bot.agent.outcome import LAST_STEP
from bot.agent.persona import load_persona
from bot.agent.toolbox import Toolbox
from bot.memory.transcribe import question
from bot.settings import ToolsPosition
from bot.talk.document import Document, ImageDocument, TextDocument
from bot.talk.message import Addressed, Attachment, Message, Person, Place, PlaceKind, Quote, QuoteKind
from bot.talk.turn import Call, Instructions, Line, Part, Question, Reply, Result, Results, Summary, ToolSpec
from tools import TOOLS

MOST_TOOLS = 12
MOST_PICTURES = 4  # in chats that are kept short, since the engine has to evaluate them
SUMMARIZED, ILLUSTRATED, NUDGED, LONG = 0.25, 0.2, 0.08, 0.02  # shares: of chats, chats, steps, messages
BEGUN = datetime(2026, 11, 23, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """`pictures` are bytes by digest; `languages` those it could draw on."""

    number: int
    position: ToolsPosition
    parts: tuple[Part, ...]
    pictures: Mapping[str, bytes]
    languages: frozenset[str]

    @property
    def tools(self) -> tuple[ToolSpec, ...]:
        return self.parts[0].tools if isinstance(self.parts[0], Instructions) else ()


def chat(seed: int, number: int, prose: Mapping[str, tuple[str, ...]]) -> Chat:
    """The chat of this number, the same for the same seed, whichever others are made."""
    random = Random(f"{seed}/{number}")
    texts = Texts(random, prose)
    return _Maker(random, texts).chat(number)


class _Maker:
    def __init__(self, random: Random, texts: Texts) -> None:
        self._random = random
        self._texts = texts
        self._pictures: list[Picture] = []
        self._to_show = random.randint(1, MOST_PICTURES) if random.random() < ILLUSTRATED else 0
        self._long = 0 if self._to_show else LONG
        self._tools: tuple[ToolSpec, ...] = ()
        self._now = BEGUN
        self._place = Place(platform="discord", id="1", name=texts.name(), kind=random.choice(tuple(PlaceKind)))

    def chat(self, number: int) -> Chat:
        random, texts = self._random, self._texts
        position = random.choice(tuple(ToolsPosition))
        self._tools = self._offer(random.choice((0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 5, 8, MOST_TOOLS)))
        told = load_persona(None, bot_name=texts.name()) if random.random() < 0.5 else texts.message()
        parts: list[Part] = [Instructions(persona=told, tools=self._tools)]
        if random.random() < SUMMARIZED:
            parts.append(Summary(text=texts.long(random.randint(50, 1500 if self._long else 300))))
        for _ in range(min(8 if self._long else 1, int(random.expovariate(0.8)))):
            parts += self._turn()
        parts += self._asking()
        shown = {each.image.digest: each.data for each in self._pictures}
        return Chat(number=number, position=position, parts=tuple(parts), pictures=shown, languages=texts.used)

    def _asking(self) -> list[Part]:
        """The last turn, as far as it is when the engine is asked; a whole one where it is only warmed."""
        turn = self._turn(last=True)
        requests = [at for at, part in enumerate(turn, 1) if isinstance(part, Question | Results)]
        return turn if self._random.random() < 0.05 else turn[: self._random.choice(requests)]

    def _turn(self, *, last: bool = False) -> list[Part]:
        random, texts = self._random, self._texts
        parts: list[Part] = [self._question(last=last)]
        for _ in range(random.choice((0, 0, 0, 1, 1, 2, 3))):
            if random.random() < NUDGED:
                parts += [Reply(text=random.choice(("", "\n", " "))), Question(lines=(Line(text=NUDGE),))]
            else:
                parts += self._step()
        parts.append(Reply(text=texts.long(1500) if random.random() < self._long else texts.message()))
        return parts

    def _question(self, *, last: bool) -> Question:
        random = self._random
        self._now += timedelta(seconds=random.randrange(90_000))
        shown = min(self._to_show, random.randint(0, 2))
        if last:
            shown = self._to_show
        self._to_show -= shown
        return question(
            self._message(Addressed.MENTION),
            overheard=[self._message(Addressed.NO) for _ in range(random.choice((0, 0, 0, 0, 1, 4)))],
            documents=[*self._documents(), *(self._shown() for _ in range(shown))],
            notes=[self._texts.name() for _ in range(random.choice((0, 0, 0, 1)))],
            now=self._now,
            timezone=random.choice(("UTC", "Europe/Paris", "Asia/Kathmandu")),
        )

    def _message(self, addressed: Addressed) -> Message:
        random, texts = self._random, self._texts
        quotes = [
            Quote(kind=random.choice(tuple(QuoteKind)), author=texts.name(), text=texts.message())
            for _ in range(random.choice((0, 0, 0, 1)))
        ]
        files = [
            Attachment(id="1", name=texts.name(), media_type="text/plain", size=1)
            for _ in range(random.choice((0, 0, 0, 1)))
        ]
        return Message(
            id=str(random.randrange(10**18)),
            place=self._place,
            author=Person(platform="discord", id="2", name=texts.name()),
            text=texts.long(random.randint(1000, 4000)) if random.random() < self._long else texts.message(),
            sent_at=self._now,
            addressed=addressed,
            quotes=tuple(quotes),
            attachments=tuple(files),
        )

    def _documents(self) -> list[Document]:
        random, texts = self._random, self._texts
        if random.random() >= self._long:
            return []
        chars = random.choice((200, 1000, 4000, 12_000))
        return [TextDocument(name=texts.name(), text=texts.long(chars), pages=3, shown_pages=2, cut=True)]

    def _shown(self) -> ImageDocument:
        made = picture(self._random)
        self._pictures.append(made)
        return ImageDocument(name=self._texts.name(), image=made.image, data=made.data)

    def _offer(self, count: int) -> tuple[ToolSpec, ...]:
        own = Toolbox(TOOLS, seconds=1, chars=1, calls=1).specs
        return tuple([*own, *(self._tool(number) for number in range(MOST_TOOLS))][:count])

    def _tool(self, number: int) -> ToolSpec:
        random, texts = self._random, self._texts
        properties: dict[str, object] = {}
        for at in range(random.randrange(5)):
            kind = random.choice(("string", "integer", "array", "object"))
            described: dict[str, object] = {"type": kind, "description": texts.sentence()}
            if random.random() < 0.3:
                described["enum"] = [texts.name() for _ in range(3)]
            if random.random() < 0.2:
                described["default"] = texts.value()
            properties[texts.name() if random.random() < 0.1 else f"argument_{at}"] = described
        return ToolSpec(
            name=texts.name() if random.random() < 0.2 else f"server__tool_{number}",
            description=texts.message(),
            parameters={"type": "object", "required": list(properties)[:2], "properties": properties},
        )

    def _step(self) -> list[Part]:
        """A call, or several beside each other, perhaps with words before them; and what they gave."""
        random, texts = self._random, self._texts
        calls = [self._call() for _ in range(random.choice((1, 1, 1, 2, 3)))]
        results = [Result(call_id=call.id, name=call.name, content=self._content()) for call in calls]
        said = texts.message() if random.random() < 0.3 else ""
        return [Reply(text=said, calls=tuple(calls)), Results(results=tuple(results))]

    def _call(self) -> Call:
        random, texts = self._random, self._texts
        name = random.choice(self._tools).name if self._tools and random.random() < 0.9 else texts.name()
        if random.random() < 0.2:
            arguments = hostile.malformed(random, texts.message())
        else:
            arguments = texts.spelled({"query": texts.message(), "more": texts.value()})
        return Call(id=f"{random.randrange(10**9):09}", name=name, arguments=arguments)

    def _content(self) -> str:
        random, texts = self._random, self._texts
        content = random.choice(
            (
                texts.message,
                lambda: texts.spelled(texts.value()),
                lambda: texts.long(random.randint(100, 1500 if self._long else 300)),
                lambda: f"Error: {texts.sentence()}",
                lambda: "",
            )
        )()
        return f"{content}\n{LAST_STEP}" if random.random() < 0.05 else content
