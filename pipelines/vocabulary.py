"""The words Chinese and Western sites put around an article, as patterns over one line of text.

Taken from the site kinds of the catalogue (government, park, news and company CMSs), simplified and traditional; each
pattern says what a line *is*, never which site it is from.  Used by pipelines.container, clean, title and people.

Patterns that are searched for have alternatives that each begin with one plain character (no optional part, no set, no
re.I: `latin` gives either case): only then Python skips at full speed to where one of them can begin, five times as fast.
"""

import re
import unicodedata
from functools import lru_cache

NOT_WORD = re.compile(r"[\W_]+")
SIGNS_OF_TEXT = re.compile("[\\s!-/:-@\\[-`{-~，。、：；！？（）《》“”‘’【】·—…]+")


@lru_cache(maxsize=256)  # a page asks for the same few headlines and names again and again
def folded(text: str) -> str:
    """Text with nothing but its letters and digits, for comparing headlines and names."""
    if not text:
        return ""
    # Without ，and ： most Chinese text is NFKC already, which is told in a tenth of the time that making it so takes.
    return NOT_WORD.sub("", unicodedata.normalize("NFKC", SIGNS_OF_TEXT.sub("", text))).casefold()


def latin(*words: str, behind: str = "") -> str:
    """Alternatives for words that begin with a Latin letter, in either case; behind: a look-behind before the word,
    with {} for its first letter, because the letter itself has to come first.
    """
    return "|".join(
        f"{first}{behind.format(first)}(?i:{word[1:]})"
        for word in words
        for first in (word[0].lower(), word[0].upper())
    )


def each(before: str, after: str) -> str:
    """Alternatives: every one of the words `before` with `after` behind it."""
    return "|".join(word + after for word in before.split())


def one_of(*words: str) -> str:
    """An alternation; the words are patterns, one `words` string may hold several parted by white space."""
    return "(?:" + "|".join(part for word in words for part in word.split()) + ")"


_WHERE = "(?:是|在|为|為)?\\s*[:：>＞]?"
# Where am I: 当前位置：首页 > 新闻.
POSITION = re.compile(
    r"^[\s>＞»|【\[]*(?:"
    rf"(?:您|你)?(?:现在|目前|当前|現在|目前|當前)?(?:的|所在|所处|所在的|所處)?(?:当前|當前)?的?(?:位置|位址){_WHERE}"
    r"|\[?(?:网站)?首页\]?\s*(?:>+|＞+|/|»|→|-{1,2}>?|\\|｜|\|)|\[?(?:網站)?首頁\]?\s*(?:>+|＞+|/|»|→|-)"
    r"|you are here|home\s*(?:>|»|/|›))",
    re.I,
)
DATE_HINT = each(
    "19 20", r"\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?(?:\s?\d{1,2}[:：时]\d{1,2}(?:[:：分]\d{1,2})?)?"
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
WEST_DATE = rf"\b{_MONTH}\s?\d{{1,2}}(?:st|nd|rd|th)?,?\s?(?:19|20)\d\d|\b\d{{1,2}}(?:st|nd|rd|th)?\.?\s{_MONTH},?\s(?:19|20)\d\d"
BYLINE = re.compile(r"^\W*(?:written\s)?by\s[A-Z][\w.'’-]+(?:\s[A-Z][\w.'’-]*){0,3}(?=$|\s?[|,·•–—-])", re.I)
# Labels that only stand in the line below the headline.
INFO = re.compile(
    each("信息 文章 稿件 新闻 内容 消息", r"[来來]\s*源\s*[:：]")
    + r"|来\s*源\s*[:：]|來\s*源\s*[:：]|稿\s*源\s*[:：]|出处\s*[:：]|供稿(?:单位)?\s*[:：]|信息来源|"
    + each(
        "发布 發布 發佈 发表 發表 发稿 更新 上传 录入 公开 刊发 编辑 添加 创建 上网 修改 编发 成文",
        r"\s?(?:时间|日期|時間)",
    )
    + r"|发布(?:机构|单位|者|人|于)\s*[:：]?|发布\s*[:：]|发表(?:于|者|部门)\s*[:：]?|提供(?:于|者|部门)\s*[:：]?"
    r"|字\s*[体号]|字體|字號|浏览|瀏覽|点击(?:数|量|率|次数|:|：)|點擊|阅读(?:次数|量|数|:|：)|閱讀|访问(?:次数|量)|人气\s*[:：]|打印|列印|"
    + each(
        r"作\s?者 撰\s?稿 责任?编\s?辑 任编\s?辑 编\s?辑 審审?\s?核 审\s?核 核 責任編輯 记\s?者 通讯员 摄影 责\s?编",
        r"\s*[:：]",
    )
    + "|"
    + latin(
        *(f"{word}\\s?(?:on|by|:)" for word in ["views?", "posted", "published", "updated", "source", "author"]),
        behind="(?<![A-Za-z]{})",
    )
)


def says_info(text: str) -> bool:
    return INFO.search(text) is not None


# Labels that also open paragraphs of an article (a meeting's 时间：): information only right below the headline.
WEAK_LABEL = re.compile(r"\W*(?:时间|日期|時間|文号|编号|分享|收藏|来自|转自)\s*[:：]?")
DATED = re.compile(DATE_HINT)
WEST_DATED = re.compile(WEST_DATE, re.I)
LETTERS = re.compile("[A-Za-z][A-Za-z][A-Za-z]")


def says_when(text: str) -> bool:
    """Whether a line holds a date or opens with a label that WEAK_LABEL knows."""
    return bool(WEAK_LABEL.match(text) or DATED.search(text) or (LETTERS.search(text) and WEST_DATED.search(text)))


LABELLED = re.compile(r"[^\s:：|｜]{2,6}\s?[:：]")
_VIEWED = ["浏览", "瀏覽", "点击", "點擊", "阅读", "閱讀", "访问", "人气", "热度", "打印", "查看", "观看"]
_TIMES = r"(?:次数|次數|人数|数量|总数|数|量|率|人次)?"
_OF_PAGE = ["文章", "新闻", "本文", "被", "信息", "页面"]
_SCAN = r"扫(?:一扫|描二维码|描|码)?(?:在)?(?:手机)?(?:上)?(?:打开|查看|浏览|阅读|访问|分享)?(?:当前|此|本)?(?:页面?|文章|网页)?(?:到朋友圈)?"
# A line made of nothing but these is a control of the page.
CONTROLS = re.compile(
    one_of(
        r"字\s*[体号體號](?:大小|显示)? 大 中 小 默认 超大 较大 【打印(?:本页|此页|文章|内容|页面|本文|正文|稿件)? \[打印(?:本页|此页|文章|内容|页面|本文|正文|稿件)? 打印(?:本页|此页|文章|内容|页面|本文|正文|稿件)? 列印 友善列印 关闭(?:窗口|本页|页面|此页)? 關閉(?:視窗)?",
        r"返回(?:顶部|列表|首页|上一?[页级]|目录)? 回到?顶部 加入收藏(?:本页|本文|夹|此页)? 我要收藏(?:本页|本文|夹|此页)? 收藏(?:本页|本文|夹|此页)? 一键分享(?:到|至|按钮)? 分享(?:到|至|按钮)? 转发 转载 微信(?:好友)? 新浪微博 腾讯微博 微博",
        r"朋友圈 人人网? 豆瓣 百度(?:贴吧)? 更多 复制(?:链接|网址|地址)? 听(?:全文|新闻) 朗读 语音播报 播放 暂停 停止 继续 点赞 赞 踩 评论 留言",
        r"我要?(?:纠错|评论|留言) 内容纠错 纠错 举报 手机(?:看|阅读|浏览|版) 二维码 下载(?:本文|(?i:word|pdf)|全文)? 另存为 推荐 投稿 编辑 录入 发布 来源 责任",
        rf"扫码(?:阅读|查看|浏览|分享|关注)? 请(?:用|使用)?(?:手机|微信)?{_SCAN} 用(?:手机|微信)?{_SCAN} 使用(?:手机|微信)?{_SCAN} 手机{_SCAN} 微信{_SCAN} {_SCAN}",
        r"保护视力色?|视力保护色? 背景色? 杏仁黄 秋叶褐 胭脂红 芥末绿 天蓝 雪青 灰 银河白 浅绿 繁体 简体 无障碍(?:浏览|阅读)? 长者(?:版|模式) 适老化? 放大 缩小 恢复 还原 正文 导出 选择",
        *(f"{word}(?:{'|'.join(_OF_PAGE)})*(?:{'|'.join(_VIEWED)}){_TIMES}" for word in _OF_PAGE),
        *(word + _TIMES for word in _VIEWED),
        r"人气值? 次 人次 已有 评论数 回复 本文 文章 被 共 有",
        latin("top", "qq(?:空间|好友)?"),
        latin(
            *[
                r"a[-+]?\b",
                r"print\b",
                r"share\b",
                r"e-?mail\b",
                r"tweet\b",
                r"facebook\b",
                r"twitter\b",
                r"linkedin\b",
                r"whatsapp\b",
            ],
            *[r"mail\b", r"large\b", r"medium\b", r"small\b", r"views?\b"],
            behind=r"(?<=\b{})",
        ),
    )
)
# Two of these on a line and it is a bar of buttons whatever else it says.
BUTTONS = re.compile(r"打印|关闭(?:窗口|本页)?|收藏|纠错|返回(?:顶部|列表)|分享|复制链接|字[体号]")
PAGER = re.compile(
    r"^\W*(?:首页|上一?页|前一?页|prev\w*)?[\s\d\W]*(?:下一?页|后一?页|尾页|末页|next|>>|»)[\s\W\d页共第]*$", re.I
)
SIGNS = re.compile(r"[\d\s:：|｜\[\]【】()（）<>《》/,，.。·•+\-—_*※“”\"'→←↑↓►▶;；!！?？]+")
_OPENING = r"^[\W_]*(?:\d{1,2}[.、)）]|[一二三四五六七八九十]、)?\s*"
NOTICE = re.compile(
    "版权|版權|转载|轉載|侵权|免责|本站|本网|著作权|稿酬|原创|来源：|注明|投诉|举报|" + latin("copyright", "all rights")
)
# Unmistakable ends of an article.
TAIL = re.compile(
    _OPENING
    + one_of(
        r"上\s*一?\s*[篇条页则個][：:\s】\]]?(?!的) 下\s*一?\s*[篇条页则個][：:\s】\]] 下一[篇条页]$ 前一[篇条页][:：] 后一[篇条页][:：] 上一(?:主题|新闻|文章) 下一(?:主题|新闻|文章)",
        r"(?:prev(?:ious)?|next)(?:\s(?:post|article|story|page))?\s*[:：»>←→]",
        r"网友评论 发表评论 我要评论 我来说两句 最新评论 用户评论 参与评论 全部评论 评论区 热门评论 leave\sa\s(?:reply|comment) comments?\b\s*(?:\(|$) \d+\scomments?$ post\sa\scomment",
        r"主办单位 主办[:：] 承办单位[:：] 技术支持[:：] copyright © ©",
        r"[\u4e00-\u9fff]ICP备 (?:政府)?网站标识码 网站地图 友情链接 网站声明 隐私声明",
    ),
    re.I,
)
# Ends of an article unless running text follows: articles also say 相关链接.
SOFT_TAIL = re.compile(
    _OPENING
    + one_of(
        r"相关(?:阅读|新闻|链接|报道|文章|推荐|稿件|信息|资讯|内容|解读|政策|文件|视频|图片|产品|专题|标签|热词|案例|附件|下载|栏目|搜索)?[】\]:：）)]*$",
        r"(?:相关|延伸|推荐|关联|拓展|热门|精彩|更多|往期|猜你)(?:阅读|新闻|链接|报道|文章|推荐|稿件|信息|资讯|内容|专题|图片|视频|标签|关键词|喜欢|回顾) 相關(?:閱讀|新聞|連結|報導|文章|推薦|資訊) 延伸閱讀",
        r"大家都在看 热[门点](?:推荐|新闻|文章|排行|资讯) [新最]闻排行 最新(?:动态|文章|资讯|新闻|發布|動態|信息|发布|公告)[:：]?$ 阅读排行 点击排行 为您推荐 編輯推薦 编辑推荐 本类推荐 栏目导航 本网推荐 热点推荐",
        r"版权(?:声明|所有|归|与) 版權(?:聲明|所有) 免责(?:声明|条款) 反侵权(?:公告|声明) (?:法律|权利|维权|版权)(?:声明|公告) 郑重声明 特别声明 本网声明 本站声明 转载声明 (?:凡本[网站]|声明|免責聲明|风险提示)\s*[:：]? 凡注明 凡本[网站] 特别提示[:：]",
        r"(?:本文|文章)(?:来源|链接|地址|网址|标签|关键[词字]|版权|由|转载|仅代表) 转载请 转载自 此文关键[字词] 本稿件 本站(?:部分|内容|转载) 此(?:文|稿)",
        r"扫一扫 扫码 扫描 微信(?:扫|公众号|关注) 长按 关注(?:我们|公众号) (?:一键)?分享(?:到|至|本文|给|：|:) 【?打印 【?关闭 【?返回 打印本 点赞 收藏",
        r"(?:网站|本文|本期|文字|网络|执行|值班)?(?:责?任?编辑|责编|編輯|編審|编审|审核|校对|審核|终审|复审|初审|监制|二审|三审|一审|签发|审签)\s*[:：/丨|] 責任編輯 责任编辑",
        r"联系我们\s*[|｜:：]?$ 关于我们\s*[|｜:：]?$ 标签\s*[:：] 关键[词字]\s*[:：] TAGS?\s*[:：]",
        r"related\s(?:articles?|stories|posts|news|content|topics) read\s(?:more|next|also) more\s(?:from|stories|on|news) recommended you\s(?:may|might)\salso share\sthis tags?\s*[:：] filed\sunder topics?\s*: sign\sup subscribe follow\sus about\sthe\sauthor editor'?s?\s(?:picks|choice) most\s(?:read|popular) trending",
    ),
    re.I,
)
# The foot of the site, wherever it stands: nothing below belongs to the article.
FOOTER = re.compile(
    r"公网安备|公安备案号|网站标识码|版权所有|版權所有|主办单位[:：]|承办单位[:：]|技术支持[:：]|网站地图|您是第.{0,12}位"
    r"|建议(?:使用|您使用).{0,30}(?:分辨率|浏览器)|最佳浏览|互联网新闻信息服务许可|违法和不良信息举报|经营许可证[:：编]|备案[号序]\s*[:：]|即将离开.{0,40}网站|"
    + latin(
        r"ICP\s?[备備]",
        r"copyright",
        r"all\srights\sreserved",
        r"impressum",
        r"datenschutz",
        r"privacy\spolicy",
        r"terms\sof\s(?:use|service)",
    )
)


def is_footer(text: str) -> bool:
    return FOOTER.search(text) is not None


# Credits that close an article: （责任编辑：某某）.
CREDIT = re.compile(
    r"^[（(【\[\s]*"
    + one_of(
        r"责任?编辑 责编 網?責任編輯 编辑 編輯 编审 审核 審核 校对 初审 复审 终审 一审 二审 三审 监制 值班编辑 签发 审签 供稿 发布人 录入 录入员 上传 信息员 网络编辑",
        r"来\s?源 稿源 文章来源 信息来源 撰稿 撰稿人 排版 美编 制作 编发 策划 统筹 执行编辑 文字编辑",
    )
    + r"\s*[:：/丨|].{0,60}[)）】\]]?$"
)
# Class and id words that name what is not the article ...
AGAINST = re.compile(
    r"(?<![a-z])"
    + one_of(
        "comments? footer foot sidebar aside relate[ds]? relevant recommends? recommended recommendations? tuijian shares? sharing",
        "copyright breadcrumbs? crumbs? nav navbar navi menu rank ranking toolbar login statement disclaimer mianze advert ads?",
        "banner pinglun xgxw xgyd xgwz pagination pager popup modal dialog reply qrcode ewm bdsharebuttonbox bshare jiathis dqwz",
        "contacts? lianxi kefu friendlink subnav cookie newsletter subscribe promo teaser widget outbrain taboola weather search",
    )
    + r"(?![a-z])|"
    + one_of("banquan mianze fenxiang xiangguan erweima daohang weizhi pinglun youqing tuijian"),
    re.I,
)
# ... what often is not, unless another word speaks for it ...
DOUBTFUL = re.compile(
    r"(?<![a-z])"
    + one_of(
        "bottom side hot pages? location position links tools? tags next prev header top logo print fontsize stream"
    )
    + r"(?![a-z])",
    re.I,
)


@lru_cache(maxsize=8192)
def is_against(mark: str) -> bool:
    """Whether class and id of an element name something else than the article."""
    if not mark or CMS.search(mark):
        return False
    return bool(AGAINST.search(mark)) or (bool(DOUBTFUL.search(mark)) and not FOR.search(mark))


# ... words that may name it, and the marks by which CMSs name it.
FOR = re.compile(
    one_of(
        "content article trs_ zoom detail main text body news vsb ucap view story post entry zhengwen neirong wenzhang"
    ),
    re.I,
)
CMS = re.compile(
    r"(?:^|\s)"
    + one_of(
        r"trs_editor trs_ueditor ucap-content zoom zoomcon fontzoom vsb_content\S* v_news_content wp_articlecontent pages_content",
        r"custom_unionstyle artibody js_content rich_media_content article-content article_content articlecontent article-body",
        r"article_body articlebody post_body post_text post-content entry-content post-body artical_real main_content rm_txt_con",
        r"text_con endtext contenttext content_area show_text mod-content detail-content detail_content view_con news_txt",
        r"news_content newscontent newstext story-body articletext article_txt conttext infocontent bt_content xl_content",
        r"zwgk_content nr_content",
    )
    + r"(?=\s|$)",
    re.I,
)
