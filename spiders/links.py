"""URLs: a link as a page writes it -> an address we may fetch; an address -> the one name an article has.

Pages write links relative, with tracking and session parameters, as print views, mobile twins and traditional-Chinese
gates, with GBK bytes escaped or not escaped at all; some links are no addresses (javascript:, mailto:) and some are
traps (control characters, megabytes of query).  `resolve` drops what is no address, `canonical` gives the identity of
an article, `in_scope` says whose pages we are asked to read, `role_of_link` what a URL will turn out to be by its
extension, `grows` and `may_be_twins` what is a trap or a second address.  `requisites` and `stylesheet_requisites` say
what a page needs to be shown again (frames are left out: they are pages of their own).  Used by the adapters, the
spider and onboarding; pure functions, no network.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal
from urllib.parse import SplitResult, urljoin, urlsplit

from pipelines.decode import Document

if TYPE_CHECKING:
    import tldextract

LONGEST = 2000  # characters; beyond it no server of this kind answers, and traps begin
WEB = ("http", "https")

Role = Literal["page", "attachment", "media", "image", "style", "script", "font"]

EXTENSIONS: dict[Role, str] = {
    "attachment": "pdf doc docx xls xlsx xlsm ppt pptx pps wps et dps ofd rtf odt ods odp odf csv txt zip rar 7z gz "
    "tgz tar ceb cebx caj epub dwg",
    "media": "mp3 wav wma m4a ogg mp4 m4v flv f4v avi wmv mov mkv webm mpg mpeg m3u8 ts swf rm rmvb",
    "image": "jpg jpeg jfif png gif bmp svg webp ico tif tiff avif",
    "style": "css",
    "script": "js mjs map",
    "font": "woff woff2 ttf eot otf",
}
ROLE_OF: dict[str, Role] = {extension: role for role, names in EXTENSIONS.items() for extension in names.split()}

# Download scripts of CMSs: the URL has no extension but is never a page.
DOWNLOADS = re.compile(
    r"/module/download/downfile\.jsp|/system/_content/download\.jsp|[?&]attach(?:Guid|mentId)=|downloadztbattach|"
    r"/plus/download\.php|/e/DownSys/|[?&]mod=attachment&|/download\.aspx\?",
    re.I,
)
# Parameters that never choose another article.  Values count where the name alone could mean something.
TRACKING = re.compile(
    r"utm_\w+|spm|scm|spm_id_from|fbclid|gclid|gclsrc|dclid|yclid|msclkid|_ga|_gl|mc_[ce]id|igshid|bd_vid|hm(?:sr|pl|cu|kw|ci)|"
    r"isappinstalled|nsukey|weixinid|wxshare\w*|share_?(?:token|source|from|medium|plat\w*|id|uid|user\w*)|tdsourcetag|"
    r"from_?source|ivk_sa|vd_source|_trans_|__hs\w+|hs[ac]tracking|sessionid|session_id|phpsessid|jsessionid|"
    r"aspsessionid\w*|cfid|cftoken|oscsid|zenid|arialabel|wzayjversion|security_verify_data|srcurl",
    re.I,
)
BY_VALUE: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (
        re.compile(r"from", re.I),
        re.compile(
            r"timeline|(?:single|group)?message|we?ixin|wx|weibo|qq|qzone|mobile|h5|app|share|rss|search|mail", re.I
        ),
    ),
    (re.compile(r"_|t|ts|r|v|rand|random|rnd|timestamp|time", re.I), re.compile(r"\d{13}|0\.\d{6,}")),  # cache breakers
    (
        re.compile(r"print|printable|printview|viewmode|view|display", re.I),
        re.compile(r"1|y|yes|true|print|printable", re.I),
    ),
    (re.compile(r"print|printable|printview|viewmode", re.I), re.compile(r"")),
    (re.compile(r"scene", re.I), re.compile(r"\d{1,3}")),
)
SESSION_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*|/\(S\([0-9a-z]{20,}\)\)(?=/)", re.I)
GATE = re.compile(r"^/gate/big5/(?:https?:/+)?([a-z0-9.-]+\.[a-z]{2,}(?::\d+)?)(/.*)?$", re.I)
TUNIS = re.compile(r"^/TuniS/(?:https?:/+)?([a-z0-9.-]+\.[a-z]{2,}(?::\d+)?)(/.*)?$", re.I)
MOBILE_POST = re.compile(r"/mpost_(?=\d+\.s?html?$)")
MOBILE_SUDY = re.compile(r"(?<=\d)/pagem\.(?=htm|psp)")
VSB_NEWS = re.compile(r"/content\.jsp$", re.I)
SMALL_LABELS = re.compile(r"^(?:www\d?|m|wap|3g|mobile|big5)\.")
# Labels of at most 63 characters, none empty: what no resolver takes is no address.
HOST = re.compile(r"^(?!.{254}|.*\.\.|.*[^.]{64})[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$|^\[[0-9a-f:.]+\]$")
PLAIN = re.compile(r"[A-Za-z0-9_/~-][A-Za-z0-9_./~-]{0,300}(?:\?[A-Za-z0-9_.,=&+/~-]{0,300})?")
GROWN = re.compile(r"((?:/[^/]+){1,3})\1{2}(?=/|$)")
# Parameters that choose an article; those of columns (catid, colid) and visits (sid) do not.
CHOOSING = re.compile(
    r"(?:news|article|art|info|content|doc|item|post|msg|notice|detail|record|data|[antwg])?_?(?:id|guid|uuid|no|key|code|num)|p",
    re.I,
)
NUMBERS = re.compile(r"[0-9a-f]{16,}|[0-9a-f]{8}-[0-9a-f-]{20,}|\d{3,}", re.I)
UNSAFE = re.compile(r"[^!#$%&'()*+,/0-9:;=?@A-Z\[\]_a-z~.|-]")

URL_IN_CSS = re.compile(r"url\(\s*(?:\"([^\"\n]{1,2000})\"|'([^'\n]{1,2000})'|([^\"'()\s]{1,2000}))\s*\)", re.I)
IMPORT_IN_CSS = re.compile(r"@import\s+(?:\"([^\"\n]{1,2000})\"|'([^'\n]{1,2000})')", re.I)
COMMENT_IN_CSS = re.compile(r"/\*.*?\*/", re.S)
LAZY = (
    "data-src",
    "data-original",
    "data-lazy",
    "data-lazy-src",
    "data-echo",
    "data-actualsrc",
    "data-url",
    "lazysrc",
    "_src",
)
LINKED = re.compile(r"stylesheet|icon|preload|modulepreload|mask-icon", re.I)
SOURCES = {
    "script": ("src",),
    "img": ("src", *LAZY),
    "input": ("src",),
    "video": ("poster",),
    "body": ("background",),
    "table": ("background",),
    "td": ("background",),
    "tr": ("background",),
    "div": ("data-bg", "data-background", "data-original"),
    "image": ("href", "xlink:href"),
}
# Elements that may name what a page is drawn with.
DRAWN = ", ".join(["link", "style", "[srcset]", "[data-srcset]", '[style*="url" i]', *SOURCES])


class NotAnAddressError(ValueError):
    """The text is no http(s) URL with a host, or longer than LONGEST."""


def resolve(base: str, href: str | None, encoding: str = "utf-8") -> str | None:
    """Return the absolute http(s) URL that `href` on a page at `base` leads to, without fragment; None if it is none.

    encoding: of the page; a query is escaped in it, a path in UTF-8, as browsers do (WHATWG URL 4.4).  Browsers also
    drop tabs and newlines inside a URL and read a backslash as a slash.  What is dropped: other schemes, bare
    fragments, control characters, over-long URLs, hosts that cannot be.
    """
    if not href:
        return None
    text = href.strip(" \t\r\n").removeprefix("./")
    if PLAIN.fullmatch(text) and "//" not in text and "./" not in text and text[-1] != ".":  # most links by far
        origin, folder = _base_parts(base)
        if origin:
            return f"{origin}{text}" if text[0] == "/" else f"{folder}{text}"
    return _resolved(base, href, encoding)


@lru_cache(maxsize=4096)
def _resolved(base: str, href: str, encoding: str) -> str | None:
    text = re.sub(r"[\t\r\n]", "", href[: LONGEST * 2]).strip("\x00 \u3000\xa0\u200b\ufeff")
    scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", text)
    if scheme and scheme[1].lower() not in WEB:
        return None
    if (
        not text
        or text[0] == "#"
        or (scheme and not text[scheme.end() :].strip("/\\"))
        or re.search(r"[\x00-\x1f\x7f]", text)
    ):
        return None
    if scheme and not re.match(r"[a-zA-Z]+:[/\\]", text):  # "http:page.html": relative, in old pages
        text = text[scheme.end() :]
    path, mark, rest = text.partition("?")
    path = path.replace("\\", "/")
    try:
        url = urljoin(base, re.sub(r"^(https?:)/{3,}", r"\1//", path, flags=re.I) + mark + rest)
        parts = _checked(url.partition("#")[0])
        return _escape_unsafe(parts._replace(query=_escape_unsafe(parts.query, encoding)).geturl())
    except ValueError:
        return None


def canonical(url: str, *, home: str | None = None, twins: Mapping[str, str] | None = None) -> str:
    """Return the identity of the article at `url`: the same for every way its site links to it.

    home: the site's own URL; http/https and www twins of its host then take the form it has.
    twins: mobile or mirror host -> the host it copies ("m.x.cn" -> "www.x.cn"); only what we were told.
    Percent escapes keep their bytes (a GBK name stays GBK), only their spelling is made one.
    Raises NotAnAddressError.
    """
    parts = _checked(re.sub(r"[\t\r\n]", "", url).strip())
    scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    path = _clean_path(parts.path)
    for gate in (GATE, TUNIS):
        inner = gate.match(path)
        if inner:
            return canonical(
                f"{scheme}://{inner[1]}{inner[2] or '/'}" + (f"?{parts.query}" if parts.query else ""), home=home
            )
    host = (twins or {}).get(host, host)
    if home is not None:
        own = _checked(home)
        own_host = own.hostname or ""
        if _bare(own_host) == _bare(host) and without_www(own_host) == without_www(host):
            scheme, host = own.scheme.lower(), own_host
            port = None if port in (80, 443) else port
    if port == {"http": 80, "https": 443}[scheme]:
        port = None
    path = MOBILE_SUDY.sub("/page.", MOBILE_POST.sub("/post_", path))
    query = "&".join(pair for pair in parts.query.replace("&amp;", "&").split("&") if pair and not _is_noise(pair))
    if VSB_NEWS.search(path):
        wanted = dict(pair.partition("=")[::2] for pair in query.lower().split("&"))
        if wanted.get("wbtreeid", "").isdigit() and wanted.get("wbnewsid", "").isdigit():
            path, query = VSB_NEWS.sub(f"/info/{wanted['wbtreeid']}/{wanted['wbnewsid']}.htm", path), ""
    return _normal_escapes(f"{scheme}://{host}{f':{port}' if port else ''}{path}{f'?{query}' if query else ''}")


def in_scope(site_url: str, url: str, *, wide: bool = False) -> bool:
    """Say whether `url` belongs to the site: the same host, www and mobile labels apart.

    wide: any host of the same registrable domain.  Never the default: under kjt.jl.gov.cn that would be every
    department of a province.  Addresses that are none are in no scope.
    """
    ours, theirs = _host(site_url), _host(url)
    if not ours or not theirs or not wide or ours == theirs:
        return bool(ours) and (ours == theirs or _bare(ours) == _bare(theirs))
    domain = split_host(ours).top_domain_under_public_suffix
    return bool(domain) and split_host(theirs).top_domain_under_public_suffix == domain


def split_host(host: str) -> "tldextract.ExtractResult":
    """Part a host by the list of public suffixes that ships with tldextract: a crawl must not fetch one by itself."""
    return _splitter()(host)


@cache
def _splitter() -> "tldextract.TLDExtract":
    import tldextract  # 0.1 s, for it brings an HTTP client along; most commands never ask

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def grows(url: str) -> bool:
    """Say whether a path repeats itself three times and more (/a/a/a/, /a/b/a/b/a/b/): a relative link led too deep."""
    found = GROWN.search(urlsplit(url).path)
    return found is not None and not found[1].replace("/", "").isdigit()


def may_be_twins(one: str, other: str) -> bool:
    """Say whether two addresses may be of one article, its print view or the same number in another column.

    The caller knows that both say the same.  One path: what differs must not be what chooses an article (?id=1, ?id=2).
    Different paths: the last number or hash of both is the same, or their last names are where they have none.
    """
    here, there = urlsplit(one), urlsplit(other)
    if here.path == there.path:
        differing = set(here.query.split("&")) ^ set(there.query.split("&"))
        names = [pair.partition("=")[0] for pair in differing if pair]
        return not any(names.count(name) > 1 and CHOOSING.fullmatch(name) for name in names)
    numbers = [NUMBERS.findall(f"{parts.path}?{parts.query}") for parts in (here, there)]
    if numbers[0] or numbers[1]:
        return bool(numbers[0] and numbers[1]) and numbers[0][-1] == numbers[1][-1]
    names = [parts.path.rstrip("/").rsplit("/", 1)[-1].partition(".")[0] for parts in (here, there)]
    return names[0] == names[1] != "" and here.query == there.query


def role_of_link(url: str) -> Role:
    """Say by extension (or by a CMS's download script) what `url` leads to; "page" when nothing speaks against it."""
    path = url.partition("#")[0].partition("?")[0]
    name = path.rsplit("/", 1)[-1]
    extension = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if extension in ROLE_OF:
        return ROLE_OF[extension]
    named = re.search(r"[?&](?:file|filename|name|path|url)=[^&]*\.(\w{2,5})(?:&|$)", url, re.I)
    if (
        named
        and extension in ("", "jsp", "do", "action", "php", "aspx", "ashx")
        and ROLE_OF.get(named[1].lower()) == "attachment"
    ):
        return "attachment"
    return "attachment" if DOWNLOADS.search(url) else "page"


def requisites(document: Document) -> list[str]:
    """Return absolute URLs in page order, each once.  Sources of <picture> and srcset count, data: does not."""
    found: dict[str, None] = {}

    def take(href: str | None) -> None:
        url = resolve(document.base, href)
        if url is not None and url != document.url:
            found[url] = None

    for node in document.dom.css(DRAWN):
        tag, said = node.tag or "", node.attributes
        if tag == "link":
            if LINKED.search(said.get("rel") or ""):
                take(said.get("href"))
        elif tag == "style":
            for url in _named_in(node.text()):
                take(url)
        else:
            for name in SOURCES.get(tag, ()):
                take(said.get(name))
            for name in ("srcset", "data-srcset"):
                for url in _candidates(said.get(name) or ""):
                    take(url)
        style = said.get("style")
        if style and "url" in style.lower():
            for url in _named_in(style):
                take(url)
    return list(found)


def stylesheet_requisites(text: str, url: str) -> list[str]:
    """Return what a stylesheet at `url` names: imports, backgrounds, fonts.  text: decoded."""
    found = (resolve(url, named) for named in _named_in(text))
    return list(dict.fromkeys(one for one in found if one is not None and one != url))


def _named_in(css: str) -> list[str]:
    plain = COMMENT_IN_CSS.sub(" ", css)
    found = [
        (match.start(), next(group for group in match.groups() if group))
        for pattern in (URL_IN_CSS, IMPORT_IN_CSS)
        for match in pattern.finditer(plain)
    ]
    return [name for _, name in sorted(found)]


def _candidates(srcset: str) -> list[str]:
    """URLs of a srcset (HTML 4.8.4.2.1): split at commas that end a descriptor; URLs may hold commas themselves."""
    return [
        match[1].rstrip(",")
        for match in re.finditer(r"(?:^|[\s,])\s*([^\s,]\S{0,2000})(?:\s+[\d.]+[wxh])?(?=\s*(?:,|$))", srcset)
    ]


def _checked(url: str) -> SplitResult:
    if len(url) > LONGEST:
        raise NotAnAddressError(f"URL of {len(url)} characters (at most {LONGEST}): {url[:80]!r}…")
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        port = parts.port
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
    except ValueError as error:
        raise NotAnAddressError(f"no web address: {url[:200]!r}") from error
    bracketed = f"[{host}]" if ":" in host else host
    if parts.scheme.lower() not in WEB or not HOST.match(bracketed):
        raise NotAnAddressError(f"no web address: {url[:200]!r}")
    netloc = bracketed + (f":{port}" if port is not None else "")
    return SplitResult(parts.scheme.lower(), netloc, parts.path or "/", parts.query, "")


@lru_cache(maxsize=4096)
def _host(url: str) -> str:
    try:
        return _checked(url).hostname or ""
    except NotAnAddressError:
        return ""


@lru_cache(maxsize=256)
def _base_parts(base: str) -> tuple[str, str]:
    """Origin and folder that relative links of a page are put behind; empty if the base is no address."""
    try:
        parts = _checked(base)
    except NotAnAddressError:
        return "", ""
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin, _escape_unsafe(f"{origin}{parts.path.rpartition('/')[0]}/")


def without_www(host: str) -> str:
    """A host as a site is known by: with and without www. it is one."""
    return host.removeprefix("www.")


@lru_cache(maxsize=1024)
def _bare(host: str) -> str:
    """The host without www, m, wap …, as long as two labels stay."""
    short = SMALL_LABELS.sub("", host)
    return short if "." in short else host


def _clean_path(path: str) -> str:
    """Session ids out, `//`, `/./` and `/../` resolved; a URL inside the path (gates) keeps its `//`."""
    path = SESSION_PATH.sub("", path)
    kept: list[str] = []
    segments = path.split("/")
    for number, segment in enumerate(segments):
        if segment == "..":
            if kept:
                kept.pop()
        elif segment not in ("", "."):
            kept.append(segment)
        if number == len(segments) - 1 and segment in ("", ".", ".."):
            kept.append("")
    return "/" + "/".join(kept)


def _is_noise(pair: str) -> bool:
    name, _, value = pair.partition("=")
    return bool(TRACKING.fullmatch(name)) or any(n.fullmatch(name) and v.fullmatch(value) for n, v in BY_VALUE)


def _escape_unsafe(url: str, encoding: str = "utf-8") -> str:
    """Escape what may not stand in a request line: blanks, quotes, brackets, non-ASCII, stray percents."""
    text = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", url)
    return UNSAFE.sub(lambda m: "".join(f"%{byte:02X}" for byte in m[0].encode(encoding, "replace")), text)


def _normal_escapes(url: str) -> str:
    """One spelling: hex upper case, escaped unreserved characters written plainly (RFC 3986 6.2.2)."""

    def one(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character.isascii() and (character.isalnum() or character in "-._~") else match[0].upper()

    # Only runs of pure ASCII escapes are opened: the second byte of a GBK pair may look like a letter (%B5%41).
    def run(match: re.Match[str]) -> str:
        whole = match[0]
        return whole.upper() if re.search(r"%[89A-Fa-f]", whole) else re.sub(r"%([0-9A-Fa-f]{2})", one, whole)

    return re.sub(r"(?:%[0-9A-Fa-f]{2})+", run, _escape_unsafe(url))
