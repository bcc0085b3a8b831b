"""The words Chinese and Western sites put around an article, as patterns over one line of text.

Taken from the site kinds of the catalogue (government, park, news and company CMSs), simplified and traditional; each
pattern says what a line *is*, never which site it is from.  Used by pipelines.container, clean and fields.
"""

import re

# Where am I: 当前位置：首页 > 新闻.
POSITION = re.compile(
    r"^[\s>»|]*(?:(?:您|你)?(?:现在|目前|当前|現在|目前|當前)?(?:的|所在|所处)?的?(?:当前|所在|當前)?的?(?:位置|页面|页[:：])(?:是|在|为)?\s*[:：>]?|首页\s*[>＞»/|→-]|首頁\s*[>＞»/|→-]|you are here|home\s*[>»/])",
    re.I,
)
# Labels of the line below the headline.
INFO = re.compile(
    r"(?:来\s*源|來\s*源|稿源|信息来源|出处)\s*[:：]|发布(?:时间|日期|机构|者|人|于)|(?:發布|發佈|發表)(?:時間|日期)|(?:发表|发稿|更新|上传|录入|公开|刊发|编辑)(?:时间|日期)|(?<![\u4e00-\u9fff])(?:时间|日期|時間)\s*[:：]"
    r"|字\s*[体号]|字體|字號|浏览|瀏覽|点击(?:数|量|率|次数|:|：)|點擊|阅读(?:次数|量|数|:|：)|閱讀|访问(?:次数|量)|人气|打印|列印|收藏|分享|作者\s*[:：]|编辑\s*[:：]|撰稿\s*[:：]|责任?编辑|审核\s*[:：]|记者\s*[:：]|发布者|views?\s*:|posted|published|updated|source\s*:|by\s*:"
    r"|(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}",
    re.I,
)
# A line made of nothing but these is a control of the page.
CONTROLS = re.compile(
    r"字\s*[体号體號](?:大小)?|大|中|小|默认|超大|打印(?:本页|此页|文章|内容|页面)?|列印|关闭(?:窗口|本页|页面|此页)?|關閉(?:視窗)?|返回(?:顶部|列表|首页|上一?[页级]|上一[页级])?|回到?顶部|TOP"
    r"|(?:加入)?收藏(?:本页|本文|夹)?|分享(?:到|至)?|转发|微信(?:好友)?|(?:新浪|腾讯)?微博|QQ(?:空间|好友)?|朋友圈|人人网?|豆瓣|百度(?:贴吧)?|更多|复制(?:链接|网址)|听(?:全文|新闻)|朗读|语音播报|播放|暂停|停止"
    r"|点赞|赞|踩|评论|我要?(?:纠错|评论|留言)|内容纠错|纠错|举报|手机(?:看|阅读|浏览|版)|扫码(?:阅读|查看|浏览|分享|关注)?|(?:请)?(?:用|使用)?(?:手机|微信)?扫(?:一扫|描二维码|描|码)?(?:在)?(?:手机)?(?:打开|查看|浏览|阅读|访问|分享)?(?:当前|此|本)?(?:页面?|文章|网页)?(?:到朋友圈)?|二维码|下载(?:本文|word|pdf|全文)?|另存为|保护视力色?|视力保护色?|背景色|杏仁黄|秋叶褐|胭脂红|芥末绿|天蓝|雪青|灰|银河白|浅绿|繁体|简体|无障碍(?:浏览|阅读)?|长者(?:版|模式)|适老化?|放大|缩小|恢复|正文|导出|关键词"
    r"|(?:文章|新闻)?(?:浏览|瀏覽|点击|點擊|阅读|閱讀|访问|人气|热度|打印|查看)(?:次数|次數|人数|数量|总数|数|量|率|人次)?|人气值?|次|人次|已有|评论数|回复|\bA[-+]?\b|\bprint\b|\bshare\b|\bemail\b|\btweet\b|\bfacebook\b|\btwitter\b|\blinkedin\b|\bwhatsapp\b"
    r"|[\d\s:：|｜\[\]【】()（）<>《》/,，.。·•+\-—_]+",
    re.I,
)
# What comes after an article.  A line that begins so and is short ends the body, unless much running text follows.
TAIL = re.compile(
    r"^[\s【\[（(·•>»◆■●▶□☆★|#*-]*(?:相关(?:阅读|新闻|链接|报道|文章|推荐|稿件|信息|资讯|内容|解读|政策|文件|视频|图片|产品|专题|标签|热词|案例)?[】\]:：）)]*$|(?:相关|延伸|推荐|关联|拓展|热门|精彩|更多)(?:阅读|新闻|链接|报道|文章|推荐|稿件|信息|资讯|内容|专题|图片|视频|标签|关键词)"
    r"|相關(?:閱讀|新聞|連結|報導|文章|推薦)|延伸閱讀|猜你喜欢|大家都在看|热[门点](?:推荐|新闻|文章|排行|资讯)|[新最]闻排行|最新(?:动态|文章|资讯|新闻|發布|動態)[:：]?$|阅读排行|点击排行|为您推荐|編輯推薦|编辑推荐"
    r"|上\s*一?\s*[篇条页则個]|下\s*一?\s*[篇条页则個]|前一[篇条页]|后一[篇条页]|上一(?:主题|新闻|文章)|下一(?:主题|新闻|文章)|(?:prev(?:ious)?|next)(?:\s(?:post|article|story|page))?\s*[:：»>]"
    r"|版权(?:声明|所有|归)|版權(?:聲明|所有)|免责声明|郑重声明|特别声明|本网声明|本站声明|转载声明|声明\s*[:：]|免責聲明|凡本[网站]|凡注明|(?:本文|文章)(?:来源|链接|地址|网址|标签|关键[词字]|版权)|原文(?:链接|地址)\s*[:：]|转载请|本文由|本文转载|本文仅代表|此文关键[字词]|文章关键[字词]"
    r"|网友评论|发表评论|我要评论|我来说两句|最新评论|用户评论|参与评论|全部评论|评论区|comments?\b(?:\s*\(|$)|leave a (?:reply|comment)"
    r"|扫一扫|扫码|微信(?:扫|公众号|关注)|长按|关注(?:我们|公众号)|分享(?:到|至|本文|给|：|:)|打印本|【?打印|【?关闭|【?返回|责任?编辑\s*[:：]|责编\s*[:：]|(?:网站)?编辑\s*[:：]|编审\s*[:：]|校对\s*[:：]|審核\s*[:：]|责任編輯"
    r"|主办单位|主办[:：]|承办单位|技术支持|copyright|©|(?:[\u4e00-\u9fff]ICP备)|网站标识码|政府网站标识码|网站地图|联系我们\s*[|｜:：]?|关于我们\s*[|｜:：]?|友情链接|网站声明|related (?:articles?|stories|posts|news|content)|read (?:more|next|also)|more from|recommended|you may also|share this|tags?\s*[:：]|filed under|标签\s*[:：]|关键词\s*[:：]|TAG)",
    re.I,
)
# The foot of the site, wherever it stands: nothing below belongs to the article.
FOOTER = re.compile(
    r"ICP\s*[备備]|公网安备|网站标识码|版权所有|版權所有|copyright|all rights reserved|主办单位[:：]|承办单位[:：]|技术支持[:：]|网站地图|您是第.{0,12}位|建议(?:使用|您使用).{0,30}(?:分辨率|浏览器)|最佳浏览|互联网新闻信息服务许可|违法和不良信息举报|经营许可证|备案[号序]|impressum|datenschutz|privacy policy|terms of (?:use|service)",
    re.I,
)
# Credits that close an article: （责任编辑：某某）.
CREDIT = re.compile(r"^[（(【\[\s]*(?:责任?编辑|责编|網?责任編輯|编辑|編輯|编审|审核|審核|校对|初审|复审|终审|一审|二审|三审|监制|值班编辑|签发|审签|供稿|发布人|录入|录入员|上传|信息员|网络编辑|来源|稿源|文章来源|信息来源)\s*[:：/].{0,60}[)）】\]]?$")
# Class and id words that name what is not the article, and CMS marks that name what is.
AGAINST = re.compile(
    r"(?<![a-z])(?:comments?|footer|foot|bottom|sidebar|side|aside|relate[ds]?|relevant|recommends?|recommended|tuijian|shares?|sharing|copyright|breadcrumbs?|crumbs?|nav|navbar|navi|menu|hot|rank|ranking|toolbar|login|statement|disclaimer|mianze|advert|ads?|banner|pinglun|xgxw|xgyd|xgwz|pagination|pager|pages?|popup|modal|dialog|reply|qrcode|ewm|bdsharebuttonbox|bshare|jiathis|location|weizhi|position|dqwz|friendlink|links|tools?|subnav|tags|next|prev|search|header|top|logo|weather|cookie|newsletter|subscribe|promo|teaser|widget|related-posts|outbrain|taboola)(?![a-z])",
    re.I,
)
FOR = re.compile(r"content|article|trs_|zoom|detail|main|text|body|news|vsb|ucap|view|story|post|entry|zhengwen|neirong|wenzhang", re.I)
CMS = re.compile(
    r"(?:^|\s)(?:trs_editor|trs_ueditor|ucap-content|zoom|zoomcon|fontzoom|vsb_content\S*|v_news_content|wp_articlecontent|pages_content|custom_unionstyle|artibody|js_content|rich_media_content|article-content|article_content|articlecontent|article-body|article_body|articlebody|post_body|post_text|post-content|entry-content|post-body|artical_real|main_content|rm_txt_con|text_con|endtext|contenttext|content_area|show_text|mod-content|detail-content|detail_content|view_con|news_txt|news_content|newscontent|newstext|story-body|articletext|article_txt|conttext|infocontent|bt_content|xl_content|zwgk_content|nr_content)(?=\s|$)",
    re.I,
)
