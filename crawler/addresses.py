"""Where a request may connect to: `--connect-to` routes and the guard against private addresses.

A hostile page may link or redirect to 127.0.0.1, to a router or to a cloud's metadata service.  Names are checked
where they are resolved, so what was checked is what is connected to (no second look-up that DNS rebinding could
answer differently); literals in every form that inet_aton(3) takes pass the same check.
"""

import ipaddress
import socket
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from twisted.internet.interfaces import (
    IAddress,
    IHostnameResolver,
    IHostResolution,
    IReactorPluggableNameResolver,
    IResolutionReceiver,
)
from zope.interface import implementer, provider


class AddressRefusedError(Exception):
    """The host is, or resolves only to, addresses that must not be crawled."""


class RouteError(ValueError):
    """`--connect-to` is not HOST:PORT:ADDR:PORT, or cannot be followed."""


@dataclass(frozen=True)
class Route:
    """One `--connect-to`, as in curl: an empty host or port matches any; an empty target port keeps the port."""

    host: str
    port: int | None
    address: str
    target: int | None

    @classmethod
    def parse(cls, text: str) -> "Route":
        parts = _split(text)
        try:
            if len(parts) != 4 or not parts[2]:
                raise ValueError
            host, port, address, target = parts
            return cls(host.lower(), int(port) if port else None, address, int(target) if target else None)
        except ValueError:
            raise RouteError(
                f"--connect-to {text!r}: HOST:PORT:ADDR:PORT is needed (HOST and PORT may be empty)"
            ) from None

    def matches(self, host: str, port: int) -> bool:
        return self.host in ("", host.lower()) and self.port in (None, port)


def _split(text: str) -> list[str]:
    """Split at colons outside [brackets] (IPv6 literals)."""
    parts, current, inside = [], "", False
    for char in text:
        if char in "[]":
            inside = char == "["
        elif char == ":" and not inside:
            parts.append(current)
            current = ""
        else:
            current += char
    return [*parts, current]


def literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address a host names without a look-up: dotted, decimal, hex, octal and IPv6 forms; else None."""
    bare = host.strip("[]").partition("%")[0].rstrip(".")
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(bare)) if bare and bare[0].isdigit() else None
    except OSError:
        return None


def is_private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether an address is not on the public internet (also when wrapped: IPv4-mapped or -compatible, 6to4, NAT64)."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and (int(address) < 1 << 32 or address in ipaddress.ip_network("64:ff9b::/96")):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_private(inner)
    return not address.is_global or address.is_multicast


@dataclass
class Guard:
    """Which address a request connects to, and whether it may.

    exempt: addresses the operator named (targets of routes, the proxy); refused: hosts that turned out to be, or to
    resolve to nothing but, private addresses, so that their failure gets its own reason.
    """

    routes: tuple[Route, ...] = ()
    allow_private: bool = False
    exempt: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.exempt |= {route.address for route in self.routes}

    def route(self, host: str, port: int) -> tuple[str, int] | None:
        """Return where a connection to host:port goes instead, None = nowhere else."""
        for route in self.routes:
            if route.matches(host, port):
                return route.address, route.target or port
        return None

    def check_literal(self, host: str) -> None:
        """Raise AddressRefusedError when `host` is a private address in any literal form."""
        address = literal(host)
        if address is not None and not self.allow_private and is_private(address):
            self.refused.add(host.strip("[]"))
            raise AddressRefusedError(f"{host}: private address (allow with --allow-private)")

    def refuses(self, url: str) -> bool:
        """Tell whether a request to `url` was refused before: its host is known to be private."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return (parts.hostname or "") in self.refused and self.route(parts.hostname or "", port) is None

    def reaches_out(self, host: str, port: int) -> bool:
        """Tell whether a request to host:port leaves this machine (routes to loopback do not)."""
        target, _ = self.route(host, port) or (host, port)
        address = literal(target)
        return not (target == "localhost" or (address is not None and address.is_loopback))


@provider(IResolutionReceiver)
class _PublicOnly:
    """Passes on public addresses alone."""

    def __init__(self, receiver: Any, guard: Guard, name: str) -> None:
        self.receiver, self.guard, self.name = receiver, guard, name
        self.passed = self.dropped = 0

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # Twisted's interface
        self.receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:
        host = getattr(address, "host", "")
        if is_private(ipaddress.ip_address(host.partition("%")[0])):
            self.dropped += 1
            return
        self.passed += 1
        self.receiver.addressResolved(address)

    def resolutionComplete(self) -> None:
        if self.dropped and not self.passed:
            self.guard.refused.add(self.name)
        self.receiver.resolutionComplete()


@implementer(IHostnameResolver)
class GuardedResolver:
    """The reactor's own resolver, minus private addresses."""

    def __init__(self, inner: Any, guard: Guard) -> None:
        self.inner, self.guard = inner, guard

    def resolveHostName(self, resolutionReceiver: Any, hostName: str, *args: Any, **named: Any) -> Any:
        if not self.guard.allow_private and hostName not in self.guard.exempt:
            resolutionReceiver = _PublicOnly(resolutionReceiver, self.guard, hostName)
        return self.inner.resolveHostName(resolutionReceiver, hostName, *args, **named)


def install(reactor: Any, guard: Guard) -> None:
    """Put the guard before the reactor's resolver."""
    assert IReactorPluggableNameResolver.providedBy(reactor)
    reactor.installNameResolver(GuardedResolver(reactor.nameResolver, guard))
