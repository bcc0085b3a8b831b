"""Templates of site 000: its articles and lists -> HTML, style sheets and scripts of a TRS-like CMS.

Our guess, like all of the site: see tests.demo.kjt, the only user.
"""

import posixpath
from html import escape

from tests.demo.model import Article, Column, ListPage

TITLE = "岚江省科学技术厅"
HOST = "kjt.demo.example"
SITE_ID_CODE = "9900000057"  # region 99 does not exist
DEPARTMENTS = (
    *("发展和改革委员会", "教育厅", "科学技术厅", "工业和信息化厅", "公安厅", "民政厅", "司法厅", "财政厅"),
    *("人力资源和社会保障厅", "自然资源厅", "生态环境厅", "住房和城乡建设厅", "交通运输厅", "水利厅", "农业农村厅"),
    *("商务厅", "文化和旅游厅", "卫生健康委员会", "退役军人事务厅", "应急管理厅", "审计厅", "市场监督管理局", "统计局"),
    *("林业局", "体育局", "广播电视局", "医疗保障局", "地方金融管理局", "信访局", "国防动员办公室"),
)
NAV = (
    ("/", "网站首页"),
    ("/zzjg/", "组织机构"),
    ("/kjdt/gzdt/", "工作动态"),
    ("/kjdt/mtjj/", "媒体聚焦"),
    ("/zwgk/zcwj/", "政策文件"),
    ("/hdjl/", "互动交流"),
)
PLAIN_PAGES = {
    "/zzjg/": ("组织机构", "厅机关设办公室、政策法规处、高新技术处、成果转化处等内设机构，直属单位五家。"),
    "/hdjl/": ("互动交流", "欢迎通过在线信箱提出意见建议，工作人员将在五个工作日内回复。"),
    "/wzsm/": ("网站声明", "本网站内容仅供演示，所载单位、人员、数字均为虚构，不对应任何真实机构。"),
    "/lxwm/": ("联系我们", "地址：岚江省澄湾市演示路1号；值班电话：0000-0000000；邮编：000000。"),
    "/wzdt/": ("网站地图", "工作动态、媒体聚焦、政策文件、组织机构、互动交流。"),
    "/login.html": ("用户登录", "请输入用户名和密码。"),
    "/search/index.html": ("站内检索", "请输入检索词。"),
}
PAGE_JS = """// Writes the page turn links of a list: total pages, this page (from 0), file name, extension.
function createPageHTML(total, current, name, ext) {
  function file(i) { return name + (i ? "_" + i : "") + "." + ext; }
  function link(i, text) { return i === current ? text : '<a href="' + file(i) + '">' + text + "</a>"; }
  var out = [];
  if (current > 0) { out.push(link(current - 1, "上一页")); }
  for (var i = 0; i < total; i++) { out.push(link(i, i + 1)); }
  if (current + 1 < total) { out.push(link(current + 1, "下一页")); }
  document.write(out.join(" "));
}
function doZoom(size) { document.getElementById("zoom").style.fontSize = size + "px"; }
"""
BASE_CSS = "body{margin:0;font:16px/1.8 sans-serif;color:#222}a{color:#06468f}img{max-width:100%}ul{list-style:none}\n"
STYLE_CSS = """@import url("base.css");
.top{background:#0b4f9e url(../images/bg.png) repeat-x;color:#fff;padding:18px}
.wall li,.nav li,.list span{display:inline-block;margin-right:12px}
.wap{display:none}
@media (max-width:720px){.pc{display:none}.wap{display:block}}
.foot{border-top:2px solid #0b4f9e;padding:12px;font-size:13px}
"""


def frame(title: str, body: str, metas: str = "", mobile: str = "") -> str:
    """Return a whole page.  body, mobile: what stands in the desktop and in the mobile half."""
    wall = "".join(f'<li><a href="http://d{i:02d}.lanjiang.example/">{d}</a></li>' for i, d in enumerate(DEPARTMENTS))
    nav = "".join(f'<li><a href="{path}">{name}</a></li>' for path, name in NAV)
    full = title if title.endswith(TITLE) else f"{title}_{TITLE}"
    return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="SiteName" content="{TITLE}">
<meta name="SiteDomain" content="{HOST}">
<meta name="SiteIDCode" content="{SITE_ID_CODE}">
{metas}
<title>{escape(full)}</title>
<link rel="stylesheet" href="/css/style.css">
<script src="/js/page.js"></script>
</head>
<body>
<div class="pc">
<div class="top">岚江省人民政府网站 <a href="javascript:;">长辈版</a> <a href="javascript:;">无障碍</a>
<a href="/login.html">登录/注册</a> <a href="/search/index.html">检索</a></div>
<div class="wall">部门网站导航<p>省政府组成部门</p><ul>{wall}</ul></div>
<div class="logo"><img src="/images/logo.png" alt="{TITLE}"></div>
<ul class="nav">{nav}</ul>
<div class="main">
{body}
</div>
<div class="foot"><p><a href="/wzsm/">网站声明</a> <a href="/wzdt/">网站地图</a> <a href="/lxwm/">联系我们</a></p>
<p>主办单位:{TITLE} 承办单位:岚江省科技信息中心 政府网站标识码:{SITE_ID_CODE}</p>
<p>岚ICP备00000020号-1 岚公网安备00000000000335号</p>
<p>地址:岚江省澄湾市演示路1号 电话:0000-0000000 传真:0000-0000001</p>
<p><img src="/images/wx.gif" alt="微信公众号"> 微信公众号</p></div>
</div>
<div class="wap">
<div class="wap-top">岚江省人民政府网站 无障碍浏览</div>
<div class="wall">部门网站导航<p>省政府组成部门</p><ul>{wall}</ul></div>
<ul class="nav">{nav}</ul>
{mobile}
<div class="foot"><p>主办单位:{TITLE}</p><p>岚ICP备00000535号 岚公网安备:00000000000857号</p>
<p>地址:岚江省澄湾市演示路1号</p><p>电话:0000-0000000 传真:0000-0000001</p></div>
</div>
</body>
</html>
"""


def plain_page(name: str, text: str) -> str:
    return frame(name, f"<h2>{name}</h2><p>{text}</p>")


def home_page(columns: list[tuple[Column, list[Article]]]) -> str:
    """Return the home page.  columns: each with what it shows of it."""
    parts = ['<div class="banner"><img src="/images/banner.jpg" alt="演示图片"></div>']
    for column, articles in columns:
        rows = "\n".join(
            f'<li><a href=".{a.link}" title="{escape(a.title)}">{escape(a.title)}</a><span>{a.at:%m-%d}</span></li>'
            for a in articles
        )
        parts.append(f'<h3>{column.name} <a href="{column.path}">更多</a></h3>\n<ul class="list">\n{rows}\n</ul>')
    return frame("网站首页", "\n".join(parts))


def list_page(page: ListPage) -> str:
    rows = "\n".join(_row(page, article, index < page.pinned) for index, article in enumerate(page.articles))
    turn = f'createPageHTML({page.total}, {page.number - 1}, "index", "html");'
    name = page.column.name
    body = (
        f'{_position(page.column)}<h2>{name}</h2>\n<ul class="list">\n{rows}\n</ul>\n'
        f'<div class="pages"><script>{turn}</script></div>'
    )
    return frame(name, body, f'<meta name="ColumnName" content="{name}">\n<meta name="ColumnType" content="工作动态">')


def article_page(article: Article, column: Column, newer: Article | None, older: Article | None) -> str:
    """Return an article page.  newer, older: its neighbours in the column, for 上一篇 and 下一篇."""
    body = _desktop(article, column) + "\n" + _prev_next(newer, older)
    metas = _metas(article, column) if "metas" in article.marks else ""
    return frame(f"{article.title}_{column.name}_{TITLE}", body, metas, _mobile(article, column))


def _row(page: ListPage, article: Article, pinned: bool) -> str:
    title = article.title if len(article.title) <= 24 else article.title[:22] + "…"
    link = "./" + posixpath.relpath(article.link, page.column.path)
    mark = '<em class="top">[置顶]</em>' if pinned else ""
    return (
        f'<li>{mark}<a href="{link}" target="_blank" title="{escape(article.title)}">{escape(title)}</a>'
        f"<span>{article.day}</span></li>"
    )


def _desktop(article: Article, column: Column) -> str:
    return f"""{_position(column)}
{_doc_table(article)}
<div class="xl-title"><h1>{escape(article.title)}</h1></div>
<div class="xl-info"><span>来源:{article.source or ""} </span><span>发布日期:{article.at:%Y-%m-%d %H:%M} </span>
<div class="font">字体：[ <a href="javascript:doZoom(20)">大</a> | <a href="javascript:doZoom(16)">中</a>
| <a href="javascript:doZoom(14)">小</a> ]</div>
<div class="share">分享到：<a href="javascript:;">微信</a> <a href="javascript:;">微博</a></div>
<div class="print"><a href="javascript:window.print()">打印本页</a></div></div>
<div id="zoom" class="xl-text"><div class="view TRS_UEDITOR trs_paper_default trs_web">
{_body(article)}
</div></div>
{_attachment_block(article)}"""


def _mobile(article: Article, column: Column) -> str:
    return f"""{_position(column)}
<h2 class="lm">{column.name}</h2>
<h3 class="bt">{escape(article.title)}</h3>
<p class="xx">发布时间:{article.at:%Y-%m-%d %H:%M}&nbsp; 来源:{article.source or ""}</p>
<div class="nr"><div class="view TRS_UEDITOR trs_paper_default trs_web">
{_body(article)}
</div></div>
{_attachment_block(article)}"""


def _position(column: Column) -> str:
    group = "政务公开" if column.key == "zcwj" else "科技动态"
    here = f'<a href="{column.path}" class="CurrChnlCls">{column.name}</a>'
    return f'<div class="position">当前位置: <a href="/" class="CurrChnlCls">首页</a> &gt; {group} &gt; {here}</div>'


def _prev_next(newer: Article | None, older: Article | None) -> str:
    lines = []
    for label, other in (("上一篇", newer), ("下一篇", older)):
        link = f'<a href="{other.link}">{escape(other.title)}</a>' if other else "没有了"
        lines.append(f"<p>{label}: {link}</p>")
    return f'<div class="sxp">{"".join(lines)}</div>'


def _metas(article: Article, column: Column) -> str:
    values = {
        "ColumnName": column.name,
        "ColumnType": "政策文件" if article.doc else "工作动态",
        "ArticleTitle": article.title,
        "PubDate": f"{article.at:%Y-%m-%d %H:%M}",
        "ContentSource": article.source or "",
        "Keywords": "科技;产业;园区",
    }
    return "\n".join(f'<meta name="{name}" content="{escape(value)}">' for name, value in values.items())


def _doc_table(article: Article) -> str:
    if not article.doc:
        return ""
    cells = [f'<td class="k">{_wide(k)}：</td><td>{escape(v)}</td>' for k, v in article.doc]
    rows = "\n".join(f"<tr>{cells[i]}{cells[i + 1]}</tr>" for i in range(0, len(cells), 2))
    return f'<table class="xxgk_table">\n{rows}\n</table>'


def _wide(label: str) -> str:
    """Return a three-character label with the spaces that such tables put in to align it."""
    return " ".join(label) if len(label) == 3 else label


def _body(article: Article) -> str:
    style = '<style type="text/css">.TRS_Editor P{margin-top:1em}</style>\n' if "style-in-body" in article.marks else ""
    lines = [f'<p style="text-indent:2em">{escape(text)}</p>' for text in article.paragraphs]
    for picture in article.pictures:
        name = posixpath.basename(picture.path)
        lines.insert(1, f'<p align="center"><img src="./{name}" oldsrc="{name}" alt="{picture.title}"></p>')
    return style + "\n".join(lines)


def _attachment_block(article: Article) -> str:
    if not article.attachments:
        return '<div class="fj">附件:</div>' if "empty-attachments" in article.marks else ""
    links = "".join(
        f'<li><a href="./{posixpath.basename(f.path)}">{escape(f.title)}</a></li>' for f in article.attachments
    )
    return f'<div class="fj">附件:<ul>{links}</ul></div>'
