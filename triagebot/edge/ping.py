"""The heartbeat: a web address that is fetched while all is well, so that somebody else notices when it stops."""

import ssl
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.parse import urlsplit

from triagebot.core.loopback import is_loopback

SECONDS = 10.0
_READ = 1024


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows redirects to the same host only, and never from https to http: the address is a secret."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        """Return the next request, or None, which makes the answer an error."""
        before, after = urlsplit(req.full_url), urlsplit(newurl)
        if (before.scheme, before.netloc) != (after.scheme, after.netloc):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch_ping(address: str, context: ssl.SSLContext, seconds: float = SECONDS) -> str:
    """Given an address (https, or http on this machine) and a verifying context, fetch it. Return "", or a sentence
    about what went wrong, in which only the host is named. Never raises."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return "the address of the heartbeat cannot be read; write it whole, such as https://hc.example/1234"
    local = is_loopback(host)
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        return "the address of the heartbeat must begin with https://, or anybody on the way could read it"
    # On this machine no proxy is asked; elsewhere the system's settings hold.
    proxies = [urllib.request.ProxyHandler({})] if local else []
    opener = urllib.request.build_opener(_SameHost(), urllib.request.HTTPSHandler(context=context), *proxies)
    try:
        request = urllib.request.Request(address, headers={"User-Agent": "triagebot"})
        with opener.open(request, timeout=seconds) as answer:
            answer.read(_READ)
    except urllib.error.HTTPError as error:
        error.close()
        return f"the heartbeat at {host} is answered with {error.code}"
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
        return f"the heartbeat at {host} cannot be given: {_on_one_line(str(reason))}"
    return ""


def _on_one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:200]
