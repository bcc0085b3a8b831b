"""How the templates of one site look: names of containers, form of rows and dates, wording; drawn once from its seed.

Families set what they are known by; everything else differs from site to site as it does between real ones.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

RowForm = Literal["a-span", "span-a", "a-em", "table", "dl", "box"]


@dataclass(frozen=True)
class Entry:
    """One row as a template sees it.  shown: its date, "" = none."""

    href: str
    title: str
    shown: str
    summary: str = ""


@dataclass(frozen=True)
class Skin:
    """Class names and habits.  cut: characters after which a row's title is cut, 0 = never."""

    wrap: str
    nav: str
    list: str
    crumb: str
    here: str
    side: str
    day: str
    row: RowForm
    cut: int
    info: str
    logo: str
    portal: bool

    @classmethod
    def drawn(cls, rng: random.Random) -> "Skin":
        return cls(
            wrap=rng.choice(("wrap", "w1200", "container", "main-box", "layout")),
            nav=rng.choice(("nav", "menu", "mainNav", "top-nav", "daohang")),
            list=rng.choice(("list", "news_list", "newsList", "lb", "gl-list", "txt-list", "xw-list")),
            crumb=rng.choice(("crumbs", "position", "dqwz", "weizhi", "location")),
            here=rng.choice(("当前位置：", "您的位置：", "您所在的位置：", "当前位置 : ")),
            side=rng.choice(("side", "sidebar", "right", "fr w300", "aside-box")),
            day=rng.choice(("%Y-%m-%d", "%Y-%m-%d", "[%Y-%m-%d]", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")),
            row=rng.choice(("a-span", "a-span", "span-a", "a-em", "table", "dl", "box")),
            cut=rng.choice((0, 0, 18, 22)),
            info=rng.choice(
                (
                    "发布时间：{minute}　来源：{source}",
                    "来源：{source}　发布日期：{day}　浏览次数：<span id='hits'></span>次",
                    "<span>信息来源：{source}</span><span>发布时间：{minute}</span><span>字号：[ <a href='javascript:;'>大</a> <a href='javascript:;'>中</a> <a href='javascript:;'>小</a> ]</span>",
                    "日期：{day} 来源：{source} 阅读：<i>--</i> 【<a href='javascript:window.print()'>打印</a>】",
                )
            ),
            logo=rng.choice(("logo", "top_logo", "site-logo")),
            portal=rng.random() < 0.3,
        )

    def rows(self, entries: Sequence[Entry], form: RowForm | None = None, name: str | None = None) -> str:
        """Return the list.  form, name: those of the family, None = those of the skin."""
        form, name = form or self.row, name or self.list
        inner = "\n".join(ROW[form](one, self.link(one)) for one in entries)
        if form == "table":
            return f'<table class="{name}" width="100%">{inner}</table>'
        return f'<div class="{name}">{inner}</div>' if form == "dl" else f'<ul class="{name}">{inner}</ul>'

    def link(self, one: Entry) -> str:
        """The title as a link, cut with dots where this site cuts."""
        title = escape(one.title)
        text = f"{escape(one.title[: self.cut])}…" if 0 < self.cut < len(one.title) else title
        return f'<a href="{escape(one.href)}" title="{title}" target="_blank">{text}</a>'


def _box(one: Entry, link: str) -> str:
    day = one.shown.strip("[]").replace("/", "-").replace(".", "-").replace("年", "-").replace("月", "-").rstrip("日")
    year, month, number = (*day.split("-"), "", "")[:3]
    box = f'<div class="time"><b>{number}</b><span>{year}-{month}</span></div>' if number else ""
    return f'<li>{box}<div class="txt"><h3>{link}</h3><p>{escape(one.summary)}</p></div></li>'


ROW = {
    "a-span": lambda one, link: f"<li>{link}<span>{one.shown}</span></li>",
    "span-a": lambda one, link: f'<li><span class="date">{one.shown}</span>{link}</li>',
    "a-em": lambda one, link: f"<li>· {link} <em>{one.shown}</em></li>",
    "table": lambda one, link: f'<tr><td height="28">{link}</td><td width="90">{one.shown}</td></tr>',
    "dl": lambda one, link: f'<dl><dt>{link}</dt><dd>{escape(one.summary)}</dd><dd class="time">{one.shown}</dd></dl>',
    "box": _box,
}
