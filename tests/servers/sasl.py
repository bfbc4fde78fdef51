"""Mail programs' side of the challenge mechanisms, by hand: Python's libraries know CRAM-MD5 alone, and not for POP3.

A client is called with each challenge of the server and returns its response, both as they are before Base64.
"""

import hashlib
import hmac
import imaplib
import poplib
import re
import smtplib
from base64 import b64decode, b64encode
from collections.abc import Callable

Client = Callable[[bytes], bytes]

_NONCE = "c2FsdCBhbmQgcGVwcGVy"


def plain(user: str, password: str) -> Client:
    """RFC 4616."""
    return lambda _challenge: f"\0{user}\0{password}".encode()


def cram_md5(user: str, password: str) -> Client:
    """RFC 2195."""
    return lambda challenge: f"{user} {hmac.new(password.encode(), challenge, 'md5').hexdigest()}".encode()


def digest_md5(user: str, password: str) -> Client:
    """RFC 2831; the address's domain is the realm, as Dovecot keeps it."""
    name, _at, realm = user.partition("@")

    def answer(challenge: bytes) -> bytes:
        if challenge.startswith(b"rspauth"):
            return b""
        nonce = dict(re.findall(r'(\w+)="([^"]*)"', challenge.decode()))["nonce"]
        known = f"{name}:{realm}:{password}".encode()
        secret = hashlib.md5(hashlib.md5(known).digest() + f":{nonce}:{_NONCE}".encode()).hexdigest()
        asked = hashlib.md5(b"AUTHENTICATE:mail/test").hexdigest()
        response = hashlib.md5(f"{secret}:{nonce}:00000001:{_NONCE}:auth:{asked}".encode()).hexdigest()
        return (
            f'charset=utf-8,username="{name}",realm="{realm}",nonce="{nonce}",nc=00000001,cnonce="{_NONCE}",'
            f'digest-uri="mail/test",response={response},qop=auth'
        ).encode()

    return answer


def scram_sha_256(user: str, password: str) -> Client:
    """RFC 5802 and 7677, without channel binding; a wrong signature of the server's is an error."""
    first = f"n={user},r={_NONCE}"
    expected = b""

    def answer(challenge: bytes) -> bytes:
        nonlocal expected
        if not challenge:
            return f"n,,{first}".encode()
        said = dict(part.split("=", 1) for part in challenge.decode().split(","))
        if "v" in said:
            assert b64decode(said["v"]) == expected, "the server does not know the password"
            return b""
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), b64decode(said["s"]), int(said["i"]))
        last = f"c=biws,r={said['r']}"
        everything = f"{first},{challenge.decode()},{last}".encode()
        key = hmac.digest(salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(key).digest(), everything, "sha256")
        expected = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), everything, "sha256")
        proof = bytes(one ^ other for one, other in zip(key, signature, strict=True))
        return f"{last},p={b64encode(proof).decode()}".encode()

    return answer


MECHANISMS: dict[str, Callable[[str, str], Client]] = {
    "PLAIN": plain,
    "CRAM-MD5": cram_md5,
    "DIGEST-MD5": digest_md5,
    "SCRAM-SHA-256": scram_sha_256,
}


def imap_sign_in(client: imaplib.IMAP4, mechanism: str, user: str, password: str) -> bool:
    """Say whether the server lets the user in."""
    try:
        client.authenticate(mechanism, MECHANISMS[mechanism](user, password))
    except imaplib.IMAP4.error:
        return False
    return True


def pop3_sign_in(client: poplib.POP3, mechanism: str, user: str, password: str) -> bool:
    """Say whether the server lets the user in. Source: RFC 5034."""
    respond = MECHANISMS[mechanism](user, password)
    try:
        said = client._shortcmd(f"AUTH {mechanism}")  # type: ignore[attr-defined]
        while said.startswith(b"+ "):
            response = b64encode(respond(b64decode(said[2:]))).decode()
            said = client._shortcmd(response)  # type: ignore[attr-defined]
    except poplib.error_proto:
        return False
    return True


def smtp_sign_in(client: smtplib.SMTP, mechanism: str, user: str, password: str) -> bool:
    """Say whether the server lets the user in. Source: RFC 4954."""
    respond = MECHANISMS[mechanism](user, password)
    client.ehlo_or_helo_if_needed()
    code, said = client.docmd("AUTH", mechanism)
    while code == 334:
        code, said = client.docmd(b64encode(respond(b64decode(said))).decode())
    return code == 235
