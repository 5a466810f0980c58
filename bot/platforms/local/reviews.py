"""The review list and the figures of the page, for whoever oversees what is said on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from bot.languages.phrases import Phrases
from bot.platforms.local.channels import FIRST_CHANNEL
from bot.platforms.local.markdown import Markdown
from bot.platforms.local.refusal import Refused, read, reply
from bot.platforms.local.review_wire import Correction, Decision, FiguresWire, ReviewsWire, ReviewWire
from bot.ports.oversight import Listed, Oversees
from bot.talk.message import Person
from bot.talk.oversight import Cursor, Mended, ReviewState, Which

MOST = 50
"""Reviews that one answer holds."""
USUAL = 20
MOST_WEEKS = 53
TURN_CHARS = 64

WhoAsks = Callable[[str, web.Request], Person]


class Reviews:
    """The handlers. `oversees` None: nobody does here, and there is nothing by these names."""

    def __init__(self, *, oversees: Oversees | None, who: WhoAsks, markdown: Markdown, phrases: Phrases) -> None:
        self._oversees = oversees
        self._who = who
        self._markdown = markdown
        self._phrases = phrases

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/reviews", self.listed),
            web.put("/api/reviews/{turn}", self.decide),
            web.post("/api/reviews/{turn}/correction", self.correct),
            web.get("/api/figures", self.figures),
        ]

    def _there(self) -> Oversees:
        if self._oversees is None:
            raise Refused(404, "page-not-found")
        return self._oversees

    async def listed(self, request: web.Request) -> web.Response:
        oversees, person = self._there(), self._who(request.query.get("person", ""), request)
        try:
            which, state = Which(request.query.get("which", "all")), ReviewState(request.query.get("state", "open"))
            at = Cursor.read(request.query["after"]) if "after" in request.query else None
            limit = int(request.query.get("limit", str(USUAL)))
        except ValueError:
            raise Refused(422, "page-bad-request", field="which, state, after, limit") from None
        if not 1 <= limit <= MOST:
            raise Refused(422, "page-bad-request", field="limit")
        found = await oversees.listed(person, FIRST_CHANNEL, which=which, state=state, at=at, limit=limit + 1)
        shown = tuple([await self._review(each) for each in found[:limit]])
        after = shown[-1].cursor if len(found) > limit else None
        return reply(ReviewsWire(reviews=shown, after=after, keeps=oversees.keeps))

    async def _review(self, listed: Listed) -> ReviewWire:
        one = listed.review
        own = next((vote for vote in one.votes if vote.asker), None)
        notes = [self._phrases.say(f"review-flag-{flag.value}") for flag in sorted(one.flags)]
        if listed.case is not None:
            notes.append(self._phrases.say(f"review-case-{listed.case.state.value}"))
        return ReviewWire(
            turn=one.turn,
            channel=one.place.id,
            question=one.question.text,
            html=await asyncio.to_thread(self._markdown.stored, one.answer),
            at=one.at,
            language=one.language,
            state=one.state.value,
            flags=tuple(sorted(flag.value for flag in one.flags)),
            notes=tuple(notes),
            up=one.up,
            down=one.down,
            asker=None if own is None else "up" if own.up else "down",
            reasons=tuple(vote.reason for vote in one.votes if vote.reason),
            link=listed.link,
            cursor=one.cursor.text,
        )

    async def decide(self, request: web.Request) -> web.Response:
        oversees, body = self._there(), await read(request, Decision)
        if not await oversees.settle(self._who(body.person, request), self._turn(request), body.state):
            raise Refused(404, "page-not-found")
        return web.Response(status=204)

    async def correct(self, request: web.Request) -> web.Response:
        oversees, body = self._there(), await read(request, Correction)
        question, answer = body.question.strip(), body.answer.strip()
        if not question or not answer:
            raise Refused(422, "page-bad-request", field="question, answer")
        person = self._who(body.person, request)
        mended = await oversees.correct(person, self._turn(request), question=question, answer=answer, post=body.post)
        if mended is Mended.GONE:
            raise Refused(404, "page-not-found")
        if mended is Mended.SILENT:
            raise Refused(409, "right-silent")
        return web.Response(status=204)

    async def figures(self, request: web.Request) -> web.Response:
        oversees, person = self._there(), self._who(request.query.get("person", ""), request)
        weeks = request.query.get("weeks", "1")
        if not (weeks.isascii() and weeks.isdigit() and 1 <= int(weeks[:4]) <= MOST_WEEKS and len(weeks) <= 2):
            raise Refused(422, "page-bad-request", field="weeks")
        return reply(FiguresWire.of(await oversees.figures(person, FIRST_CHANNEL, weeks=int(weeks))))

    @staticmethod
    def _turn(request: web.Request) -> str:
        return request.match_info["turn"][:TURN_CHARS]
