"""POST bodies in index keys: what pywb 2.10's indexer makes of the same requests, so that it finds what we index."""

import pytest

from archive.formquery import QUERY_LIMIT, body_query, folded_url
from archive.surt import surt

# Asked of pywb's MethodQueryCanonicalizer: method, Content-Type, body; the folded body, the key of the folded URL.
ANSWERS = [
    (
        "POST",
        "application/x-www-form-urlencoded",
        b"pageNo=1&channel=%E6%96%B0+x&A=b",
        "pageNo=1&channel=新 x&A=b",
        "cn,a)/x?__wb_method=post&a=b&channel=%e6%96%b0%20x&pageno=1&z=1",
    ),
    (
        "POST",
        "application/x-www-form-urlencoded; charset=gbk",
        b"q=%B2%E2&n=2",
        "q=��&n=2",
        "cn,a)/x?__wb_method=post&n=2&q=%ef%bf%bd%ef%bf%bd&z=1",
    ),
    (
        "POST",
        "application/x-www-form-urlencoded",
        b"q=\xb2\xe2",
        "__wb_post_data=cT2y4g==",
        "cn,a)/x?__wb_method=post&__wb_post_data=ct2y4g==&z=1",
    ),
    (
        "POST",
        "application/json",
        b'{"a":1,"b":[1,2.0,2.5,true,null,"\xe4\xb8\xad"],"c":{"a":"x","d":{"a":false}},"e":[]}',
        "a=1&b=1&b.2_=2&b.3_=2.5&b.4_=true&b.5_=null&b.6_=%E4%B8%AD&a.2_=x&a.3_=false",
        "cn,a)/x?__wb_method=post&a=1&a.2_=x&a.3_=false&b=1&b.2_=2&b.3_=2.5&b.4_=true&b.5_=null&b.6_=%e4%b8%ad&z=1",
    ),
    ("POST", "application/json", b"not json", "", "cn,a)/x?__wb_method=post&z=1"),
    ("POST", "text/plain", b'{"k":"v"}', "k=v", "cn,a)/x?__wb_method=post&k=v&z=1"),
    (
        "POST",
        "text/plain;charset=UTF-8",
        b"hello world",
        "__wb_post_data=aGVsbG8gd29ybGQ=",
        "cn,a)/x?__wb_method=post&__wb_post_data=agvsbg8gd29ybgq=&z=1",
    ),
    ("POST", "", b"raw", "__wb_post_data=cmF3", "cn,a)/x?__wb_method=post&__wb_post_data=cmf3&z=1"),
    (
        "PUT",
        "application/octet-stream",
        b"\x00\x01",
        "__wb_post_data=AAE=",
        "cn,a)/x?__wb_method=put&__wb_post_data=aae=&z=1",
    ),
    ("HEAD", "", b"", "", "cn,a)/x?__wb_method=head&z=1"),
    ("OPTIONS", "x", b"abc", "", "cn,a)/x?__wb_method=options&z=1"),
    ("POST", "", b"", "", "cn,a)/x?__wb_method=post&z=1"),
    ("POST", "application/json", b"[]", "", "cn,a)/x?__wb_method=post&z=1"),
    (
        "POST",
        "multipart/form-data; boundary=XX",
        b'--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n1 \xe4\xb8\xad\r\n'
        b'--XX\r\nContent-Disposition: form-data; name="f"; filename="x.txt"\r\nContent-Type: text/plain\r\n\r\n'
        b"file\xffdata\r\n--XX--\r\n",
        "a=1+%E4%B8%AD&f=file%FFdata",
        "cn,a)/x?__wb_method=post&a=1+%e4%b8%ad&f=file%ffdata&z=1",
    ),
    (
        "POST",
        "multipart/form-data",
        b"--XX--",
        "__wb_post_data=LS1YWC0t",
        "cn,a)/x?__wb_method=post&__wb_post_data=ls1ywc0t&z=1",
    ),
    ("POST", "application/json", b"1e400", "", "cn,a)/x?__wb_method=post&z=1"),
    ("POST", "application/json", b'{"":1,"x":{"":2}}', "", "cn,a)/x?__wb_method=post&z=1"),
]


@pytest.mark.parametrize(("method", "content_type", "body", "query", "key"), ANSWERS)
def test_bodies_are_folded_as_pywb_does(method: str, content_type: str, body: bytes, query: str, key: str) -> None:
    assert body_query(method, content_type, body) == query
    assert surt(folded_url("http://a.cn/x?z=1", method, query)) == key


def test_get_leaves_the_url_alone() -> None:
    assert folded_url("http://a.cn/x", "GET", "") == "http://a.cn/x"


def test_a_long_body_counts_up_to_the_limit() -> None:
    query = body_query("POST", "application/x-www-form-urlencoded", b"a=" + b"x" * 10_000)
    assert query == "a=" + "x" * (QUERY_LIMIT - 2)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 50_000, b"\xff", b'"'])
def test_json_that_is_none_stops_nothing(body: bytes) -> None:
    assert body_query("POST", "application/json", body) == ""
