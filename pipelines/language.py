"""Text -> BCP-47 language with script where it matters: zh-Hans, zh-Hant, en, de ...

Decided from the text; the page's lang attribute only breaks ties between languages of the Latin script, because templates
say zh-CN on English pages.
"""

import re

_SIMPLE = "这个国来时们会发动对为说产种后经进电实现体当业应开还关与区长门问间马语见让从务报场东车书乡园"
_TRADITIONAL = "這個國來時們會發動對為說產種後經進電實現體當業應開還關與區長門問間馬語見讓從務報場東車書鄉園"
SIMPLIFIED = re.compile("[" + "".join(a for a, b in zip(_SIMPLE, _TRADITIONAL, strict=True) if a != b) + "]")
TRADITIONAL = re.compile("[" + "".join(b for a, b in zip(_SIMPLE, _TRADITIONAL, strict=True) if a != b) + "]")
SCRIPTS = (
    (re.compile("[\u3040-\u30ff]"), "ja", 0.08),  # kana: few suffice, the rest of the text is Han
    (re.compile("[\uac00-\ud7af]"), "ko", 0.2),
    (re.compile("[\u0f00-\u0fff]"), "bo", 0.3),
    (re.compile("[\u1800-\u18af]"), "mn-Mong", 0.3),
    (re.compile("[\u0600-\u06ff]"), "ar", 0.3),
    (re.compile("[\u0400-\u04ff]"), "ru", 0.3),
    (re.compile("[\u0e00-\u0e7f]"), "th", 0.3),
)
UYGHUR = re.compile("[ېەۆۇۈۋڭ]")
HAN = re.compile("[\u3400-\u9fff]+")  # runs
KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
STOPWORDS = {
    "en": frozenset(
        ["the", "of", "and", "to", "in", "is", "that", "for", "on", "with", "was", "are", "by", "this", "from"]
    ),
    "de": frozenset(
        ["der", "die", "und", "das", "von", "mit", "den", "für", "ist", "nicht", "auf", "ein", "eine", "des", "im"]
    ),
    "fr": frozenset(
        ["le", "la", "les", "des", "et", "en", "du", "une", "est", "pour", "dans", "que", "qui", "sur", "par"]
    ),
    "es": frozenset(["el", "la", "los", "las", "de", "en", "que", "y", "por", "con", "para", "una", "del", "se"]),
    "pt": frozenset(["o", "os", "de", "que", "e", "do", "da", "em", "um", "para", "com", "não", "uma", "no"]),
    "it": frozenset(["il", "di", "che", "la", "e", "per", "un", "in", "una", "del", "della", "con", "sono"]),
    "nl": frozenset(["de", "het", "een", "van", "en", "in", "is", "dat", "op", "te", "voor", "met", "zijn"]),
    "vi": frozenset(["và", "của", "là", "có", "trong", "được", "cho", "các", "những", "một", "không"]),
}
SAMPLE = 700


def language_of(text: str, declared: str | None = None) -> str | None:
    """declared: the lang attribute.  None if the text has too few letters to tell."""
    sample = text[:SAMPLE]
    han = sum(map(len, HAN.findall(sample)))
    letters = han if han > 0.7 * len(sample) else sum(map(str.isalpha, sample))  # the usual page: no need to count them
    if letters < 4:
        return None
    if han > 0.7 * letters and not KANA.search(sample):
        return "zh-Hant" if is_traditional(sample) else "zh-Hans"
    for script, language, share in SCRIPTS:
        if len(script.findall(sample)) > share * letters:
            return "ug" if language == "ar" and UYGHUR.search(sample) else language
    if han > 0.3 * letters:
        return "zh-Hant" if is_traditional(sample) else "zh-Hans"
    words = re.findall(r"[^\W\d_]+", sample.lower())
    counts = {language: sum(map(known.__contains__, words)) for language, known in STOPWORDS.items()}
    best = max(counts, key=lambda language: counts[language])
    if counts[best] >= max(2, 0.04 * len(words)):
        return best
    code = (declared or "").split("-")[0].lower()
    return code if re.fullmatch(r"[a-z]{2,3}", code) and code != "zh" else None


def is_traditional(text: str) -> bool:
    """More characters that only traditional writing has than such of simplified."""
    return len(TRADITIONAL.findall(text)) > len(SIMPLIFIED.findall(text))
