"""The wiring page: Scrapy's components in the order in which data meets them.

What a run needs (home, sites, limits) is no setting: it is the Run that the spider carries.
"""

BOT_NAME = "parknews"
SPIDER_MODULES = ["spiders.news"]
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"

# URL -> request: rows of state.sqlite, handed out when their host may be asked
SCHEDULER = "crawler.frontier.Frontier"
CONCURRENT_REQUESTS = 128
CONCURRENT_REQUESTS_PER_DOMAIN = 128  # the frontier paces hosts; Scrapy's slots must not queue
DOWNLOAD_DELAY = 0
AUTOTHROTTLE_ENABLED = False  # it wears floors down
ROBOTSTXT_OBEY = False  # crawler.politeness does, from archived robots.txt

# request -> wire: only what a polite client adds; retries and redirects are endings of the frontier
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": 700,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
}
HTTPPROXY_ENABLED = True

# name -> addresses of both families; crawler.addresses puts its guard before it
TWISTED_DNS_RESOLVER = "scrapy.resolver.CachingHostnameResolver"
REACTOR_THREADPOOL_MAXSIZE = 32  # a look-up holds a thread; a few dead name servers must not keep the others waiting

# wire -> WARC record: the tape
DOWNLOAD_HANDLERS = {
    "http": "crawler.capture.CaptureHandler",
    "https": "crawler.capture.CaptureHandler",
    "ftp": None,
    "file": None,
    "s3": None,
    "data": None,
}

# WARC record -> page -> article -> feed: crawler.harvest follows the captures; nothing passes the spider
CONCURRENT_ITEMS = 1  # measured: with 100 Scrapy starts a hundred tasks a response, a tenth of the whole CPU
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
EXTENSIONS_BASE: dict[str, int] = {}
TELNETCONSOLE_ENABLED = False
LOG_INSTALL_ROOT_HANDLER = False  # crawler.cli sets up logging
STATS_DUMP = False
LOGSTATS_INTERVAL = 0
REQUEST_FINGERPRINTER_CLASS = "scrapy.utils.request.RequestFingerprinter"
