"""Sites that cannot be onboarded: walls that keep visitors out, and servers that give nothing to read."""

from collections.abc import Callable

from tests.farm.model import Answer, Asked

Respond = Callable[[Asked], Answer]
RUISHU = b"<html><head><meta id='9DhefwqGPrzGxEp9hPaoag' content='x' r='m'><script r='m'>$_ts=window['$_ts'];</script></head><body></body></html>"
LOGIN = "<html><head><title>统一身份认证登录</title></head><body><form action='/in' method='post'><input name='u'/><input type='password' name='p'/></form></body></html>"
SLIDER = "<html><head><title>安全验证</title></head><body><div id='nc_1_wrapper'>请向右滑动完成验证</div></body></html>"
SINGLE = "<html><head><meta charset='utf-8'><title>某某园区</title></head><body><h1>某某园区</h1><p>园区位于城东，占地一千亩。</p><p>电话：0571-0000000</p></body></html>"


def _always(body: bytes | str, status: int = 200, fate: str = "answer") -> Respond:
    data = body if isinstance(body, bytes) else body.encode()
    return lambda _asked: Answer(data, "text/html; charset=utf-8", status, fate=fate)  # type: ignore[arg-type]


# name -> what such a site answers to everything, and what `add` must say of it
WAYS: dict[str, tuple[Respond, str]] = {
    "ruishu": (_always(RUISHU, 412), "blocked"),
    "jiasule": (_always("<script>document.cookie='__jsl_clearance=1'</script>", 521), "blocked"),
    "forbidden": (_always("<html><body>Forbidden</body></html>", 403), "blocked"),
    "login": (_always(LOGIN), "blocked"),
    "slider": (_always(SLIDER), "blocked"),
    "no-robots": (_always("User-agent: *\nDisallow: /\n"), "blocked"),
    "missing": (_always("<html><body>404 Not Found</body></html>", 404), "failed"),
    "down": (_always("<html><body>Bad Gateway</body></html>", 502), "failed"),
    "reset": (_always(b"", fate="reset"), "failed"),
    "hanging": (_always(b"", fate="hang"), "failed"),
    "empty": (_always(b""), "failed"),
    "single": (_always(SINGLE), "failed"),
    "bomb": (_always(f"<body><div {' '.join(f'a{n}=1' for n in range(100_000))}>x</div>"), "failed"),
}


class Broken:
    """One site of a way."""

    def __init__(self, way: str, number: int) -> None:
        self.way = way
        self.respond, self.status = WAYS[way]
        self.host = f"www.{way}{number}.broken.example"
        self.home = f"http://{self.host}/"
