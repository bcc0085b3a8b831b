"""The same page in other markup: no class words, layers of wrappers, tables for layout, a second copy for phones.

Every golden page is given each of the shapes and must say the same; pages of our own show what each rule is for.
"""

import copy
from collections.abc import Callable
from pathlib import Path

import lxml.html
import pytest
from lxml import etree
from lxml.html import HtmlElement

from pipelines.decode import Document
from pipelines.extract import extract
from pipelines.item import Article, Page, Publisher

GOLDEN = sorted((Path(__file__).parent / "pages").rglob("*.html"))
SITE = Publisher(name="shapes")
URL = "http://www.shapes.example/news/7.html"


def bare(tree: HtmlElement) -> None:
    """No class and no id."""
    for element in tree.iter(etree.Element):
        for name in ("class", "id"):
            element.attrib.pop(name, None)


def wrapped(tree: HtmlElement) -> None:
    """Each block in two more."""
    for element in list(tree.iter("div", "p")):
        outer = lxml.html.fromstring("<div><div></div></div>")
        outer.tail, element.tail = element.tail, None
        element.getparent().replace(element, outer)
        outer[0].append(element)


def broken(tree: HtmlElement) -> None:
    """Paragraphs parted by <br><br> instead of <p>."""
    for element in list(tree.iter("p")):
        element.tag = "span"
        for _ in range(2):
            line = lxml.html.fromstring("<br>")
            element.addnext(line)
            line.tail, element.tail = element.tail, None


def doubled(tree: HtmlElement) -> None:
    """All of it again below, for phones, without scripts."""
    body = tree.find("body")
    assert body is not None
    desktop, phone = lxml.html.fromstring("<div class='pc'></div>"), lxml.html.fromstring("<div class='phone'></div>")
    for element in list(body):
        phone.append(copy.deepcopy(element))
        desktop.append(element)
    for script in list(phone.iter("script")):
        script.text = None
    body.extend([desktop, phone])


def read(markup: bytes) -> Article:
    return extract(Page(URL, markup), SITE)


def shaped(path: Path, shape: Callable[[HtmlElement], None] | None) -> Article:
    tree = lxml.html.document_fromstring(Document(URL, path.read_bytes()).text)
    if shape:
        shape(tree)
    return read(b"<!doctype html>" + lxml.html.tostring(tree, encoding="utf-8"))


# What is not told without its marks: teasers without links below the text (class words alone name them), and which of two
# copies of a short table is the article when nothing ends the first.
NOT_TOLD = {("post-771", bare), ("penalty_88", doubled)}
SHAPED = [(path, shape) for path in GOLDEN for shape in (bare, wrapped, broken, doubled)]


@pytest.mark.parametrize(
    ("path", "shape"),
    [one for one in SHAPED if (one[0].stem, one[1]) not in NOT_TOLD],
    ids=lambda one: one.stem if isinstance(one, Path) else one.__name__,
)
def test_golden_page_says_the_same_in_another_shape(path: Path, shape: Callable[[HtmlElement], None]) -> None:
    plain, other = shaped(path, None), shaped(path, shape)
    assert other.title == plain.title
    assert other.published == plain.published
    assert other.source == plain.source
    assert (other.content_text or "").split() == (plain.content_text or "").split()


MENU = "".join(
    f"<div><a href='/m{n}/'>栏目{n}</a><p>本栏介绍第{n}类事务的办理，包括申请、受理、审查、决定，以及监督、投诉、咨询等环节。</p></div>"
    for n in range(6)
)
FOOT = "<div><p>版权所有：演示县水利站</p><p>网站标识码：1234567890 某ICP备00000001号</p></div>"


def page(main: str, *, title: str, above: str = "", below: str = "") -> bytes:
    return (
        f"<!doctype html><html><head><meta charset='utf-8'><title>{title}</title></head><body>{above}<div>{main}</div>"
        f"{below}{FOOT}</body></html>"
    ).encode()


def test_table_below_a_headline_of_two_lines_is_the_article_though_the_menu_comes_again_with_sentences() -> None:
    title = "演示县水利站处罚信息公开表（演水罚〔2026〕7号）"
    cells = ("序号", "当事人", "文号", "内容", "1", "某砂石场", "演水罚〔2026〕7号", "罚款二万元", "2", "某养殖户", "演水罚〔2026〕8号", "责令改正", "3", "某采砂船", "演水罚〔2026〕9号", "没收工具")  # fmt: skip
    rows = "".join(
        f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells[i : i + 4])}</tr>" for i in range(0, len(cells), 4)
    )
    main = f"<h1>演示县水利站处罚信息公开表<br>（演水罚〔2026〕7号）</h1><p>发布时间：2026-05-07</p><table>{rows}</table>{FOOT}"
    article = read(page(main, title=title, below=f"<div>{MENU}</div>"))
    assert article.title == title
    assert (article.content_text or "").startswith("序号\t当事人\t文号\t内容")
    assert "本栏介绍" not in (article.content_text or "")


def test_page_with_nothing_but_its_foot_has_no_body() -> None:
    article = read(page("", title="演示县水利站"))
    assert (article.content_text, article.body_kind) == (None, "empty")


def test_layers_of_markup_are_no_distance() -> None:
    text = [f"第{n}段说，渠道今年清淤{n * 3}里，闸门换了新的，沿线的村子都用上了水。" for n in range(1, 5)]
    deep = "".join(f"<div><div><div><p>{line}</p></div></div></div>" for line in text)
    aside = "".join(f"<p>读者来信第{n}封问，水费怎样交、到哪里交、逾期怎么办，站里都已答复。</p>" for n in range(1, 4))
    links = "".join(f"<li><a href='/x{n}'>往期公告之{n}号</a></li>" for n in range(5))
    main = f"<h1>今年的清淤</h1><p>发布时间：2026-05-07</p><div><div>{deep}</div></div>"
    below = f"<ul>{links}</ul><div>{aside}</div>"
    assert read(page(main, title="今年的清淤", below=below)).content_text == "\n\n".join(text)
