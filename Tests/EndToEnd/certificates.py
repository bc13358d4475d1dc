"""Throw-away authorities and what they issue, as files."""

import datetime
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization
from running_server import DEADLINE, RunningServer

DAY = datetime.timedelta(days=1)


@dataclass
class Pair:
    """A certificate with its chain, and its key."""

    certificate: Path
    key: Path

    @property
    def flags(self):
        return ["--tls-certificate", self.certificate, "--tls-key", self.key]

    @property
    def files(self):
        return (str(self.certificate), str(self.key))


class Authority:
    """Writes everything into one folder."""

    def __init__(self, folder, name="ca"):
        self.folder = folder
        self.name = name
        self.ca = trustme.CA()
        self.certificate = folder / f"{name}.pem"
        self.ca.cert_pem.write_to_path(self.certificate)

    def issue(self, name, host="127.0.0.1", age=None):
        """A certificate; `age` days ago it expired."""
        times = {}
        if age is not None:
            now = datetime.datetime.now(datetime.timezone.utc)
            times = {"not_before": now - (age + 1) * DAY, "not_after": now - age * DAY}
        issued = self.ca.issue_cert(host, **times)
        pair = Pair(self.folder / f"{self.name}-{name}.pem", self.folder / f"{self.name}-{name}.key")
        pair.certificate.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
        pair.key.write_bytes(issued.private_key_pem.bytes())
        return pair

    @property
    def trusted(self):
        """The file that a client of `requests` needs to trust this authority."""
        return {"verify": str(self.certificate)}

    def context(self, version=None, protocols=()):
        """A client's context that trusts this authority."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        if version:
            context.minimum_version = context.maximum_version = version
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context


def locked_key(pair):
    """The pair's key behind a pass phrase."""
    key = serialization.load_pem_private_key(pair.key.read_bytes(), None)
    path = pair.key.with_suffix(".locked")
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    return path


def tls_server(authority, *arguments, **options):
    """A server with a certificate of the authority, which its own requests trust."""
    flags = authority.issue("server").flags
    client = {**authority.trusted, **options.pop("client", {})}
    return RunningServer(*flags, *arguments, client=client, **options)


def connect(server, context, sock=None, session=None):
    """A TLS connection; clean ends only, so that a missing close_notify is an error."""
    sock = sock or socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE)
    return context.wrap_socket(
        sock, server_hostname="127.0.0.1", suppress_ragged_eofs=False, session=session
    )
