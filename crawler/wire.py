"""The wire: what Scrapy's HTTP/1.1 handler sends and receives, kept byte for byte.

The one module that knows private names of Scrapy and Twisted.  Everything above the protocol has lost the bytes
(header case and order, reason phrase, chunk framing), so the tee sits in Twisted's protocol and parser:

    agent -> Pool.getConnection -> Bound.request -> Protocol.request (request bytes)
    transport -> Protocol.dataReceived (response bytes) -> Parser (end of head, entity body) -> Discard (body let go)

A body is never held: it is spooled to a file while it comes and read again from the WARC by whoever needs it.
"""

import hashlib
import ipaddress
import tempfile
import time
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import Any, cast

from archive.record import Exchange, Truncated
from crawler.addresses import Guard

try:
    from scrapy.core.downloader.handlers.http11 import (
        HTTP11DownloadHandler,
        _BindAddressAgent,
        _LenientHTTP11ClientFactory,
        _LenientHTTP11ClientProtocol,
        _LenientHTTPClientParser,
        _ScrapyAgent,
    )
    from scrapy.core.engine import ExecutionEngine
    from scrapy.utils._download_handlers import wrap_twisted_exceptions
    from twisted.web._newclient import HTTP11ClientProtocol
    from twisted.web.http import PotentialDataLoss
except ImportError as missing:
    raise SystemExit(
        f"parknews: the installed Scrapy or Twisted lacks a name that exact capture stands on ({missing}); "
        "install the locked versions: make setup"
    ) from missing

from datetime import UTC, datetime

from scrapy import Request
from scrapy.exceptions import DownloadCancelledError, ResponseDataLossError
from scrapy.http import Response
from scrapy.utils.defer import maybe_deferred_to_future
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.python.failure import Failure
from twisted.web.client import HTTPConnectionPool, ResponseDone

for owner, name in (
    (HTTP11ClientProtocol, "_finishResponse"),
    (HTTP11ClientProtocol, "_giveUp"),
    (HTTP11ClientProtocol, "_parser"),
    (HTTPConnectionPool, "_factory"),
    (_LenientHTTPClientParser, "switchToBodyMode"),
    (_LenientHTTPClientParser, "allHeadersReceived"),
    (_ScrapyAgent, "_cb_bodyready"),
    (_ScrapyAgent, "_get_agent"),
    (_BindAddressAgent, "_getEndpoint"),
    (ExecutionEngine, "_start_scheduled_requests"),
):
    if not hasattr(owner, name):
        raise SystemExit(
            f"parknews: {owner.__module__}.{owner.__name__} has no {name}; exact capture stands on it: "
            "install the locked versions: make setup"
        )

SPILL = 1 << 20  # bytes of one exchange kept in memory before they go to a file
HEADER_LINE = 1 << 20  # bytes of one header line; Twisted's 16 KB makes the page fail

Recordings = list["Recording"]
_recordings: ContextVar[Recordings | None] = ContextVar("recordings", default=None)


class Recording:
    """One request and its answer while they cross the wire (several a download when a pooled connection was dead)."""

    def __init__(self, folder: Path) -> None:
        self.at = time.time()
        self.request = bytearray()
        self.spool = tempfile.SpooledTemporaryFile(max_size=SPILL, dir=str(folder))  # noqa: SIM115  # closed with the exchange
        self.received = self.start = self.head = self.payload = 0
        self.end: int | None = None
        self.truncated: Truncated | None = None
        self.ip: str | None = None
        self.tls: tuple[str, str] | None = None
        self.sha1 = hashlib.sha1(usedforsecurity=False)
        self.closed = False
        self.trouble: OSError | None = None  # of the spool: then nothing of this exchange may be believed
        self.ended = self.at

    def feed(self, data: bytes) -> None:
        if not self.closed:
            self.spool.write(data)
            self.received += len(data)

    def close(self, surplus: bytes = b"", truncated: Truncated | None = None) -> None:
        """End the exchange; the first call counts.  surplus: bytes after the message that were received with it."""
        if not self.closed:
            self.closed, self.truncated, self.ended = True, truncated, time.time()
            self.end = self.received - len(surplus)

    def exchange(self, url: str, *, proxied: bool, conditional: bool, status: int | None) -> Exchange:
        """Freeze the recording.  proxied: the peer was a proxy, its address says nothing of the site."""
        request = bytes(self.request)
        if proxied:
            head, gap, body = request.partition(b"\r\n\r\n")
            lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"proxy-authorization:")]
            request = b"\r\n".join(lines) + gap + body
        protocols: tuple[str, ...] = ("http/1.1",)
        if self.tls:
            protocols += (self.tls[0].lower().replace("tlsv", "tls/"),)
        return Exchange(
            url=url,
            at=datetime.fromtimestamp(self.at, UTC),
            request=request,
            response=cast(Any, self.spool) if self.head else None,
            start=self.start,
            end=self.end or self.start,
            head_length=self.head,
            payload_sha1=self.sha1.digest() if self.payload else None,
            payload_length=self.payload,
            ip=ipaddress.ip_address(self.ip).compressed if self.ip and not proxied else None,
            protocols=protocols,
            cipher=self.tls[1] if self.tls else None,
            truncated=self.truncated,
            not_modified=conditional and status == 304,
            elapsed_ms=round((self.ended - self.at) * 1000),
        )


class _Tee:
    """What the Twisted request writes itself to: bytes go to the transport and to the recording."""

    def __init__(self, transport: Any, sink: bytearray) -> None:
        self._transport, self._sink = transport, sink

    def write(self, data: bytes) -> None:
        self._sink += data
        self._transport.write(data)

    def writeSequence(self, pieces: list[bytes]) -> None:  # ITransport
        self.write(b"".join(pieces))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _Parser(_LenientHTTPClientParser):
    MAX_LENGTH = HEADER_LINE
    recording: Recording

    def allHeadersReceived(self) -> None:
        recording = self.recording
        position = recording.received - len(self._buffer)
        if 100 <= self.response.code < 200:
            recording.start = position  # an interim response is no part of the record
        else:
            recording.head = position - recording.start
        super().allHeadersReceived()

    def switchToBodyMode(self, decoder: Any) -> None:
        deliver, recording = decoder.dataCallback, self.recording

        def tee(data: bytes) -> None:  # entity body: transfer coding undone, content coding kept
            if not recording.closed:
                recording.sha1.update(data)
                recording.payload += len(data)
            deliver(data)

        decoder.dataCallback = tee
        super().switchToBodyMode(decoder)


class _Protocol(_LenientHTTP11ClientProtocol):
    _recording: Recording | None = None
    _lost: Failure | None = None
    folder: Path
    transport: Any
    _parser: Any

    def request(self, request: Any) -> Deferred[Any]:
        recordings: Recordings | None = getattr(request, "recordings", None)
        if recordings is None:
            return super().request(request)
        recording = self._recording = Recording(self.folder)
        recordings.append(recording)
        recording.ip = self.transport.getPeer().host
        write = type(request).writeTo
        request.writeTo = lambda transport: write(request, _Tee(transport, recording.request))
        answer = super().request(request)
        if self._parser is not None:
            self._parser.__class__ = _Parser
            self._parser.recording = recording
        return answer

    def dataReceived(self, data: bytes) -> None:
        recording = self._recording
        if recording is not None:
            if not recording.received and hasattr(self.transport, "getPeerCertificate"):
                # not earlier: the request is written while the handshake is still pending
                handle = self.transport.getHandle()
                recording.tls = (handle.get_protocol_version_name(), handle.get_cipher_name())
            try:
                recording.feed(data)
            except OSError as error:
                recording.trouble = error
                self.transport.abortConnection()
                return
        super().dataReceived(data)

    def _finishResponse(self, rest: bytes) -> None:
        recording, self._recording = self._recording, None
        if recording is not None and not self._aborted():
            cut = self._lost is not None and not self._lost.check(ConnectionDone)
            recording.close(rest, "disconnect" if cut else None)
        super()._finishResponse(rest)

    def _giveUp(self, reason: Failure) -> None:
        if self._recording is not None:
            self._recording.close(truncated="unspecified")
        super()._giveUp(reason)

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
        self._lost, recording = reason, self._recording
        super().connectionLost(reason)  # reaches _finishResponse when the body was whole or ended by the close
        if recording is not None and not self._aborted():
            recording.close(truncated="disconnect")

    def _aborted(self) -> bool:
        """Tell whether it was we who broke the connection; then who did so closes the recording and says why."""
        return self._lost is not None and bool(self._lost.check(ConnectionAborted))


class _Bound:
    """A pooled connection for one request: the mark stays when Twisted retries on a fresh connection."""

    def __init__(self, connection: Any, recordings: Recordings) -> None:
        self.connection, self.recordings = connection, recordings

    def request(self, request: Any) -> Deferred[Any]:
        request.recordings = self.recordings
        return cast("Deferred[Any]", self.connection.request(request))


class _Pool(HTTPConnectionPool):
    def __init__(self, reactor: Any, folder: Path) -> None:
        super().__init__(reactor, persistent=True)
        protocol = type("Protocol", (_Protocol,), {"folder": folder})

        class Factory(_LenientHTTP11ClientFactory):
            def buildProtocol(self, addr: Any = None) -> HTTP11ClientProtocol:  # noqa: ARG002
                return cast(HTTP11ClientProtocol, protocol(self._quiescentCallback))

        self._factory = Factory

    def getConnection(self, key: Any, endpoint: Any) -> Deferred[Any]:
        recordings = _recordings.get()
        connection: Deferred[Any] = super().getConnection(key, endpoint)
        return connection if recordings is None else connection.addCallback(_Bound, recordings)


class _Discard(TwistedProtocol):
    """Takes the body that the tee has kept already; stops it at the limit."""

    def __init__(self, finished: Deferred[Any], response: Any, limit: int) -> None:
        self.finished, self.response, self.left = finished, response, limit

    def dataReceived(self, data: bytes) -> None:
        self.left -= len(data)
        if self.left < 0 and not self.finished.called:
            self.finished.cancel()

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
        if self.finished.called:
            return
        if reason.check(ResponseDone, PotentialDataLoss):
            self.finished.callback({"txresponse": self.response})
        else:
            self.finished.errback(Failure(ResponseDataLossError(str(reason.value))))


class _RoutedAgent(_BindAddressAgent):
    """Connects where the guard says; the URL, Host, SNI and pool key keep the real name."""

    guard: Guard

    def _getEndpoint(self, uri: Any) -> Any:
        host = uri.host.decode("ascii")
        routed = self.guard.route(host, uri.port)
        if routed is None:
            return super()._getEndpoint(uri)
        factory = self._endpointFactory
        endpoint: Any = HostnameEndpoint(
            self._reactor, routed[0], routed[1], timeout=factory._connectTimeout or 30, bindAddress=factory._bindAddress
        )
        if uri.scheme == b"https":
            return wrapClientTLS(factory._policyForHTTPS.creatorForNetloc(uri.host, uri.port), endpoint)
        return endpoint


class _TapeAgent(_ScrapyAgent):
    def __init__(self, guard: Guard, **named: Any) -> None:
        super().__init__(**named)
        self._guard = guard

    def _get_agent(self, request: Request, timeout: float) -> Any:
        parts = urlparse_cached(request)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if self._guard.route(parts.hostname or "", port) is None:  # also before a proxy, which would connect for us
            self._guard.check_literal(parts.hostname or "")
        agent = super()._get_agent(request, timeout)
        if type(agent) is _BindAddressAgent:
            agent.__class__ = _RoutedAgent
            cast(Any, agent).guard = self._guard
        return agent

    def _cb_bodyready(self, txresponse: Any, request: Request) -> Any:
        limit = request.meta.get("download_maxsize") or self._maxsize
        if txresponse.length == 0:
            return {"txresponse": txresponse}
        if isinstance(txresponse.length, int) and txresponse.length > limit:
            txresponse._transport._producer.abortConnection()
            raise DownloadCancelledError(f"{txresponse.length} bytes announced, {limit} allowed")
        finished: Deferred[Any] = Deferred(partial(self._cancel, txresponse=txresponse))
        txresponse.deliverBody(_Discard(finished, txresponse, limit))
        self._txresponse = txresponse
        return finished


class TapeHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler over taped connections; answers carry status and headers, no body."""

    guard: Guard
    spool_folder: Path

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        from twisted.internet import reactor

        kept = self._pool.maxPersistentPerHost
        self._pool = _Pool(reactor, self.spool_folder)
        self._pool.maxPersistentPerHost = kept

    async def fetch(self, request: Request, recordings: Recordings) -> Response:
        """Send a request and tape it into `recordings`, whatever the end; raises what Scrapy's handler raises."""
        token = _recordings.set(recordings)
        try:
            agent = _TapeAgent(
                self.guard,
                contextFactory=self._contextFactory,
                bindAddress=self._bind_address,
                pool=self._pool,
                maxsize=self._default_maxsize,
                crawler=self._crawler,
            )
            with wrap_twisted_exceptions():
                return await maybe_deferred_to_future(agent.download_request(request))
        finally:
            _recordings.reset(token)


def wake(engine: ExecutionEngine) -> None:
    """Let the engine ask the scheduler again, now (its heart-beat would do so within five seconds)."""
    slot = engine._slot
    if slot is not None and slot.closing is None:
        slot.nextcall.schedule()
