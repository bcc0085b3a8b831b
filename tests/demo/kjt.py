"""Site 000, kjt.demo.example: a provincial department on a TRS-like CMS.

Our guess of what such a CMS emits, after its public marks (createPageHTML, tYYYYMMDD_ID.html, TRS_UEDITOR, the page
tags of the government site standard); real departments differ.  Each article stands twice in its HTML, for desktop
and for mobile, with the labels in another order; the wall of departments stands twice on every page.
"""

import posixpath
from datetime import date

from tests.demo import files, kjt_pages
from tests.demo.model import Answer, Article, Attachment, Column, DemoSite, ListPage, Precision, moment, revise, spread
from tests.demo.text import Draft, Writer
from tests.demo.words import CITIES, MEDIA

NEWEST = date(2025, 2, 27)
BUILT = moment(date(2023, 1, 9), "08:00")
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
OFFICE_FORMAT = "application/vnd.openxmlformats-officedocument"
MIME = {
    "pdf": "application/pdf",
    "docx": f"{OFFICE_FORMAT}.wordprocessingml.document",
    "xlsx": f"{OFFICE_FORMAT}.spreadsheetml.sheet",
}


class Kjt(DemoSite):
    name = "kjt"
    host = kjt_pages.HOST
    title = kjt_pages.TITLE
    site_id_code = kjt_pages.SITE_ID_CODE
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
            key = "zcwj" if slot in POLICY_SLOTS else "gzdt" if slot % 2 == 0 else "mtjj"
            draft = writer.policy(day, self.title) if key == "zcwj" else writer.news(day)
            stock.append(self._article(slot, day, key, draft, marks.get(slot, frozenset()), writer))
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
        here = posixpath.dirname(folder + name)
        return Article(
            number=number,
            path=folder + name,
            title=draft.title,
            at=moment(day, f"{8 + slot % 9:02d}:{slot * 13 % 60:02d}" if timed else None),
            precision=precision,
            paragraphs=draft.paragraphs,
            columns=("gzdt", "mtjj") if "in-both-columns" in marks else (key,),
            source=_source(key, marks, writer),
            row_title=draft.title,
            listed_as=listed_as,
            attachments=_attachments(here, f"{day:%Y%m%d}", number, draft, marks),
            pictures=_pictures(here, day, number) if slot % 4 == 1 and key != "zcwj" else (),
            doc=_doc_fields(day, number, self.title) if key == "zcwj" else (),
            marks=marks,
            born=2 if slot < 0 else 1,
            gone=2 if "removed" in marks else None,
        )

    def _name_traps(self, stock: list[Article]) -> None:
        def first(mark: str) -> str:
            return next(a.path for a in stock if mark in a.marks and a.born == 1)

        without_metas = next(a.path for a in stock if a.born == 1 and "metas" not in a.marks)
        self.traps |= {
            "pager-in-script": "/kjdt/gzdt/",
            "pinned-row": "/kjdt/gzdt/",
            "cut-row-title": "/kjdt/gzdt/",
            "desktop-and-mobile-copy": first("source-with-place"),
            "column-name-above-headline": first("source-with-place"),
            "source-glued-to-place": first("source-with-place"),
            "empty-source-label": first("empty-source"),
            "page-controls": first("empty-attachments"),
            "department-wall-twice": first("empty-attachments"),
            "two-icp-numbers": first("empty-attachments"),
            "empty-attachment-block": first("empty-attachments"),
            "attachment-pdf": first("pdf"),
            "attachment-docx": first("docx"),
            "attachment-xlsx": first("xlsx"),
            "style-inside-body": first("style-in-body"),
            "article-metas": first("metas"),
            "no-article-metas": without_metas,
            "policy-table": next(a.path for a in stock if a.doc),
            "article-redirects": next(a.listed_as for a in stock if a.listed_as),
            "listed-twice": first("in-both-columns"),
            "silent-edit": first("changed"),
            "gone-404": first("removed"),
        }

    # ------------------------------------------------------------------------------------------- pages
    def list_path(self, column: Column, number: int) -> str:
        return column.path if number == 1 else f"{column.path}index_{number - 1}.html"

    def pages(self) -> dict[str, Answer]:
        columns = [(column, self.listed(column)[:5]) for column in self.columns]
        home = Answer(kjt_pages.home_page(columns).encode(), modified=self.articles()[0].at)
        plain = {path: kjt_pages.plain_page(*content).encode() for path, content in kjt_pages.PLAIN_PAGES.items()}
        return {
            "/": home,
            "/index.html": home,
            **{path: Answer(body, modified=BUILT) for path, body in plain.items()},
            "/robots.txt": Answer(b"User-agent: *\nDisallow: /search/\nCrawl-delay: 0\n", "text/plain"),
            "/css/base.css": Answer(kjt_pages.BASE_CSS.encode(), "text/css", modified=BUILT),
            "/css/style.css": Answer(kjt_pages.STYLE_CSS.encode(), "text/css", modified=BUILT),
            "/js/page.js": Answer(kjt_pages.PAGE_JS.encode(), "application/javascript", modified=BUILT),
            "/images/bg.png": Answer(files.png(16, 96, (11, 79, 158)), "image/png", modified=BUILT),
            "/images/logo.png": Answer(files.png(240, 60, (180, 30, 30)), "image/png", modified=BUILT),
            "/images/wx.gif": Answer(files.gif((30, 160, 60)), "image/gif", modified=BUILT),
            "/images/banner.jpg": Answer(files.jpeg(80, 20, 50), "image/jpeg", modified=BUILT),
        }

    def missing(self) -> Answer:
        page = kjt_pages.plain_page("页面未找到", "抱歉，您要找的内容没有了，请返回首页。")
        return Answer(page.encode(), status=404, etag="none")

    def list_answer(self, page: ListPage) -> dict[str, Answer]:
        answer = Answer(kjt_pages.list_page(page).encode(), modified=page.articles[page.pinned].at)
        first = {f"{page.column.path}index.html": answer} if page.number == 1 else {}
        return {page.path: answer, **first}

    def article_answer(self, article: Article) -> Answer:
        column = next(c for c in self.columns if c.key == article.columns[0])
        page = kjt_pages.article_page(article, column, *self.neighbours(article))
        return Answer(page.encode(), modified=article.at)


def _source(key: str, marks: frozenset[str], writer: Writer) -> str | None:
    media, city, office = writer.rng.choice(MEDIA), writer.rng.choice(CITIES), writer.rng.choice(OFFICES)
    if "empty-source" in marks:
        return None
    if "source-with-place" in marks:
        return media + city
    return {"mtjj": media, "gzdt": office, "zcwj": kjt_pages.TITLE}[key]


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


def _doc_fields(day: date, number: int, issuer: str) -> tuple[tuple[str, str], ...]:
    return (
        ("索引号", f"990000057/{day:%Y}-{number:05d}"),
        ("主题分类", "科技、教育/科技"),
        ("发文机关", issuer),
        ("成文日期", f"{day.year}年{day.month}月{day.day}日"),
        ("发文字号", f"岚科发〔{day.year}〕{number % 90 + 3}号"),
        ("有效性", "有效"),
    )
