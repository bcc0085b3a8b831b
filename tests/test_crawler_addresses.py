"""Where a request may connect to: routes as in curl, and the guard against private addresses in all their forms.

The forms are checked one by one; then through `parknews fetch` against real loopback servers, which must not be asked,
with names resolved by a resolver of the test's own.
"""

import ipaddress
import ssl
from pathlib import Path

import pytest

from crawler.addresses import AddressRefusedError, Guard, Route, RouteError, is_private, literal
from tests.conftest import altered, parknews, well
from tests.servers import Play, Proxy, ScriptedServer, answer, head

PAGE = Play(answer(b"<p>a page</p>", "Content-Type: text/html"))


# ------------------------------------------------------------------------------------------------------- literals
LOOPBACK = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7F.1", "0x7f.0.0.0x1", "017700000001", "0177.0.0.1", "0177.1", "127.0.0.1.",
    "[::1]", "::1", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[2002:7f00:1::]", "[64:ff9b::7f00:1]", "[::127.0.0.1]",
]  # fmt: skip
PRIVATE = [
    *LOOPBACK, "0.0.0.0", "0", "[::]", "10.0.0.1", "10.1", "0xa000001", "167772161", "012.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "3232235777", "169.254.169.254", "2852039166", "0xA9FEA9FE", "[fe80::1]", "[fe80::1%25eth0]", "[fc00::1]", "[fd12::1]", "[::ffff:192.168.1.1]",
    "[::ffff:c0a8:101]", "100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1", "240.0.0.1", "[ff02::1]", "[64:ff9b::c0a8:101]", "[2002:c0a8:101::]",
    "192.0.2.1", "[2001:db8::1]",
]  # fmt: skip
PUBLIC = [
    "93.184.216.34",
    "1572395042",
    "0x5db8d822",
    "8.8.8.8",
    "[2606:4700::1111]",
    "[::ffff:8.8.8.8]",
    "172.32.0.1",
    "[64:ff9b::808:808]",
]


@pytest.mark.parametrize("host", PRIVATE)
def test_private_address_is_refused_in_every_form(host: str) -> None:
    guard = Guard()
    with pytest.raises(AddressRefusedError, match="--allow-private"):
        guard.check_literal(host)
    Guard(allow_private=True).check_literal(host)


@pytest.mark.parametrize("host", [*PUBLIC, "www.park.example", "127.0.0.1.example", "0x7f.example", "x127.0.0.1"])
def test_public_address_and_names_pass(host: str) -> None:
    Guard().check_literal(host)


@pytest.mark.parametrize(
    "host", ["www.park.example", "localhost", "", "1.2.3.4.5", "256.1.1.1", "0xg", "089", "a1", "[::g]"]
)
def test_what_is_no_literal_is_left_to_the_resolver(host: str) -> None:
    assert literal(host) is None


@pytest.mark.parametrize("text", ["127.0.0.1", "::ffff:10.0.0.1", "2002:a00:1::", "64:ff9b::a00:1", "fe80::1", "::"])
def test_wrapped_private_addresses_are_private(text: str) -> None:
    assert is_private(ipaddress.ip_address(text))


# --------------------------------------------------------------------------------------------------------- routes
@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("a.example:80:127.0.0.1:8700", Route("a.example", 80, "127.0.0.1", 8700)),
        ("A.example::127.0.0.1:8700", Route("a.example", None, "127.0.0.1", 8700)),
        ("::127.0.0.1:8700", Route("", None, "127.0.0.1", 8700)),
        (":443:[::1]:8701", Route("", 443, "::1", 8701)),
        ("[2001:db8::1]:80:[::1]:", Route("2001:db8::1", 80, "::1", None)),
    ],
)
def test_route_is_written_as_in_curl(text: str, route: Route) -> None:
    assert Route.parse(text) == route


@pytest.mark.parametrize(
    "text", ["", "a", "a:80", "a:80:b", "a:x:b:80", "a:80::80", "a:80:b:80:9", "a:80:b:eighty", "::1::1"]
)
def test_route_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(RouteError, match="HOST:PORT:ADDR:PORT is needed"):
        Route.parse(text)


def test_first_route_that_matches_counts_and_an_empty_target_port_keeps_the_port() -> None:
    guard = Guard(
        (Route.parse("a.example:443:192.0.2.1:"), Route.parse("a.example::192.0.2.2:81"), Route.parse("::192.0.2.3:82"))
    )
    assert guard.route("a.example", 443) == ("192.0.2.1", 443)
    assert guard.route("A.EXAMPLE", 80) == ("192.0.2.2", 81)
    assert guard.route("b.example", 80) == ("192.0.2.3", 82)
    assert Guard().route("a.example", 80) is None


# ------------------------------------------------------------------------------------------------ through a fetch
@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A home whose operator is named, so that any host may be asked."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "parknews.toml").write_text('operator = "Guard Test"\ncontact = "guard@example.org"\n')
    return home


FORMS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "localhost",
    "[::ffff:127.0.0.1]",
    "127.0.0.1.",
]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_fetch_refuses_loopback_in_every_form_and_nobody_is_asked(bare: Path, scheme: str) -> None:
    with ScriptedServer({"/page": PAGE}) as server:
        urls = [f"{scheme}://{host}:{server.port}/page" for host in FORMS]
        done = well(bare, "fetch", *urls, "--ignore-robots", "--delay", "0", "--timeout", "5")
        assert [(line["status"], line["error"]) for line in done.lines] == [(None, "address-refused")] * len(FORMS)
        assert server.heard == []


def test_robots_txt_of_a_private_address_is_not_asked_either(bare: Path) -> None:
    with ScriptedServer({"/page": PAGE}) as server:
        done = well(bare, "fetch", f"http://127.0.0.1:{server.port}/page", "--delay", "0")
        assert [line["error"] for line in done.lines] == ["address-refused"]
        assert server.heard == []


def test_allow_private_lets_every_form_through(bare: Path) -> None:
    forms = [form for form in FORMS if form not in ("[::ffff:127.0.0.1]", "127.0.0.1.")]  # no resolver takes these two
    with ScriptedServer({"/page": PAGE}) as server:
        urls = [f"http://{host}:{server.port}/page" for host in forms]
        done = well(bare, "fetch", *urls, "--ignore-robots", "--delay", "0", "--allow-private")
        assert [line["status"] for line in done.lines] == [200] * len(forms), done.out
        assert len(server.heard) == len(forms)


def test_ipv6_loopback_is_refused_and_allowed_alike(bare: Path) -> None:
    with ScriptedServer({"/page": PAGE}, host="::1") as server:
        url = f"http://[::1]:{server.port}/page"
        (line,) = well(bare, "fetch", url, "--ignore-robots").lines
        assert (line["error"], server.heard) == ("address-refused", [])
        (line,) = well(bare, "fetch", url, "--ignore-robots", "--allow-private").lines
        assert line["status"] == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "0x7f.1", "[::ffff:7f00:1]", "localhost"])
def test_redirect_to_a_private_address_is_refused(bare: Path, host: str) -> None:
    with ScriptedServer() as inside, ScriptedServer() as server:
        secret = f"http://{host}:{inside.port}/secret"
        server.script["/page"] = Play(head("HTTP/1.1 302 Found", f"Location: {secret}", "Content-Length: 0"))
        done = well(
            bare,
            "fetch",
            "http://www.park.example/page",
            "--delay",
            "0",
            "--connect-to",
            server.route("www.park.example"),
        )
        assert [(line["url"], line["status"], line["error"]) for line in done.lines] == [
            ("http://www.park.example/page", 302, None),
            (secret, None, "address-refused"),
        ]
        assert inside.heard == []


def test_route_target_is_exempt_under_the_name_it_was_given_for_alone(bare: Path) -> None:
    with ScriptedServer({"/page": PAGE}) as server:
        route = server.route("www.park.example")
        urls = ["http://www.park.example/page", f"http://127.0.0.1:{server.port}/page"]
        done = well(bare, "fetch", *urls, "--ignore-robots", "--delay", "0", "--connect-to", route)
        found = {line["url"]: (line["status"], line["error"]) for line in done.lines}
        assert found == {urls[0]: (200, None), urls[1]: (None, "address-refused")}


def test_routes_keep_url_host_and_sni(bare: Path, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ScriptedServer({"/page": PAGE}, tls=context) as server:
        done = well(
            bare, "fetch", "https://www.park.example/page", "--ignore-robots", "--connect-to", server.route("", "443")
        )
        (line,), (heard,) = done.lines, server.heard
        assert (line["url"], line["status"]) == ("https://www.park.example/page", 200)
        assert (heard.host, heard.server_name) == ("www.park.example", "www.park.example")
        assert b"Host: www.park.example\r\n" in heard.request


RESOLVER = """
    import socket

    inner = socket.getaddrinfo
    NAMES = {NAMES}

    def answered(host, port, *args, **named):
        name = host.decode() if isinstance(host, bytes) else host
        if name not in NAMES:
            return inner(host, port, *args, **named)
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port or 0))
            for one in NAMES[name]
        ]

    socket.getaddrinfo = answered
"""


def test_names_that_resolve_to_private_addresses_are_refused(bare: Path, tmp_path: Path) -> None:
    """The resolver of the system is replaced, nothing of ours: what it answers is what a hostile zone would."""
    names = {
        "inside.example": ["127.0.0.1"],
        "router.example": ["192.168.1.1", "10.0.0.1"],
        "six.example": ["::1"],
        "mapped.example": ["::ffff:127.0.0.1"],
        "metadata.example": ["169.254.169.254"],
    }
    program = altered(tmp_path / "resolver.py", RESOLVER.replace("{NAMES}", repr(names)))
    with ScriptedServer({"/page": PAGE}) as server:
        urls = [f"http://{name}:{server.port}/page" for name in names]
        switches = ("--ignore-robots", "--delay", "0", "--timeout", "5")
        done = parknews(bare, "fetch", *urls, *switches, program=program)
        assert [line["error"] for line in done.lines] == ["address-refused"] * len(names), done.err
        assert server.heard == []
        done = parknews(bare, "fetch", urls[0], *switches, "--allow-private", program=program)
        assert [line["status"] for line in done.lines] == [200]


def test_private_address_among_public_ones_is_never_connected_to(bare: Path, tmp_path: Path) -> None:
    """What was checked is what is connected to: 192.0.2.0/24 leads nowhere, so only the dropped address could answer."""
    public = {"mixed.example": ["127.0.0.1", "93.184.216.34"]}
    program = altered(tmp_path / "resolver.py", RESOLVER.replace("{NAMES}", repr(public)))
    with ScriptedServer({"/page": PAGE}) as server:
        url = f"http://mixed.example:{server.port}/page"
        done = parknews(bare, "fetch", url, "--ignore-robots", "--timeout", "1", program=program)
        (line,) = done.lines
        assert line["status"] is None
        assert line["error"] != "address-refused"
        assert server.heard == []


def test_proxy_is_exempt_but_literals_behind_it_are_not(bare: Path) -> None:
    """Names are resolved by the proxy; a private address in the URL itself we can see."""
    with ScriptedServer({"/page": PAGE}) as server, Proxy({"http": server.address, "https": server.address}) as proxy:
        with (bare / "parknews.toml").open("a") as file:
            file.write(f'proxy = "http://127.0.0.1:{proxy.port}"\n')
        urls = [
            "http://www.park.example/page",
            "http://127.0.0.1/page",
            "http://0xa9fea9fe/latest",
            "https://127.1/page",
        ]
        done = well(bare, "fetch", *urls, "--ignore-robots", "--delay", "0", "--timeout", "5")
        found = {line["url"]: (line["status"], line["error"]) for line in done.lines}
        assert found.pop(urls[0]) == (200, None)
        assert set(found.values()) == {(None, "address-refused")}
        assert proxy.asked == ["GET http://www.park.example/page HTTP/1.1"]


def test_route_that_a_proxy_would_not_follow_is_refused(bare: Path) -> None:
    with (bare / "parknews.toml").open("a", encoding="utf-8") as file:
        file.write('proxy = "http://proxy.example:3128"\n')
    done = parknews(bare, "fetch", "http://www.park.example/", "--connect-to", "::127.0.0.1:9")
    assert done.code == 2
    assert done.err == ("parknews: --connect-to has no effect behind a proxy: take `proxy` out of parknews.toml\n")


def test_proxy_of_the_environment_is_not_used(bare: Path) -> None:
    """Which proxy sees the crawl is the operator's word in parknews.toml; routes and guard would not hold behind another."""
    with ScriptedServer({"/page": PAGE}) as server:
        nowhere = "http://127.0.0.1:9"
        done = parknews(
            bare, "fetch", "http://www.park.example/page", "--ignore-robots", "--connect-to", server.connect_to,
            http_proxy=nowhere, https_proxy=nowhere, HTTP_PROXY=nowhere, ALL_PROXY=nowhere,
        )  # fmt: skip
        assert [line["status"] for line in done.lines] == [200], done.err
