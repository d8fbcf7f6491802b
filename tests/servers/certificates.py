"""Certificates for the servers: an own authority, a good certificate, and bad ones for TLS tests."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

GOOD_NAMES = ("localhost", "127.0.0.1", "mx.company.test", "imap.company.test")


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files of a server: its chain, its key, and the authority (`ca`) a client has to trust for it."""

    chain: Path
    key: Path
    ca: Path

    def server_context(self) -> ssl.SSLContext:
        """Return what a server needs to speak TLS with this certificate."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.chain, self.key)
        return context

    def client_context(self) -> ssl.SSLContext:
        """Return a verifying context of a client that trusts this certificate's authority only."""
        return ssl.create_default_context(cafile=str(self.ca))


class Authority:
    """A certificate authority that writes PEM files below `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ca = directory / "ca.pem"
        self._authority = trustme.CA()
        self._authority.cert_pem.write_to_path(str(self.ca))

    def good(self) -> Certificate:
        """Return a certificate for localhost, 127.0.0.1 and the names of the mail servers."""
        return self._issue("good", *GOOD_NAMES)

    def wrong_host(self) -> Certificate:
        """Return a certificate for another host, signed by the trusted authority."""
        return self._issue("wrong-host", "elsewhere.test")

    def expired(self) -> Certificate:
        """Return a certificate for the right host that ended in the year 2020."""
        return self._issue("expired", *GOOD_NAMES, not_after=datetime(2020, 1, 1, tzinfo=UTC))

    def stranger(self) -> Certificate:
        """Return a certificate for the right host by an authority nobody trusts; `ca` is still ours."""
        return self._issue("stranger", *GOOD_NAMES, authority=trustme.CA())

    def self_signed(self) -> Certificate:
        """Return a certificate for the right host that only its own key has signed; `ca` is still ours."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, GOOD_NAMES[0])])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(GOOD_NAMES[0])]), critical=False)
            .sign(key, hashes.SHA256())
        )
        chain, private = self.directory / "self-signed.pem", self.directory / "self-signed.key"
        chain.write_bytes(made.public_bytes(Encoding.PEM))
        private.touch(0o600)
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return Certificate(chain, private, self.ca)

    def _issue(
        self,
        file_name: str,
        *hosts: str,
        not_after: datetime | None = None,
        authority: trustme.CA | None = None,
    ) -> Certificate:
        issued = (authority or self._authority).issue_cert(*hosts, common_name=hosts[0], not_after=not_after)
        chain, key = self.directory / f"{file_name}.pem", self.directory / f"{file_name}.key"
        chain.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        key.touch(0o600)
        key.write_bytes(issued.private_key_pem.bytes())
        return Certificate(chain, key, self.ca)
