"""Cipher suite names: OpenSSL's -> IANA's."""

import shutil
import subprocess

import pytest

from archive.ciphers import iana_cipher


@pytest.mark.parametrize(
    ("openssl", "iana"),
    [
        ("TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"),
        ("ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        ("ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
        ("DHE-RSA-AES256-SHA256", "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256"),
        ("AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"),
        ("DES-CBC3-SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
        ("ECDHE-ARIA256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384"),
        ("AES256-CCM8", "TLS_RSA_WITH_AES_256_CCM_8"),
        ("ECDHE-RSA-SM4-GCM-SM3", None),
        ("AES128-CCM-SHA", None),
        ("", None),
    ],
)
def test_names_are_those_of_the_registry(openssl: str, iana: str | None) -> None:
    assert iana_cipher(openssl) == iana


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_names_are_those_openssl_itself_gives() -> None:
    command = ["openssl", "ciphers", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]
    table = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    pairs = {openssl: iana for iana, _, openssl, *_ in (line.split() for line in table.splitlines())}
    known = {name: iana_cipher(name) for name in pairs if iana_cipher(name) is not None}
    assert known == {name: pairs[name] for name in known}
    assert {name for name in pairs if "PSK" not in name and "SRP" not in name} <= known.keys()
