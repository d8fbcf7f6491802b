"""TLS contexts that verify."""

import ssl
from pathlib import Path

import pytest

from tests.servers.certificates import Authority
from triagebot.core.errors import ServerUntrusted
from triagebot.edge.tls import make_context


@pytest.mark.parametrize("with_ca", [False, True])
def test_every_context_verifies(authority: Authority, with_ca: bool) -> None:
    """Host name and certificate are checked, and TLS is 1.2 at least; Python's own protocols do neither."""
    context = make_context("ca.pem" if with_ca else "", authority.directory)
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_an_own_authority_is_trusted_besides_the_systems(authority: Authority) -> None:
    """`ca` adds to what is trusted and takes nothing away; its path starts at the desk or at the root."""
    known = {str(one) for one in make_context("", authority.directory).get_ca_certs()}
    for name in ("ca.pem", str(authority.ca)):
        found = {str(one) for one in make_context(name, authority.directory).get_ca_certs()}
        assert found > known or not known
        assert len(found) == len(known) + 1


def test_a_ca_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A missing file and one without a certificate end with a sentence."""
    (tmp_path / "empty.pem").write_text("no certificate", "utf-8")
    for name in ("missing.pem", "empty.pem"):
        with pytest.raises(ServerUntrusted, match=f"the CA file {tmp_path / name} cannot be used: "):
            make_context(name, tmp_path)
