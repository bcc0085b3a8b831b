"""A conversation with sites: ask one URL, wait for its archived answer, decide what to ask next.

Onboarding and checks work this way.  Each request is a row of the frontier with role `probe` like any other: paced,
robots obeyed, taped, committed; its answer is then read from the WARC, as everything is.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import cached_property
from typing import Any

from archive.message import HttpMessage
from archive.paths import Home
from archive.state import Target
from crawler.config import Config
from crawler.options import Options, default_workers
from crawler.readers import UNREAD, Readers, why_unread
from crawler.rows import ask_row, end_of, host_of, key_of
from crawler.run import Run, Totals
from crawler.tape import Taped
from crawler.work import message_of
from spiders.cms.adapter import Ask
from spiders.probe import Answer

LARGEST = 8 << 20  # bytes of a page that is judged
SMALL = 16 << 10  # bytes; the worst of 27 kinds of bomb of this size took 1.5 s and 61 MB
WORDS = {"connection-refused": "refused", "address-refused": "private-address", "connection-lost": "lost"}

Talk = Callable[[Callable[[Ask], Awaitable[Answer]]], Awaitable[None]]


def converse(home: Home, config: Config, options: Options, talk: Talk) -> Totals:
    """Run `talk` with a function that asks; returns when it has returned.  Raises what it raised."""
    with ExitStack() as held:
        conversation = _Conversation(home, config, options, talk, held)
        totals = conversation.run.execute(nothing)
    if conversation.trouble is not None:
        raise conversation.trouble
    return totals


def nothing(_run: Run) -> None:
    """Seed no rows: the conversation asks for itself."""


class _Conversation:
    def __init__(self, home: Home, config: Config, options: Options, talk: Talk, held: ExitStack) -> None:
        self.talk, self.held = talk, held
        self.waiting: dict[int, list[asyncio.Future[Answer]]] = {}
        self.answers: dict[str, Answer] = {}  # to forms and JSON calls; all others are found in the archive
        self.trouble: BaseException | None = None
        self.run = Run(home, config, {}, options, command="probe", settled=self._settled)
        self.run.talking = True
        self.run.on_leave = self._left
        self.run.on_open = self._begin

    @cached_property
    def readers(self) -> Readers:
        """Started by the first answer that needs them; they end with the conversation."""
        return self.held.enter_context(Readers(default_workers()))

    def _begin(self) -> None:
        self.speaking = asyncio.ensure_future(self._speak())
        self.run.on_stop = self.speaking.cancel

    async def _speak(self) -> None:
        try:
            await self.talk(self.ask)
        except BaseException as error:  # noqa: BLE001  # raised again by converse() in the caller
            self.trouble = error
        finally:
            self.run.talking = False
            if self.run.frontier:
                self.run.frontier.changed()

    async def ask(self, ask: Ask) -> Answer:
        """Ask one URL; an answer that this conversation has had is given again."""
        key = key_of(ask.url, ask.method, ask.body)
        if key in self.answers:
            return self.answers[key]
        run = self.run
        with run.state.transaction():
            ask_row(
                run.state, run.private, ask.url, "probe", run.id, method=ask.method, headers=ask.headers, body=ask.body
            )  # fmt: skip
        row = run.state.one("SELECT id FROM url WHERE site = ? AND key = ?", run.private, key)
        answer = Answer(ask.url, obstacle="no-address") if row is None else self._ended(int(row))
        if answer is None:
            future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
            self.waiting.setdefault(end_of(run.state, row) or int(row), []).append(future)
            if run.frontier:
                run.frontier.changed([host_of(ask.url)])
            answer = await future
        answer = await self._readable(answer)
        if ask.method != "GET":
            self.answers[key] = answer
        return answer

    async def _readable(self, answer: Answer) -> Answer:
        """Give the answer on if it can be read within the limits of a crawl: judging it here has none.

        A process with these limits does all that judging does, once, and what it finds is thrown away.
        """
        if answer.obstacle is not None or len(answer.body) <= SMALL:
            return answer
        try:
            await asyncio.wrap_future(self.readers.judge(answer))
        except UNREAD as error:
            return Answer(answer.url, answer.status, answer.headers, obstacle=why_unread(error))
        return answer

    def _ended(self, row: int) -> Answer | None:
        """What a request of this run came to that nobody waited for: robots.txt, the end of another one's redirect.

        None while it is under way.
        """
        state = self.run.state
        last = end_of(state, row)
        url, ended, reason = state.db.execute(
            "SELECT url, state, reason FROM url WHERE id = ?", (last or row,)
        ).fetchone()
        if last is None:
            return Answer(url, obstacle="redirect-loop")
        if ended in ("pending", "retry"):
            return None
        found = state.captures("run = ? AND url = ? AND type != 'metadata' ORDER BY id DESC LIMIT 1", self.run.id, url)
        if not found or found[0].error:
            why = (found[0].error if found else reason) or "lost"
            return Answer(url, found[0].status if found else None, obstacle=WORDS.get(why, why))
        one = found[0]
        message = self._read(one.type, (one.warc, one.offset, one.length), one.refers)
        if message is None:
            return Answer(url, one.status, obstacle="lost")
        return Answer(url, one.status, message.headers, message.payload(LARGEST))

    def _settled(self, taped: Taped) -> None:
        """In the reactor's thread: a request of ours has ended and is committed."""
        futures = self.waiting.pop(taped.target.id, [])
        if not futures:
            return
        leads_on = taped.ending.state == "redirected" and taped.ending.reason is None
        if leads_on and self._followed(taped.target, futures):
            return
        answer = self._answer(taped)
        for future in futures:
            if not future.done():
                future.set_result(answer)

    def _left(self, host: str, why: str) -> None:
        """The run will not ask this host any more: answer those who wait for it."""
        for row in list(self.waiting):
            target = self.run.state.targets("id = ?", row)[0]
            if target.host == host:
                for future in self.waiting.pop(row):
                    if not future.done():
                        future.set_result(Answer(target.url, obstacle=WORDS.get(why, why)))

    def _followed(self, target: Target, futures: list[asyncio.Future[Answer]]) -> bool:
        """Let those who wait wait for where the redirect leads, or tell them what came of it; False when it leads nowhere."""
        following = self.run.state.one("SELECT redirected_to FROM url WHERE id = ?", target.id)
        if following is None:
            return False
        known = self._ended(int(following))
        if known is None:
            self.waiting.setdefault(end_of(self.run.state, following) or following, []).extend(futures)
            return True
        for future in futures:
            if not future.done():
                future.set_result(known)
        return True

    def _answer(self, taped: Taped) -> Answer:
        status, error = taped.answer.status, taped.answer.error
        if status is None or error:
            reason = error or taped.ending.reason or "lost"
            return Answer(taped.target.url, status, obstacle=WORDS.get(reason, reason))
        message = self._message(taped)
        if message is None:
            return Answer(taped.target.url, status, obstacle="lost")
        return Answer(taped.target.url, status, message.headers, message.payload(LARGEST))

    def _message(self, taped: Taped) -> HttpMessage | None:
        record = taped.record
        return self._read(record.type, (record.warc, record.offset, record.length), taped.refers) if record else None

    def _read(self, kind: str, place: tuple[str, int, int], refers: str | None) -> HttpMessage | None:
        row: Any = place
        if kind == "revisit":
            row = self.run.state.db.execute(
                "SELECT warc, offset, length FROM capture WHERE record_id = ?", (refers,)
            ).fetchone()
        return message_of(str(self.run.home.warc), tuple(row)) if row else None
