"""An answer that is not the page we asked for -> the name of what stands in the way.

Sites guard themselves with challenges, sliders, logins and pages that say 200 and mean 404.  They are named, recorded
and left alone: nothing here helps to pass one.  Names are stable: they go into findings and the onboarding summary.

| name | what it is |
|---|---|
| ruishu | 瑞数 (RiverSecurity): 412, or 202/400 with `$_ts` and r='m' |
| jiasule | 加速乐: 521 with a script that sets __jsl_clearance |
| c3vk | a few hundred bytes that set the cookie C3VK and reload |
| aliyun-waf | acw_sc__v2 script page, 405 by errors.aliyun.com |
| wzws | 奇安信/360 网站卫士: wzwschallenge, 491 |
| yunsuo, safedog, safeline, baota, cloudflare, f5, waf | other walls, by their own words |
| slider | a puzzle or slider (blockpuzzle, pageVerify.html) |
| captcha | asks for 验证码 or says that visits are too frequent |
| wechat-verify | 环境异常 … 完成验证后即可继续访问 |
| login | a login form instead of the page, 401 |
| forbidden, too-many, refused | 403, 429, other refusals that say no more |
| soft-404 | 200 and "the page does not exist" |
| empty | 200 and no body to speak of |
"""

import re
from collections.abc import Sequence

LOOKED_AT = 20_000  # characters; challenges are small, and a long page is a page
SMALL = 700  # characters of visible text: more is an article that talks about 验证码

WALLS = {
    "ruishu": r"\$_ts\s*=\s*window\[|window\.\$_ts|<(?:meta|script)[^>]{0,300}\sr=['\"]m['\"]|FSSBBIl1UgzbN7N",
    "jiasule": r"__jsl_clearance|__jsluid_[sh]",
    "c3vk": r"C3VK=",
    "aliyun-waf": r"acw_sc__v[23]|errors\.aliyun\.com|aliyun_waf",
    "wzws": r"wzwschallenge|wzwsconfirm|wzws_cid|/WZWSRE",
    "yunsuo": r"yunsuo_session_verify|security_session_mid_verify|security_verify_data",
    "safedog": r"safedog|网站防火墙|您的请求带有不合法参数",
    "safeline": r"sl-session|SafeLine|雷池|由长亭",
    "baota": r"宝塔|请求存在(?:威胁|恶意)|btwaf",
    "cloudflare": r"cf-browser-verification|challenge-platform|cf_chl_|Attention Required! \| Cloudflare",
    "f5": r"The requested URL was rejected|Your support ID is|Request Rejected",
    "waf": r"waf_captcha|网防G01|创宇盾|D盾_|护卫神|访问(?:已?被)(?:拦截|阻断|拒绝)|安全拦截",
}
SOFT = {
    "wechat-verify": r"环境异常[\s\S]{0,80}验证",
    "slider": r"blockpuzzle|pageVerify|滑动(?:验证|滑块|完成)|拖动滑块|向右滑动|人机(?:验证|识别)|nc_\w{1,20}_wrapper",
    "captcha": r"输入(?:图形)?验证码|安全验证|(?:访问|操作|请求)(?:过于|太)频繁|are you a? ?(?:human|robot)",
}
SIGNS = {name: re.compile(sign, re.I) for name, sign in (WALLS | SOFT).items()}
MISSING = re.compile(
    r"(?:页面|网页|文章|信息|内容|栏目|文件|頁面|網頁)(?:已)?(?:不存在|被删除|已删除|找不到|走丢|丢失)|"
    r"(?:找不到|未找到|没有找到)(?:该|您|你|此|请求|相关|任何|页面|网页|文件|網頁|頁面)|"
    r"您(?:访问|查看|请求|浏览)的?(?:页面|网页|内容|地址|信息)[^。]{0,12}(?:不存在|已删除|找不到|有误|出错)|"
    r"\b404\b|page (?:was )?not found",
    re.I,
)
# A name that says it all, however much stands around it: whole templates are sent for pages that are not there.
MISSING_NAME = re.compile(
    r"\W*(?:(?:http\s*)?404(?:\s*(?:错误|页面|not found|error|提示))*|error\s*404|not found|page not found|"
    r"(?:对不起|抱歉|很遗憾)?\W*(?:您|你)?(?:访问|查看|请求|浏览)?的?(?:页面|网页|頁面|網頁|文章|信息|内容)(?:已经?)?"
    r"(?:不存在|被删除|已删除|找不到|未找到|没有找到|走丢了?|丢失了?)了?)\W*",
    re.I,
)
LOGIN = re.compile(r"<input[^>]{0,200}type=[\"']?password", re.I)
LOGIN_NAME = re.compile(r"登\s*[录陆錄]|统一身份认证|单点登录|\bsign\s?in\b|\blog\s?in\b|\bSSO\b", re.I)
TAGS = re.compile(r"<(script|style|noscript)\b.*?(?:</\1\s*>|$)|<!--.*?(?:-->|$)|<[^<>]{0,2000}>", re.S | re.I)
TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,300})", re.I)


def blocked(status: int, headers: Sequence[tuple[str, str]], text: str) -> str | None:
    """Return the name of the obstacle, None if the answer is what it says it is.

    status: 404, 410 and 5xx are honest answers and no obstacle.  text: decoded body; its first part is enough.
    """
    start = text[:LOOKED_AT]
    cookies = " ".join(value for name, value in headers if name.lower() in ("set-cookie", "server", "location"))
    seen = " ".join(TAGS.sub(" ", start).split())
    small = len(seen) < SMALL and len(text) < LOOKED_AT
    for name in WALLS:
        if (small and SIGNS[name].search(start)) or (status >= 400 and SIGNS[name].search(start + cookies)):
            return name
    if any(name.lower() == "wzws-ray" for name, _ in headers) and ((small and len(seen) < 50) or status >= 400):
        return "wzws"
    if status == 412 or (status in (202, 400) and "<script" in start and len(seen) < 50):
        return "ruishu"
    if status == 521:
        return "jiasule"
    if status in (401, 407):
        return "login"
    if small and status not in (404, 410):
        for name in SOFT:
            if SIGNS[name].search(start):
                return name
        title = TITLE.search(start)
        if _few_links(start) and LOGIN.search(start) and LOGIN_NAME.search(title[1] if title else seen[:200]):
            return "login"
    if status == 403:
        return "forbidden"
    if status in (418, 429):
        return "too-many"
    if status in (405, 406, 451, 468, 491, 493, 495, 496, 497):
        return "refused"
    if status == 200:
        title = TITLE.search(start)
        if title and any(MISSING_NAME.fullmatch(part) for part in re.split(r"[-_|–—]", title[1])):
            return "soft-404"
    return _hollow(start, seen) if status == 200 and small else None


def _few_links(start: str) -> bool:
    return start.count("<a ") + start.count("<A ") < 12


def _hollow(start: str, seen: str) -> str | None:
    """soft-404 and empty: a page of few words without links to speak of."""
    title = TITLE.search(start)
    named = title[1] if title else ""
    if _few_links(start) and MISSING.search(named + " " + seen) and len(seen) < 400:
        return "soft-404"
    return "empty" if not start.strip() else None
