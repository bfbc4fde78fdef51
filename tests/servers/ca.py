"""A certificate authority for the tests, and server certificates signed by it."""

import datetime
import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .processes import private_dir

NAMES = ("mx.test.example", "localhost", "127.0.0.1")


@dataclass(frozen=True)
class Certificate:
    """Where a server's certificate (with its chain) and key lie, PEM."""

    certificate: Path
    key: Path


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class CertificateAuthority:
    """A new authority in a directory of its own; `certificate` is what clients are told to trust."""

    def __init__(self) -> None:
        self.dir = private_dir()
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.root = self._sign(_name("Test authority"), self.key.public_key(), _name("Test authority"), None)
        self.certificate = self.dir / "ca.pem"
        self.certificate.write_bytes(self.root.public_bytes(serialization.Encoding.PEM))

    def _sign(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, issuer: x509.Name, names: Sequence[str] | None
    ) -> x509.Certificate:
        """Sign a certificate valid for 10 days; one without names is the authority's own."""
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(days=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=10))
        builder = builder.add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(issuer_key, critical=False)
        if names is not None:
            alternatives = x509.SubjectAlternativeName([_alternative(name) for name in names])
            builder = builder.add_extension(alternatives, critical=False)
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
            builder = builder.add_extension(usage, critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def issue(self, *names: str) -> Certificate:
        """Issue a server certificate for the names and addresses (default: NAMES)."""
        names = names or NAMES
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(_name(names[0]), key.public_key(), self.root.subject, names)
        paths = Certificate(self.dir / f"{names[0]}.pem", self.dir / f"{names[0]}.key")
        paths.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        paths.key.touch(mode=0o600)
        paths.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return paths

    def context(self) -> ssl.SSLContext:
        """Return a client's context that trusts this authority and nothing else."""
        return ssl.create_default_context(cafile=str(self.certificate))
