"""A server that demands TLS, with a certificate of its own: who trusts it gets in, who does not is told."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kg.bootstrap import open_graph
from kg.config import Settings
from kg.errors import StoreError
from kg.store.neo4j.connection import Connection, read_password
from script.neo4j_server import LONG_TERM, Running, start, stop
from tests.contract.samples import batch, put, row
from tests.crash.killing import ROOT
from tests.ports import free_port

TRUSTING = """
import sys
from pathlib import Path
from kg.bootstrap import open_graph
from kg.config import Settings
settings = Settings(data=Path(sys.argv[1]), store=sys.argv[2], neo4j_password_file=Path(sys.argv[3]), key_file=Path(sys.argv[4]))
with open_graph(settings) as graph:
    print([one.id.key for one in graph.store.rows()])
"""


def write_certificate(folder: Path) -> Path:
    """Write a new key and a certificate that it signed itself, for this machine and a day; return the certificate."""
    folder.mkdir(parents=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509
        .CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([
                x509.DNSName("localhost"),
                x509.IPAddress(IPv4Address("127.0.0.1")),
            ]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "private.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    (folder / "private.key").chmod(0o600)
    (folder / "public.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return folder / "public.crt"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("tls") / "home"
    write_certificate(home / "certificates" / "bolt")
    running = start(LONG_TERM, home, port=free_port(), owner=os.getpid(), brief=True)
    yield running
    stop(home, seconds=5)


@pytest.mark.slow
class TestEncryption:
    engine: ClassVar[str] = "neo4j"

    def test_only_encrypted_addresses_that_trust_it_get_in(self, server: Running, tmp_path: Path) -> None:
        password = read_password(server.password_file)
        assert server.address.startswith("neo4j+ssc://")
        for scheme in ("neo4j+ssc", "bolt+ssc"):
            Connection.open(f"{scheme}://127.0.0.1:{server.port}", password=password).close()
        for scheme in ("neo4j", "bolt", "neo4j+s", "bolt+s"):
            with pytest.raises(StoreError, match="证书") as caught:
                Connection.open(f"{scheme}://127.0.0.1:{server.port}", password=password, retry_seconds=1)
            assert caught.value.fields["reason"] == "unavailable"

    def test_a_service_stores_and_one_that_trusts_the_certificate_reads(
        self, server: Running, tmp_path: Path
    ) -> None:
        settings = Settings(
            data=tmp_path / "a",
            store=server.address,
            neo4j_password_file=server.password_file,
            key_file=tmp_path / "key",
        )
        with open_graph(settings) as graph:
            graph.store.stage("x", [put(row("k1", at="need:k1"))])
            graph.store.publish(batch(), staged="x")
            assert graph.ledger.append("audit", {"a": 1}) == 1
        certificate = server.home / "certificates" / "bolt" / "public.crt"
        words = [tmp_path / "b", f"neo4j+s://localhost:{server.port}", server.password_file, tmp_path / "key"]
        told = subprocess.run(
            [sys.executable, "-c", TRUSTING, *map(str, words)],
            cwd=ROOT, env={**os.environ, "SSL_CERT_FILE": str(certificate)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert told.stdout.strip() == "['k1']", told.stderr
