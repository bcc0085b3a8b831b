"""Site 003, tv.demo.example: a broadcaster's pages made for its app, where only the list knows title, date, source.

Our guess of what such share pages emit: the article page holds the bare text, its <title> is the name of the site;
after the text come the openings of other stories, each glued to the date of the one before.  Columns are empty
containers filled by a script from GET /api/list?channel=..&page=N.
"""

import json
from datetime import date, timedelta
from html import escape

from tests.demo import files
from tests.demo.model import Answer, Article, Column, DemoSite, ListPage, moment, revise, spread
from tests.demo.text import Draft, Writer
from tests.demo.words import MEDIA

NEWEST = date(2024, 12, 30)
MARKS = {
    "changed": (1,),
    "removed": (4,),
    "video-only": (7, 26),
    "in-both-columns": (12, 23),
}
PLAIN_PAGES = {
    "/about.html": ("关于我们", "岚江融媒是虚构的媒体，页面仅供演示。"),
    "/download.html": ("下载客户端", "扫码下载岚江融媒客户端。"),
    "/login.html": ("登录", "手机号登录"),
}
CSS = """#list li{padding:8px 0}#content{max-width:720px;margin:auto}
.more{background:#fafafa url(/static/dot.gif)}
"""
LIST_JS = """// Fills the column from the interface, one page at a time.
var box = document.getElementById("list"), page = 1;
function more() {
  fetch("/api/list?channel=" + box.dataset.channel + "&page=" + page).then(function (r) { return r.json(); })
    .then(function (answer) {
      answer.data.list.forEach(function (row) {
        var li = document.createElement("li"), a = document.createElement("a");
        a.href = row.url; a.textContent = row.title; li.appendChild(a);
        li.appendChild(document.createTextNode(" " + row.publishTime + " " + (row.source || ""))); box.appendChild(li);
      });
      page += 1;
      document.getElementById("more").hidden = page > answer.data.pages;
    });
}
document.getElementById("more").onclick = more;
more();
"""


class Tv(DemoSite):
    name = "tv"
    host = "tv.demo.example"
    title = "岚江融媒"
    columns = (
        Column("park", "园区", "/channel/park.html", 8),
        Column("health", "健康", "/channel/health.html", 8),
    )
    removal = "gone"

    def write(self) -> list[Article]:
        writer = Writer("demo-tv")
        marks = spread(MARKS)
        stock = []
        for slot, day in enumerate(writer.days(NEWEST, 47), -3):
            found = marks.get(slot, frozenset())
            stock.append(self._article(slot, day, writer.news(day), found, writer))
        changed = next(a for a in stock if "changed" in a.marks)
        sentence = writer.sentence(changed.at.date())
        later = changed.at + timedelta(hours=26, minutes=5)
        self.edits[changed.path] = revise(changed, sentence, at=later)
        video = next(a.path for a in stock if a.body_kind == "video")
        plain = next(a.path for a in stock if a.born == 1 and a.body_kind == "text" and a.source)
        self.traps |= {
            "nothing-but-text-on-page": plain,
            "list-behind-json": "/channel/park.html",
            "json-list": self.list_path(self.columns[0], 1),
            "teasers-glued-to-dates": plain,
            "video-only": video,
            "listed-twice": next(a.path for a in stock if "in-both-columns" in a.marks),
            "edit-with-new-date": changed.path,
            "gone-404": next(a.path for a in stock if a.gone),
        }
        return stock

    def _article(self, slot: int, day: date, draft: Draft, marks: frozenset[str], writer: Writer) -> Article:
        number = 194800 - slot * 17
        media, spare = writer.rng.choice(MEDIA), writer.rng.random()
        video = "video-only" in marks
        key = "health" if slot % 3 == 1 or slot % 8 == 5 else "park"
        return Article(
            number=number,
            path=f"/p/{number}.html",
            title=draft.title,
            at=moment(day, f"{7 + slot % 13:02d}:{slot * 17 % 60:02d}:{slot * 29 % 4 * 15:02d}"),
            precision="second",
            paragraphs=() if video else draft.paragraphs,
            columns=("park", "health") if "in-both-columns" in marks else (key,),
            source=None if spare < 0.15 else media,
            row_title=draft.title,
            body_kind="video" if video else "text",
            marks=marks,
            born=2 if slot < 0 else 1,
            gone=2 if "removed" in marks else None,
        )

    # ------------------------------------------------------------------------------------------- pages
    def row_date(self, article: Article) -> str:
        return f"{article.at:%Y-%m-%d %H:%M:%S}"

    def list_path(self, column: Column, number: int) -> str:
        return f"/api/list?channel={column.key}&page={number}"

    def pages(self) -> dict[str, Answer]:
        newest = self.articles()
        out = {"/": self._answer(self._frame(self._home(newest)), newest[0])}
        for path, (name, text) in PLAIN_PAGES.items():
            out[path] = self._answer(self._frame(f"<h2>{name}</h2><p>{text}</p>"))
        for column in self.columns:
            box = f'<ul id="list" data-channel="{column.key}"></ul><button id="more">加载更多</button>'
            out[column.path] = self._answer(self._frame(f'{box}<script src="/static/list.js"></script>'))
        out |= {
            "/robots.txt": Answer(b"User-agent: *\nAllow: /\n", "text/plain"),
            "/static/app.css": self._file(CSS.encode(), "text/css"),
            "/static/list.js": self._file(LIST_JS.encode(), "application/javascript"),
            "/static/dot.gif": self._file(files.gif((230, 230, 230)), "image/gif"),
            "/static/logo.png": self._file(files.png(120, 40, (150, 20, 60)), "image/png"),
            "/static/poster.jpg": self._file(files.jpeg(40, 24, -90), "image/jpeg"),
            "/media/clip.mp4": self._file(files.mp4(), "video/mp4"),
        }
        return out

    def missing(self) -> Answer:
        return Answer(self._frame("<p>内容飞走了，去首页看看吧。</p>").encode(), status=404, etag="none")

    def list_answer(self, page: ListPage) -> dict[str, Answer]:
        rows = [
            {
                "id": a.number,
                "title": a.row_title,
                "url": a.link,
                "publishTime": self.row_date(a),
                "source": a.source or "",
                "type": a.body_kind,
            }
            for a in page.articles
        ]
        total = len(self.listed(page.column))
        data = {"channel": page.column.key, "page": page.number, "pages": page.total, "total": total, "list": rows}
        text = json.dumps({"code": 0, "message": "ok", "data": data}, ensure_ascii=False)
        return {page.path: Answer(text.encode(), "application/json; charset=utf-8")}

    def article_answer(self, article: Article) -> Answer:
        text = "\n".join(f"<p>{escape(line)}</p>" for line in article.paragraphs)
        if article.body_kind == "video":
            text = '<video src="/media/clip.mp4" poster="/static/poster.jpg" controls></video>'
        body = f'<div id="content">\n{text}\n</div>\n<div class="more">\n{self._teasers(article)}\n</div>'
        return self._answer(self._frame(body), article)

    def _teasers(self, article: Article) -> str:
        """Return openings of other stories; each date stands on the line of the next opening, as on such pages."""
        stories = [a for a in self.articles() if a.path != article.path and a.paragraphs]
        start = article.number % (len(stories) - 9)
        lines, before = [], ""
        for story in stories[start : start + 8]:
            opening = escape("".join(story.paragraphs[:2])[:110])
            lines.append(f'{before}<a href="{story.link}">{opening}</a>')
            before = f"<span>{self.row_date(story)}</span>"
        return "<br>\n".join([*lines, before])

    def _home(self, newest: list[Article]) -> str:
        rows = "\n".join(f'<li><a href="{a.link}">{escape(a.title)}</a></li>' for a in newest[:8])
        return f"<h2>要闻</h2><ul>\n{rows}\n</ul>"

    def _frame(self, body: str) -> str:
        nav = "".join(f'<a href="{c.path}">{c.name}</a> ' for c in self.columns)
        menu = "".join(f'<a href="{path}">{name}</a> ' for path, (name, _) in PLAIN_PAGES.items())
        return f"""<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<title>{self.title}</title>
<link rel="stylesheet" href="/static/app.css">
</head>
<body>
<header><a href="/"><img src="/static/logo.png" alt="{self.title}"></a> <a href="/">首页</a> {nav}</header>
{body}
<footer>{menu} 岚江广播电视总台（演示） 岚ICP备00000303号</footer>
</body>
</html>
"""

    def _answer(self, text: str, newest: Article | None = None) -> Answer:
        return Answer(text.encode(), modified=newest.at if newest else moment(date(2022, 9, 1), "06:00"))

    def _file(self, data: bytes, mime: str) -> Answer:
        return Answer(data, mime, modified=moment(date(2022, 9, 1), "06:00"))
