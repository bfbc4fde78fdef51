"""Stored passwords to try: as other software wrote them, damaged, and too dear to check."""

from hypothesis import strategies as st

from mailadmin.core.passwords.stored import KNOWN_SCHEMES

ADDRESS = "alice@example.org"
ASCII = """it's a "plain" {one}"""
UTF8 = """pässwörd €uro "quote' {x}"""

WRITTEN_FORMS = ["SHA512-CRYPT.B64", "SHA256-CRYPT.HEX", "SSHA512.HEX", "SSHA.BASE64", "CRAM-MD5.B64", "PLAIN.HEX"]

BARE_FORMS = ["SHA512-CRYPT:bare", "sha256-crypt:BARE", "MD5-CRYPT:bare", "CRYPT:bare"]

# Strings for "test123" that other software wrote, so that this code and Dovecot cannot be wrong together.
TEST123 = [
    "VXAXutUnpVYg6",
    "{CRYPT}VXAXutUnpVYg6",
    "{crypt}VXAXutUnpVYg6",
    "$2y$10$4gbwQMAoJPcg.mWnENYNg.syH9mZNsbQu6KN7skK92g3tlPnvvBDW",
    "$2a$10$4gbwQMAoJPcg.mWnENYNg.syH9mZNsbQu6KN7skK92g3tlPnvvBDW",
    "$2b$10$4gbwQMAoJPcg.mWnENYNg.syH9mZNsbQu6KN7skK92g3tlPnvvBDW",
    "{MD5-CRYPT}$1$AIjpWveQ$2s3eEAbZiqkJhMYUIVR240",
    "{MD5}$1$AIjpWveQ$2s3eEAbZiqkJhMYUIVR240",
    "$1$AIjpWveQ$2s3eEAbZiqkJhMYUIVR240",
    "$5$CFly6wzfn2az3U8j$EhfQPTdjpMGAisfCjCKektLke5GGEmtdLVaCZSmsKw2",
    "{SHA256-CRYPT}$5$CFly6wzfn2az3U8j$EhfQPTdjpMGAisfCjCKektLke5GGEmtdLVaCZSmsKw2",
    "$y$j9T$sV5SsV5SsV5SsV5SsV5Ss/$RnKyp6J.c9vTgQObKA2Yy1dC3NEPnYthmCE81OrSLD5",
    "{CRYPT}$y$j9T$sV5SsV5SsV5SsV5SsV5Ss/$RnKyp6J.c9vTgQObKA2Yy1dC3NEPnYthmCE81OrSLD5",
    "{ARGON2I}$argon2i$v=19$m=32768,t=4,p=1$xoOcAGa27k0Sr6ZPbA9ODw$wl/KAZVmJooD/35IFG5oGwyQiAREXrLss5BPS1PDKfA",
    "$argon2i$v=19$m=32768,t=4,p=1$xoOcAGa27k0Sr6ZPbA9ODw$wl/KAZVmJooD/35IFG5oGwyQiAREXrLss5BPS1PDKfA",
    "cc03e747a6afbbcbf8be7668acfebee5",
    "CC03E747A6AFBBCBF8BE7668ACFEBEE5",
    "{PLAIN-MD5}cc03e747a6afbbcbf8be7668acfebee5",
    "{MD5RAW}cc03e747a6afbbcbf8be7668acfebee5",
    "{md5raw}cc03e747a6afbbcbf8be7668acfebee5",
    "{MD5}zAPnR6avu8v4vnZorP6+5Q==",
    "{md5}zAPnR6avu8v4vnZorP6+5Q==",
    "{LDAP-MD5}zAPnR6avu8v4vnZorP6+5Q==",
    "{SHA256}7NcYcNGWMxapfjrDQIyYNa2M8PPBvHA1J8MCZVNPda4=",
    "{SHA256}ecd71870d1963316a97e3ac3408c9835ad8cf0f3c1bc703527c30265534f75ae",
    "{SSHA}ZkqrSEAhvd0FTHaK1IxAQCRa5LWbxGQY",
    "{PLAIN-MD4}1b4e305b101abaded0dc949dc4ad009a",
    "{PLAIN}test123",
    "{clear}test123",
    "{CLEARTEXT}test123",
    "{PLAIN.B64}dGVzdDEyMw==",
    "{plain.hex}74657374313233",
]

DAMAGED = [
    "",
    "!",
    "*",
    "x",
    "test123",
    "!$1$AIjpWveQ$2s3eEAbZiqkJhMYUIVR240",
    "*VXAXutUnpVYg6",
    "!{PLAIN}test123",
    "{PLAIN}",
    "{}test123",
    "{PLAIN",
    "{PLAIN.}test123",
    "{PLAIN.ROT13}test123",
    "{UNHEARD-OF}test123",
    "{PLAIN.HEX}7465737431323",
    "{PLAIN.B64}dGVzdDEyMw",
    "{SSHA}",
    "{SSHA}!!!",
    "{SSHA}cojt0Pw//L6ToM8G41aOKFIWh7w=",
    "{SHA256}7NcY",
    "{CRYPT}*0",
    "{CRYPT}_J9..K0AyUubf4cl0kQ.",
    "{BLF-CRYPT}$2y$10$short",
    "{BLF-CRYPT}$2y$05$" + "9" * 53,
    "$6$rounds=x$salt$" + "a" * 86,
    "{ARGON2ID}$argon2id$v=19$m=,t=,p=$$",
    "{SCRAM-SHA-256}4096,AAAA,AAAA",
    "{SCRAM-SHA-256}4096,=,=,=",
    "{SCRAM-SHA-256}0,AAAA,AAAA,AAAA",
    "{PBKDF2}$1$salt$0$" + "0" * 40,
    "{CRAM-MD5}00",
    "{DIGEST-MD5}00",
    "ünïcode",
    "{PLAIN-MD5}" + "é" * 32,
    "\0",
    "\ud800",
    "{PLAIN}\ud800",
    "{SSHA}" + "A" * 1_000_000,
]

# Each would take from seconds to centuries, or gigabytes.
EXPENSIVE = [
    "{ARGON2ID}$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHRzYWx0$" + "A" * 43,
    "{ARGON2ID}$argon2id$v=19$m=65536,t=1000,p=1$c2FsdHNhbHRzYWx0$" + "A" * 43,
    "{ARGON2ID}$argon2id$v=19$m=1048576,t=20,p=1$c2FsdHNhbHRzYWx0$" + "A" * 43,
    "{ARGON2ID}$argon2id$v=19$m=65536,t=1,p=255$c2FsdHNhbHRzYWx0$" + "A" * 43,
    "{BLF-CRYPT}$2y$31$" + "." * 53,
    "$2y$16$" + "." * 53,
    "$6$rounds=999999999$salt$" + "a" * 86,
    "$5$rounds=2000001$salt$" + "a" * 43,
    "$y$jFT$sV5SsV5SsV5SsV5SsV5Ss/$RnKyp6J.c9vTgQObKA2Yy1dC3NEPnYthmCE81OrSLD5",
    "{CRYPT}_zzzzK0AyUubf4cl0kQ.",
    "{PBKDF2}$1$salt$999999999$" + "0" * 40,
    "{SCRAM-SHA-256}999999999,c2FsdA==,AAAA,AAAA",
]

CHEAP = [
    "$1$AIjpWveQ$2s3eEAbZiqkJhMYUIVR240",
    "VXAXutUnpVYg6",
    "$5$rounds=1000$CFly6wzfn2az3U8j$EhfQPTdjpMGAisfCjCKektLke5GGEmtdLVaCZSmsKw2",
    "$2y$04$4gbwQMAoJPcg.mWnENYNg.syH9mZNsbQu6KN7skK92g3tlPnvvBDW",
    "$argon2id$v=19$m=8,t=1,p=1$xoOcAGa27k0Sr6ZPbA9ODw$wl/KAZVmJooD/35IFG5oGwyQiAREXrLss5BPS1PDKfA",
    "{SCRAM-SHA-256}9,AAAA,AAAA,AAAA",
    "{PBKDF2}$1$salt$9$" + "0" * 40,
    "{SSHA}ZkqrSEAhvd0FTHaK1IxAQCRa5LWbxGQY",
    "{CRAM-MD5}" + "0" * 64,
]


@st.composite
def broken(draw: st.DrawFn) -> str:
    """A true string with a piece cut out and another put in."""
    whole = draw(st.sampled_from(CHEAP))
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    return whole[:start] + draw(st.text(max_size=3) | st.text("$=,./Az{}*", max_size=5)) + whole[end:]


PREFIXES = [f"{{{name}{encoding}}}" for name in sorted(KNOWN_SCHEMES) for encoding in ("", ".HEX", ".B64")]

STORED = st.text() | st.builds(str.__add__, st.sampled_from(PREFIXES), st.text() | st.sampled_from(CHEAP)) | broken()
