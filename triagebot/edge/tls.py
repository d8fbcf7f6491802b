"""TLS contexts that verify, always (safety.md F.4)."""

import ssl
from pathlib import Path

from triagebot.core.errors import ServerUntrusted


def make_context(ca: str, directory: Path) -> ssl.SSLContext:
    """Given an additional CA file ("" for none, relative to the desk's directory), return a verifying context.

    Raise ServerUntrusted when the CA file cannot be used.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca:
        try:
            context.load_verify_locations(directory / ca)
        except (OSError, ssl.SSLError) as error:
            raise ServerUntrusted(f"the CA file {directory / ca} cannot be used: {error}") from None
    return context
