"""`bin/run --lan`: on which address of this machine phones beside it reach the demo, and the certificate for it.

Camera and WebCrypto need HTTPS on any other device. The certificate is signed by an authority that exists for it
alone: its key is never written down, so that a phone that trusts it trusts this one certificate and nothing else.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from config.local.processes import StackError

LIFETIME = timedelta(days=365)  # phones refuse more than 825 days (support.apple.com/103769)
RENEWED_BEFORE = timedelta(days=14)
CLOCKS_DIFFER = timedelta(days=1)
VIRTUAL = ("docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "tun", "tap", "utun", "wg", "tailscale", "zt", "lxc")


@dataclass(frozen=True)
class Lan:
    """An address of this machine, with a port for the messages' page beside the web server's, and what TLS needs."""

    address: str
    messages_port: int
    folder: Path

    @property
    def certificate(self) -> Path:
        """The server's certificate and the authority's, as PEM."""
        return self.folder / "certificate.pem"

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"

    @property
    def authority(self) -> Path:
        """What a phone is to trust, as PEM."""
        return self.folder / "authority.pem"

    @property
    def messages(self) -> str:
        return f"https://{self.address}:{self.messages_port}"

    def trusting(self) -> ssl.SSLContext:
        """For calls of our own to these addresses."""
        return ssl.create_default_context(cafile=str(self.authority))

    def settings(self, web_port: int) -> dict[str, str]:
        """What the settings read differently. No HSTS: a browser would hold the name to HTTPS when this run is over."""
        site = f"https://{self.address}:{web_port}"
        hosts = ",".join((self.address, *names()))
        return {"SITE_URL": site, "ALLOWED_HOSTS": hosts, "CSRF_TRUSTED_ORIGINS": site, "HSTS_SECONDS": "0"}


def find_address(asked: str) -> str:
    """The address that was asked for, if this machine has it; else the one by which it reaches its network.

    Raises StackError, which says what to do.
    """
    mine = addresses()
    if asked:
        if asked not in mine and not ipaddress.ip_address(asked).is_loopback:
            raise StackError(f"--lan {asked}: this machine has no such address; it has {', '.join(mine) or 'none'}.")
        return asked
    near = [address for address in mine if ipaddress.ip_address(address).is_private]
    if near:
        return near[0]
    if mine:
        raise StackError(
            f"{', '.join(mine)} may be open to the whole internet. Join a Wi-Fi; or, behind a firewall, name it: "
            f"bin/run --lan {mine[0]}"
        )
    raise StackError(
        "No network address was found. Join the Wi-Fi that the phone is in, or plug in a cable, and start again; or "
        "name the address: bin/run --lan ADDRESS"
    )


def addresses() -> list[str]:
    """This machine's IPv4 addresses that others can reach, that of the usual way out first; no virtual networks."""
    up = {name for name, facts in psutil.net_if_stats().items() if facts.isup}
    found = [
        entry.address
        for name, entries in psutil.net_if_addrs().items()
        if name in up and not name.startswith(VIRTUAL)
        for entry in entries
        if entry.family == socket.AF_INET and _reachable(entry.address)
    ]
    usual = _usual_way_out()
    return sorted(found, key=lambda address: address != usual)


def _reachable(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified)


def _usual_way_out() -> str:
    """The address that the system would send from; no packet is sent to find it out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("203.0.113.1", 9))  # TEST-NET-3: nobody's
            return str(probe.getsockname()[0])
        except OSError:
            return ""


def names() -> list[str]:
    """The names by which the network may know this machine."""
    own = socket.gethostname().rstrip(".").lower()
    both = {own, own.split(".")[0] + ".local"} if own.isascii() and not own.startswith("localhost") else set()
    return sorted(name for name in both if all(0 < len(part) < 64 for part in name.split(".")))


def prepare(folder: Path, address: str, messages_port: int, *, now: datetime | None = None) -> Lan:
    """Have a certificate for this address and these names under `folder`: the one kept there while it fits, else a new
    one."""
    lan, now = Lan(address, messages_port, folder), now or datetime.now(UTC)
    wanted = {address, *addresses(), *names()}
    if not _fits(lan, wanted, now):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        _make(lan, sorted(wanted), now)
    return lan


def _fits(lan: Lan, wanted: set[str], now: datetime) -> bool:
    """Whether what is kept holds for all that is wanted, for a while yet, and its key belongs to it."""
    try:
        kept = x509.load_pem_x509_certificate(lan.certificate.read_bytes())
        key = serialization.load_pem_private_key(lan.key.read_bytes(), password=None)
        given = kept.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        authority = x509.load_pem_x509_certificate(lan.authority.read_bytes())
        kept.verify_directly_issued_by(authority)
    except Exception:  # what is spoiled in whatever way is made anew
        return False
    held = {str(value) for kind in (x509.IPAddress, x509.DNSName) for value in given.get_values_for_type(kind)}
    private = lan.key.stat().st_mode & 0o077 == 0
    return private and held >= wanted and kept.not_valid_after_utc > now + RENEWED_BEFORE and _pair(kept, key)


def _pair(certificate: x509.Certificate, key: object) -> bool:
    return isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == certificate.public_key()


def _make(lan: Lan, wanted: list[str], now: datetime) -> None:
    """An authority for this once, and a certificate signed by it; the authority's key ends with this function."""
    signer, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name(f"Munjigi demo on {socket.gethostname()}, {now:%Y-%m-%d %H:%M}"[:64])
    authority = (
        _begun(issuer, issuer, signer, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(signer, hashes.SHA256())
    )
    certificate = (
        _begun(_name("Munjigi demo"), issuer, key, now)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in wanted]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    _write(lan.key, key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    _write(lan.authority, authority.public_bytes(pem))
    _write(lan.certificate, certificate.public_bytes(pem) + authority.public_bytes(pem))


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all, for its owner alone."""
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
    new.replace(file)
