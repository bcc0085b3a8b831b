"""The 信息公开 block of a government page -> doc{}: index number, document number, issuer, dates, topic, validity.

Blocks are tables, definition lists or spans; labels carry full-width spaces (索 引 号) and stand in a cell before their
value or glued to it with a colon.  Labels after the catalogue (§ document fields), canonical keys in English.
"""

import re

from pipelines.flow import Line

LABELS: dict[str, str] = {}
for _key, _labels in {
    "index_no": "索引号 信息索引号 信息索引 公开目录号 信息索取号",
    "doc_no": "发文字号 文号 文件编号 发文号 发布文号 文件号 发文文号",
    "uniform_no": "统一编号 规范性文件统一编号 登记号 规范性文件编号",
    "issuer": "发文机关 发布机构 发文单位 制发机关 发布机关 公开责任部门 发文部门 信息发布机构 发布单位 制定机关 公开机构 责任部门 发文机构",
    "topic": "主题分类 分类 信息分类 信息类别 所属分类 所属主题 主题",
    "genre": "体裁分类 公文种类 体裁 公文类别 信息体裁 文种",
    "keywords": "主题词 关键词",
    "written_date": "成文日期 生成日期 发文日期 产生日期 签发日期 成文时间 发文时间 印发日期 制发日期",
    "publish_date": "发布日期 公开日期 发布时间 上载日期 上网时间 公开时间",
    "effective_date": "施行日期 生效日期 实施日期 生效时间",
    "expiry_date": "废止日期 失效日期 失效时间 废止时间 截止日期",
    "validity": "有效性 是否有效 时效 效力状态 有效期 时效性 文件状态 效力",
    "title": "标题 名称 信息名称 公文名称 文件名称",
    "summary": "内容概述 摘要 内容概要 信息概述",
    "access": "公开方式 公开形式 公开范围 公开时限 公开属性 公开类别",
}.items():
    LABELS |= dict.fromkeys(_labels.split(), _key)
HINT = re.compile(r"索\s*引\s*号|文\s*[号字]|字\s*号|机\s*[关构]|成\s*文|有\s*效|时\s*效|单\s*位|统一编号|部\s*门")
STRONG = frozenset(("index_no", "doc_no", "issuer", "written_date", "validity", "uniform_no"))
SPACES = re.compile(r"[\s\u3000\xa0]+")
FRAME = "：: 【】[]|　\u3000\xa0\t\n"
PAIR = re.compile(r"^[【\[]?([^：:]{2,12}?)[】\]]?\s*[：:]\s*(.*)$", re.S)
GLUED = re.compile(
    "(?<=[^\\s\u3000\xa0])[\\s\u3000\xa0]+(?=[\u4e00-\u9fff](?:[\\s\u3000\xa0]?[\u4e00-\u9fff]){1,7}[\\s\u3000\xa0]*[：:])"
)
SPACED = re.compile(
    "(?<![\u4e00-\u9fff])(?:[\u4e00-\u9fff][ \u3000\xa0]{1,6}){1,4}[\u4e00-\u9fff](?=[ \u3000\xa0]*(?:[：:】]|$))"
)
EMPTY = frozenset(("", "无", "暂无", "-", "--", "/", "null", "无。"))
VALUE_CHARS = 200


def doc_of(lines: list[Line]) -> dict[str, str]:
    """Fields of the block found in these lines; {} unless two labels, one of them strong, are there."""
    found: dict[str, str] = {}
    pending: str | None = None
    if not any(HINT.search(line.text) for line in lines if len(line.text) < VALUE_CHARS):
        return found
    for line in lines:
        for token in _tokens(line):
            key, value = _split(token)
            if key is None:
                if pending is not None and len(token) <= VALUE_CHARS:
                    _put(found, pending, token)
                pending = None
            elif value:
                _put(found, key, value)
                pending = None
            else:
                pending = key
    return found if len(found) >= 2 and not STRONG.isdisjoint(found) else {}


def is_doc_line(line: Line) -> bool:
    """A line of the block: nothing but labels of it with their values."""
    if len(line.text) >= 160:
        return False
    keys = [_split(token)[0] for token in _tokens(line)]
    return bool(keys) and keys[0] is not None


def _tokens(line: Line) -> list[str]:
    """Labels and values of a line: its text nodes, cut again before each label that has a colon."""
    tokens: list[str] = []
    for part in line.parts:
        words = part.split()
        if len(words) < 2:
            tokens += words
            continue
        closed = SPACED.sub(lambda label: SPACES.sub("", label[0]), part)
        for token in GLUED.split(closed):
            token = token.strip(" \u3000\xa0\t\r\n")
            if token:
                tokens.append(" ".join(token.split()))
    return tokens


def _split(token: str) -> tuple[str | None, str]:
    """Key and value of a token; the key is None if it begins with no label, the value "" if it is the label alone."""
    key = LABELS.get("".join(token.split()).strip(FRAME))
    if key:
        return key, ""
    pair = PAIR.match(token) if "：" in token or ":" in token else None
    if pair:
        key = LABELS.get("".join(pair[1].split()).strip(FRAME))
        if key:
            return key, pair[2].strip()
    return None, ""


def _put(found: dict[str, str], key: str, value: str) -> None:
    value = value.strip(" \u3000\xa0\t|｜")
    if value.lower() not in EMPTY and len(value) <= VALUE_CHARS:
        found.setdefault(key, value)
