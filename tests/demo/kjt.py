"""Site 000, kjt.demo.example: a provincial department on a TRS-like CMS.

Our guess of what such a CMS emits, after its public marks (createPageHTML, tYYYYMMDD_ID.html, TRS_UEDITOR, the page
tags of the government site standard); real departments differ.  Each article stands twice in its HTML, for desktop
and for mobile, with the labels in another order; the wall of departments stands twice on every page.
"""

import posixpath
from datetime import date
from html import escape

from tests.demo import files
from tests.demo.model import Answer, Article, Attachment, Column, DemoSite, ListPage, Precision, moment, revise, spread
from tests.demo.text import Draft, Writer
from tests.demo.words import CITIES, MEDIA

NEWEST = date(2025, 2, 27)
POLICY_SLOTS = (5, 11, 17, 23, 29, 34, 38, 42)
# Slot: place in state 1 counted from the newest article; -3, -2, -1 are the new ones of state 2.
MARKS = {
    "changed": (2,),
    "removed": (8,),
    "pinned-in-gzdt": (30,),
    "redirected": (9,),
    "in-both-columns": (6, 14),
    "empty-attachments": (0, 1, 3, 12, 15, 20, 21, 31, 36),
    "pdf": (5, 10, 23, 29),
    "docx": (5, 13, 29),
    "xlsx": (16, 23),
    "source-with-place": (1, 7, 15, 21, 27, 33),
    "empty-source": (18, 26),
    "style-in-body": (4, 13, 22, 31, 40),
    "metas": tuple(range(-2, 44, 2)),
}
OFFICES = ("办公室", "政策法规处", "高新技术处", "社会发展处", "成果转化处", "科技监督处", "农村科技处")
DEPARTMENTS = (
    *("发展和改革委员会", "教育厅", "科学技术厅", "工业和信息化厅", "公安厅", "民政厅", "司法厅", "财政厅"),
    *(
        "人力资源和社会保障厅",
        "自然资源厅",
        "生态环境厅",
        "住房和城乡建设厅",
        "交通运输厅",
        "水利厅",
        "农业农村厅",
        "商务厅",
    ),
    *("文化和旅游厅", "卫生健康委员会", "退役军人事务厅", "应急管理厅", "审计厅", "市场监督管理局", "统计局", "林业局"),
    *("体育局", "广播电视局", "医疗保障局", "地方金融管理局", "信访局", "国防动员办公室"),
)
MIME = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
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
PAGER_JS = """// Writes the page turn links of a list: total pages, this page (from 0), file name, extension.
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


class Kjt(DemoSite):
    name = "kjt"
    host = "kjt.demo.example"
    title = "岚江省科学技术厅"
    site_id_code = "9900000057"
    columns = (
        Column("gzdt", "工作动态", "/kjdt/gzdt/", 8),
        Column("mtjj", "媒体聚焦", "/kjdt/mtjj/", 8),
        Column("zcwj", "政策文件", "/zwgk/zcwj/", 8),
    )
    removal = "gone"
    disallowed = ("/search/index.html",)

    # ------------------------------------------------------------------------------------------- articles
    def write(self) -> list[Article]:
        writer = Writer("demo-kjt")
        marks = spread(MARKS)
        stock = []
        for slot, day in enumerate(writer.days(NEWEST, 47), -3):
            found = marks.get(slot, frozenset())
            key = "zcwj" if slot in POLICY_SLOTS else "gzdt" if slot % 2 == 0 else "mtjj"
            draft = writer.policy(day, self.title) if key == "zcwj" else writer.news(day)
            stock.append(self._article(slot, day, key, draft, found, writer))
        changed = next(a for a in stock if "changed" in a.marks)
        self.edits[changed.path] = revise(changed, writer.sentence(changed.at.date()))
        self._name_traps(stock)
        return stock

    def _article(self, slot: int, day: date, key: str, draft: Draft, marks: frozenset[str], writer: Writer) -> Article:
        number = 2400 - slot * 7
        folder = next(c.path for c in self.columns if c.key == key)
        name = f"{day:%Y%m}/t{day:%Y%m%d}_{number}.html"
        listed_as = None
        if "redirected" in marks:
            listed_as, folder = folder + name, "/ztzl/cxzl/"
        timed = slot % 3 == 0
        precision: Precision = "minute" if timed else "day"
        at = moment(day, f"{8 + slot % 9:02d}:{slot * 13 % 60:02d}" if timed else None)
        here = posixpath.dirname(folder + name)
        return Article(
            number=number,
            path=folder + name,
            title=draft.title,
            at=at,
            precision=precision,
            paragraphs=draft.paragraphs,
            columns=("gzdt", "mtjj") if "in-both-columns" in marks else (key,),
            source=_source(key, marks, writer),
            row_title=draft.title,
            listed_as=listed_as,
            attachments=_attachments(here, at.strftime("%Y%m%d"), number, draft, marks),
            pictures=_pictures(here, day, number) if slot % 4 == 1 and key != "zcwj" else (),
            doc=_doc_fields(day, number, draft, self.title) if key == "zcwj" else (),
            marks=marks,
            born=2 if slot < 0 else 1,
            gone=2 if "removed" in marks else None,
        )

    def _name_traps(self, stock: list[Article]) -> None:
        def first(mark: str) -> str:
            return next(a.path for a in stock if mark in a.marks and a.born == 1)

        redirected = next(a for a in stock if a.listed_as)
        plain = next(a for a in stock if a.born == 1 and not a.marks & {"metas"})
        self.traps |= {
            "pager-in-script": "/kjdt/gzdt/",
            "desktop-and-mobile-copy": first("source-with-place"),
            "column-name-above-headline": first("source-with-place"),
            "source-glued-to-place": first("source-with-place"),
            "empty-source-label": first("empty-source"),
            "page-controls": first("empty-attachments"),
            "department-wall-twice": first("empty-attachments"),
            "empty-attachment-block": first("empty-attachments"),
            "attachment-pdf": first("pdf"),
            "attachment-docx": first("docx"),
            "attachment-xlsx": first("xlsx"),
            "style-inside-body": first("style-in-body"),
            "article-metas": first("metas"),
            "no-article-metas": plain.path,
            "policy-table": next(a.path for a in stock if a.doc),
            "article-redirects": redirected.listed_as or "",
            "two-icp-numbers": plain.path,
            "pinned-row": "/kjdt/gzdt/",
            "cut-row-title": "/kjdt/gzdt/",
            "listed-twice": first("in-both-columns"),
            "silent-edit": first("changed"),
            "gone-404": first("removed"),
        }

    # ------------------------------------------------------------------------------------------- pages
    def list_path(self, column: Column, number: int) -> str:
        return column.path if number == 1 else f"{column.path}index_{number - 1}.html"

    def pages(self) -> dict[str, Answer]:
        home = self._answer(self._frame("网站首页", self._home(), ""), self.articles()[0])
        out = {"/": home, "/index.html": home}
        for path, (name, text) in PLAIN_PAGES.items():
            out[path] = self._answer(self._frame(name, f"<h2>{name}</h2><p>{text}</p>", ""))
        out |= {
            "/robots.txt": Answer(b"User-agent: *\nDisallow: /search/\nCrawl-delay: 0\n", "text/plain"),
            "/css/base.css": self._file(BASE_CSS.encode(), "text/css"),
            "/css/style.css": self._file(STYLE_CSS.encode(), "text/css"),
            "/js/page.js": self._file(PAGER_JS.encode(), "application/javascript"),
            "/images/bg.png": self._file(files.png(16, 96, (11, 79, 158)), "image/png"),
            "/images/logo.png": self._file(files.png(240, 60, (180, 30, 30)), "image/png"),
            "/images/wx.gif": self._file(files.gif((30, 160, 60)), "image/gif"),
            "/images/banner.jpg": self._file(files.jpeg(80, 20, 50), "image/jpeg"),
        }
        return out

    def missing(self) -> Answer:
        body = self._frame("页面未找到", "<p>抱歉，您要找的内容没有了，请返回首页。</p>", "")
        return Answer(body.encode(), status=404, etag="none")

    def list_answer(self, page: ListPage) -> dict[str, Answer]:
        rows = "\n".join(self._row(page, a, index < page.pinned) for index, a in enumerate(page.articles))
        turn = f'createPageHTML({page.total}, {page.number - 1}, "index", "html");'
        body = (
            f'{self._position(page.column)}<h2>{page.column.name}</h2>\n<ul class="list">\n{rows}\n</ul>\n'
            f'<div class="pages"><script>{turn}</script></div>'
        )
        metas = f'<meta name="ColumnName" content="{page.column.name}">\n<meta name="ColumnType" content="工作动态">'
        answer = self._answer(self._frame(page.column.name, body, metas), page.articles[page.pinned])
        first = {f"{page.column.path}index.html": answer} if page.number == 1 else {}
        return {page.path: answer, **first}

    def _row(self, page: ListPage, article: Article, pinned: bool) -> str:
        title = article.title if len(article.title) <= 24 else article.title[:22] + "…"
        link = "./" + posixpath.relpath(article.link, page.column.path)
        mark = '<em class="top">[置顶]</em>' if pinned else ""
        return (
            f'<li>{mark}<a href="{link}" target="_blank" title="{escape(article.title)}">{escape(title)}</a>'
            f"<span>{article.day}</span></li>"
        )

    def article_answer(self, article: Article) -> Answer:
        column = next(c for c in self.columns if c.key == article.columns[0])
        body = self._desktop(article, column)
        metas = self._metas(article, column) if "metas" in article.marks else ""
        title = f"{article.title}_{column.name}_{self.title}"
        return self._answer(self._frame(title, body, metas, self._mobile(article, column)), article)

    def _desktop(self, article: Article, column: Column) -> str:
        source, when = article.source or "", f"{article.at:%Y-%m-%d %H:%M}"
        return f"""{self._position(column)}
{_doc_table(article)}
<div class="xl-title"><h1>{escape(article.title)}</h1></div>
<div class="xl-info"><span>来源:{source} </span><span>发布日期:{when} </span>
<div class="font">字体：[ <a href="javascript:doZoom(20)">大</a> | <a href="javascript:doZoom(16)">中</a>
| <a href="javascript:doZoom(14)">小</a> ]</div>
<div class="share">分享到：<a href="javascript:;">微信</a> <a href="javascript:;">微博</a></div>
<div class="print"><a href="javascript:window.print()">打印本页</a></div></div>
<div id="zoom" class="xl-text"><div class="view TRS_UEDITOR trs_paper_default trs_web">
{_body(article)}
</div></div>
{_attachment_block(article)}
{self._prev_next(article)}"""

    def _mobile(self, article: Article, column: Column) -> str:
        source, when = article.source or "", f"{article.at:%Y-%m-%d %H:%M}"
        return f"""{self._position(column)}
<h2 class="lm">{column.name}</h2>
<h3 class="bt">{escape(article.title)}</h3>
<p class="xx">发布时间:{when}&nbsp; 来源:{source}</p>
<div class="nr"><div class="view TRS_UEDITOR trs_paper_default trs_web">
{_body(article)}
</div></div>
{_attachment_block(article)}"""

    def _prev_next(self, article: Article) -> str:
        newer, older = self.neighbours(article)
        lines = []
        for label, other in (("上一篇", newer), ("下一篇", older)):
            link = f'<a href="{other.link}">{escape(other.title)}</a>' if other else "没有了"
            lines.append(f"<p>{label}: {link}</p>")
        return f'<div class="sxp">{"".join(lines)}</div>'

    def _metas(self, article: Article, column: Column) -> str:
        values = {
            "ColumnName": column.name,
            "ColumnType": "政策文件" if article.doc else "工作动态",
            "ArticleTitle": article.title,
            "PubDate": f"{article.at:%Y-%m-%d %H:%M}",
            "ContentSource": article.source or "",
            "Keywords": "科技;产业;园区",
        }
        return "\n".join(f'<meta name="{name}" content="{escape(value)}">' for name, value in values.items())

    def _home(self) -> str:
        parts = ['<div class="banner"><img src="/images/banner.jpg" alt="演示图片"></div>']
        for column in self.columns:
            rows = "\n".join(
                f'<li><a href=".{a.link}" title="{escape(a.title)}">{escape(a.title)}</a><span>{a.at:%m-%d}</span></li>'
                for a in self.listed(column)[:5]
            )
            parts.append(f'<h3>{column.name} <a href="{column.path}">更多</a></h3>\n<ul class="list">\n{rows}\n</ul>')
        return "\n".join(parts)

    def _position(self, column: Column) -> str:
        group = "政务公开" if column.key == "zcwj" else "科技动态"
        here = f'<a href="{column.path}" class="CurrChnlCls">{column.name}</a>'
        return (
            f'<div class="position">当前位置: <a href="/" class="CurrChnlCls">首页</a> &gt; {group} &gt; {here}</div>'
        )

    def _frame(self, title: str, body: str, metas: str, mobile: str | None = None) -> str:
        wall = "".join(
            f'<li><a href="http://d{i:02d}.lanjiang.example/">{d}</a></li>' for i, d in enumerate(DEPARTMENTS)
        )
        nav = "".join(f'<li><a href="{path}">{name}</a></li>' for path, name in NAV)
        full = title if self.title in title else f"{title}_{self.title}"
        return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="SiteName" content="{self.title}">
<meta name="SiteDomain" content="{self.host}">
<meta name="SiteIDCode" content="{self.site_id_code}">
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
<div class="logo"><img src="/images/logo.png" alt="{self.title}"></div>
<ul class="nav">{nav}</ul>
<div class="main">
{body}
</div>
<div class="foot"><p><a href="/wzsm/">网站声明</a> <a href="/wzdt/">网站地图</a> <a href="/lxwm/">联系我们</a></p>
<p>主办单位:{self.title} 承办单位:岚江省科技信息中心 政府网站标识码:{self.site_id_code}</p>
<p>岚ICP备00000020号-1 岚公网安备00000000000335号</p>
<p>地址:岚江省澄湾市演示路1号 电话:0000-0000000 传真:0000-0000001</p>
<p><img src="/images/wx.gif" alt="微信公众号"> 微信公众号</p></div>
</div>
<div class="wap">
<div class="wap-top">岚江省人民政府网站 无障碍浏览</div>
<div class="wall">部门网站导航<p>省政府组成部门</p><ul>{wall}</ul></div>
<ul class="nav">{nav}</ul>
{mobile or ""}
<div class="foot"><p>主办单位:{self.title}</p><p>岚ICP备00000535号 岚公网安备:00000000000857号</p>
<p>地址:岚江省澄湾市演示路1号</p><p>电话:0000-0000000 传真:0000-0000001</p></div>
</div>
</body>
</html>
"""

    def _answer(self, text: str, newest: Article | None = None) -> Answer:
        return Answer(text.encode(), modified=newest.at if newest else moment(date(2023, 1, 9), "08:00"))

    def _file(self, data: bytes, mime: str) -> Answer:
        return Answer(data, mime, modified=moment(date(2023, 1, 9), "08:00"))


def _source(key: str, marks: frozenset[str], writer: Writer) -> str | None:
    media, city, office = writer.rng.choice(MEDIA), writer.rng.choice(CITIES), writer.rng.choice(OFFICES)
    if "empty-source" in marks:
        return None
    if "source-with-place" in marks:
        return media + city
    return {"mtjj": media, "gzdt": office, "zcwj": "岚江省科学技术厅"}[key]


def _attachments(here: str, stamp: str, number: int, draft: Draft, marks: frozenset[str]) -> tuple[Attachment, ...]:
    made = {
        "pdf": files.pdf([f"Demo attachment {number}", f"Dated {stamp}", "All contents are invented."]),
        "docx": files.docx(["申报书（演示）", draft.title, *draft.paragraphs[:2]]),
        "xlsx": files.xlsx([["序号", "单位", "金额"], ["1", "演示单位甲", "120"], ["2", "演示单位乙", str(number)]]),
    }
    titles = {"pdf": "申报指南", "docx": "申报书", "xlsx": "拟支持项目清单"}
    kinds = [kind for kind in made if kind in marks]
    return tuple(
        Attachment(f"{here}/P0{stamp}{number}{i}.{kind}", f"附件{i}：{titles[kind]}.{kind}", made[kind], MIME[kind])
        for i, kind in enumerate(kinds, 1)
    )


def _pictures(here: str, day: date, number: int) -> tuple[Attachment, ...]:
    data = files.png(320, 120, (number % 200, 90, (number * 7) % 200))
    return (Attachment(f"{here}/W0{day:%Y%m%d}{number}.png", "现场图片", data, "image/png"),)


def _doc_fields(day: date, number: int, draft: Draft, issuer: str) -> tuple[tuple[str, str], ...]:
    return (
        ("索引号", f"990000057/{day:%Y}-{number:05d}"),
        ("主题分类", "科技、教育/科技"),
        ("发文机关", issuer),
        ("成文日期", f"{day.year}年{day.month}月{day.day}日"),
        ("发文字号", f"岚科发〔{day.year}〕{number % 90 + 3}号"),
        ("有效性", "有效"),
    )


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
        image = f'<img src="./{name}" oldsrc="{name}" alt="{picture.title}">'
        lines.insert(1, f'<p align="center">{image}</p>')
    return style + "\n".join(lines)


def _attachment_block(article: Article) -> str:
    if not article.attachments:
        return '<div class="fj">附件:</div>' if "empty-attachments" in article.marks else ""
    links = "".join(
        f'<li><a href="./{posixpath.basename(f.path)}">{escape(f.title)}</a></li>' for f in article.attachments
    )
    return f'<div class="fj">附件:<ul>{links}</ul></div>'
