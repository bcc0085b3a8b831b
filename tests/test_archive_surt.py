"""SURT keys: what pywb 2.10 makes of the same URLs (surt 0.3.1), so that it finds what we index."""

import pytest

from archive.surt import surt

# Asked of pywb's own canonicalizer, which is surt.surt(url).
ANSWERS = [
    ("http://www.demo-park.gov.cn/", "cn,gov,demo-park)/"),
    ("https://demo-park.gov.cn", "cn,gov,demo-park)/"),
    ("http://WWW2.Demo-Park.GOV.cn:80/News/Index.HTML", "cn,gov,demo-park)/news/index.html"),
    ("https://demo-park.gov.cn:443/a", "cn,gov,demo-park)/a"),
    ("http://demo-park.gov.cn:443/a", "cn,gov,demo-park:443)/a"),
    ("http://demo-park.gov.cn:8080/a/", "cn,gov,demo-park:8080)/a"),
    ("http://user:pass@demo-park.gov.cn/a", "cn,gov,demo-park)/a"),
    ("http://demo-park.gov.cn/a/b/../c/./d//e/", "cn,gov,demo-park)/a/c/d/e"),
    ("http://demo-park.gov.cn/../a", "cn,gov,demo-park)/../a"),
    ("http://demo-park.gov.cn/%D0%C2%CE%C5/1.html", "cn,gov,demo-park)/%d0%c2%ce%c5/1.html"),
    ("http://demo-park.gov.cn/%E6%96%B0%E9%97%BB/1.html", "cn,gov,demo-park)/%e6%96%b0%e9%97%bb/1.html"),
    (
        "http://demo-park.gov.cn/新闻/公告一.html",
        "cn,gov,demo-park)/%e6%96%b0%e9%97%bb/%e5%85%ac%e5%91%8a%e4%b8%80.html",
    ),
    ("http://demo-park.gov.cn/%25E6%2596%25B0", "cn,gov,demo-park)/%e6%96%b0"),
    ("http://demo-park.gov.cn/a b+c%20d", "cn,gov,demo-park)/a%20b+c%20d"),
    ("http://demo-park.gov.cn/%7Euser/%2Fx", "cn,gov,demo-park)/~user/x"),
    ("http://demo-park.gov.cn/a%23b#frag", "cn,gov,demo-park)/a%23b"),
    ("http://demo-park.gov.cn/100%", "cn,gov,demo-park)/100%25"),
    (
        "http://demo-park.gov.cn/list.do?pageNo=2&channel=%D0%C2&a=1",
        "cn,gov,demo-park)/list.do?a=1&channel=%d0%c2&pageno=2",
    ),
    ("http://demo-park.gov.cn/list.do?B=2&a=1&b=1&a=0&a", "cn,gov,demo-park)/list.do?a&a=0&a=1&b=1&b=2"),
    (
        "http://demo-park.gov.cn/list.do?q=%B2%E2&r=中&s=a+b c",
        "cn,gov,demo-park)/list.do?q=%b2%e2&r=%e4%b8%ad&s=a+b%20c",
    ),
    ("http://demo-park.gov.cn/list.do?", "cn,gov,demo-park)/list.do"),
    ("http://demo-park.gov.cn/list.do?&&", "cn,gov,demo-park)/list.do?&&"),
    ("http://demo-park.gov.cn?x=1", "cn,gov,demo-park)/?x=1"),
    ("http://demo-park.gov.cn/list.do?u=http://a.cn/?b=c", "cn,gov,demo-park)/list.do?u=http://a.cn/?b=c"),
    ("http://demo-park.gov.cn/a.jsp?jsessionid=0123456789ABCDEF0123456789ABCDEF&x=1", "cn,gov,demo-park)/a.jsp?x=1"),
    ("http://demo-park.gov.cn/a.php?x=1&PHPSESSID=9682993c8daa2c5497996114facdc805", "cn,gov,demo-park)/a.php?&x=1"),
    ("http://demo-park.gov.cn/a.asp?ASPSESSIONIDAQBSDSRT=EOHBLBDDPFCLHKPGGKLILNAM&y=2", "cn,gov,demo-park)/a.asp?y=2"),
    ("http://demo-park.gov.cn/a.cfm?CFID=1169580&CFTOKEN=48630702&z=3", "cn,gov,demo-park)/a.cfm?z=3"),
    ("http://demo-park.gov.cn/(S(4hqa0555fwsecu455xqckv45))/mileg.aspx?a=1", "cn,gov,demo-park)/mileg.aspx?a=1"),
    ("http://demo-park.gov.cn/(4hqa0555fwsecu455xqckv45)/mileg.aspx", "cn,gov,demo-park)/mileg.aspx"),
    ("http://新闻.中国/a", "xn--fiqs8s,xn--efvy88h)/a"),
    ("http://xn--efvy88h.xn--fiqs8s/a", "xn--fiqs8s,xn--efvy88h)/a"),
    ("http://%E6%96%B0%E9%97%BB.cn/", "cn,xn--efvy88h)/"),
    ("http://a..demo-park.gov.cn./x", "cn,gov,demo-park,a)/x"),
    ("http://192.168.1.10/x", "10,1,168,192)/x"),
    ("http://3232235786/x", "10,1,168,192)/x"),
    ("http://0300.0250.1.012/x", "10,1,168,192)/x"),
    ("http://192.168.266/x", "10,1,168,192)/x"),
    ("http://[2001:DB8::1]:8080/x", "2001:db8::1:8080)/x"),
    ("http://www.cn/", "cn)/"),
    ("http://www1.www.cn/", "cn,www)/"),
    ("http://localhost/a", "localhost)/a"),
    ("http://demo_park.cn/a;b=1?c;d", "cn,demo_park)/a;b=1?c;d"),
    ("http://demo-park.gov.cn/a!$&'()*,:@[x]{y}|\\^`~", "cn,gov,demo-park)/a!$&'()*,:@[x]{y}|\\^`~"),
    ('http://demo-park.gov.cn/"<>', 'cn,gov,demo-park)/"<>'),
    ("  http://demo-park.gov.cn/a ", "cn,gov,demo-park)/a"),
    ("http://demo-park.gov.cn/a?x=%26y%3D1", "cn,gov,demo-park)/a?x=&y=1"),
    ("http://demo-park.gov.cn/a?%zz=%", "cn,gov,demo-park)/a?%25zz=%25"),
    ("https://demo-park.gov.cn/a/?x=1", "cn,gov,demo-park)/a?x=1"),
    ("http://demo-park.gov.cn:/a", "cn,gov,demo-park)/a"),
]


@pytest.mark.parametrize(("url", "key"), ANSWERS)
def test_keys_are_those_of_pywb(url: str, key: str) -> None:
    assert surt(url) == key


@pytest.mark.parametrize("uri", ["urn:text:http://a.example/", "dns:demo-park.example", "mailto:a@b.example", ""])
def test_what_is_no_http_url_is_its_own_key(uri: str) -> None:
    assert surt(uri) == uri


def test_both_schemes_with_and_without_www_share_a_key() -> None:
    keys = {surt(f"{scheme}://{host}/a/") for scheme in ("http", "https") for host in ("b.example", "www.b.example")}
    assert keys == {"example,b)/a"}
