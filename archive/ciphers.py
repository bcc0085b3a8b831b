"""Cipher suites: the name OpenSSL gives a connection's cipher -> the IANA name that WARC-Cipher-Suite wants.

TLS 1.3 suites have one name everywhere.  Older ones are put together from the same parts in another order and spelling
(RFC 5246, 5289, 6367, 6209, 7905); a name whose parts are not known gives None, and the field is left out.
"""

import re

# Key exchange and authentication; plain RSA has no prefix in OpenSSL's names.
EXCHANGE = {
    "ECDHE-ECDSA-": "ECDHE_ECDSA",
    "ECDHE-RSA-": "ECDHE_RSA",
    "ECDHE-": "ECDHE_RSA",  # of the ARIA suites only
    "DHE-RSA-": "DHE_RSA",
    "DHE-DSS-": "DHE_DSS",
    "AECDH-": "ECDH_anon",
    "ADH-": "DH_anon",
    "": "RSA",
}
SUITE = re.compile(
    r"(?P<exchange>(?:ECDHE-ECDSA|ECDHE-RSA|ECDHE(?=-ARIA)|DHE-RSA|DHE-DSS|AECDH|ADH)-|)"
    r"(?:(?P<block>AES|CAMELLIA|ARIA)(?P<bits>128|256)(?:-(?P<aead>GCM|CCM8?))?|(?P<other>DES-CBC3|RC4|SEED|NULL))"
    r"(?:-(?P<mac>MD5|SHA|SHA256|SHA384))?"
)
CHACHA = re.compile(r"(?P<exchange>(?:ECDHE-ECDSA|ECDHE-RSA|DHE-RSA)-)CHACHA20-POLY1305")
OTHER = {"DES-CBC3": "3DES_EDE_CBC", "RC4": "RC4_128", "SEED": "SEED_CBC", "NULL": "NULL"}


def iana_cipher(openssl_name: str) -> str | None:
    """Return "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" for "ECDHE-RSA-AES128-GCM-SHA256"; None if it is not known."""
    if openssl_name.startswith("TLS_"):
        return openssl_name
    if found := CHACHA.fullmatch(openssl_name):
        return f"TLS_{EXCHANGE[found['exchange']]}_WITH_CHACHA20_POLY1305_SHA256"
    found = SUITE.fullmatch(openssl_name)
    if found is None:
        return None
    aead, mac = found["aead"], found["mac"]
    if (mac is None) != (aead in ("CCM", "CCM8")):  # only CCM suites name no hash
        return None
    return f"TLS_{EXCHANGE[found['exchange']]}_WITH_{_cipher(found)}" + (f"_{mac}" if mac else "")


def _cipher(found: re.Match[str]) -> str:
    if found["other"]:
        return OTHER[found["other"]]
    mode = {"CCM8": "CCM_8", None: "CBC"}.get(found["aead"], found["aead"])
    return f"{found['block']}_{found['bits']}_{mode}"
