"""Sender authentication: which Authentication-Results count and what they prove (RFC 8601, safety.md D).

Signed or permitted is not enough: the domain that passed must be the From domain (alignment),
or an attacker's pass for his own domain would make him anybody.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from triagebot.core.decision import Authentication, AuthState, Step
from triagebot.core.mail import AddressList, HeaderBlock
from triagebot.core.reading.address import ascii_domain
from triagebot.core.sender.organization import are_aligned

NO_ID = "office365-no-id"
"""The entry of authserv_ids that believes Microsoft's headers, which name no server (safety.md D.1.4)."""

_MICROSOFT = ("*.protection.outlook.com", "*.prod.outlook.com")
_ONCE = ("subject", "date", "message-id", "content-type", "content-transfer-encoding")
"""What a replayed mail may get a second of, above the signed one, without breaking its signature (safety.md 0.8)."""
_BY = re.compile(r"(?:^|\s)by\s+([^\s;]{1,255})", re.IGNORECASE)
_COMMENT_MARK = re.compile(r"\\.|[()]", re.DOTALL)
_INSTANCE = re.compile(r"[0-9]{1,2}")  # 1 to 50, RFC 8617 section 4.2.1
_SEAL_TAG = re.compile(r"(?:^|;)\s{0,9}([id])\s{0,9}=\s{0,9}([^\s;]{1,255})")


@dataclass(frozen=True, slots=True)
class AuthResult:
    """One result of one method (`dkim`, `pass`) with its properties such as ("header.d", "example.org")."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def only(self, name: str) -> str:
        """Given a property's name, return its value; "" if there is none, or two that differ."""
        values = {value for key, value in self.properties if key == name}
        return values.pop() if len(values) == 1 else ""


@dataclass(frozen=True, slots=True)
class AuthHeader:
    """One Authentication-Results header and where it stands among all header fields.

    `authserv_id` is empty where the header names no server, `problem` says why one could not be read.
    """

    position: int
    authserv_id: str
    results: tuple[AuthResult, ...] = ()
    problem: str = ""


def authenticate(
    headers: HeaderBlock,
    sender: AddressList,
    results: Sequence[AuthHeader],
    authserv_ids: Sequence[str],
    trusted_mx: Sequence[str] = (),
    trusted_forwarders: Sequence[str] = (),
) -> Authentication:
    """Given headers, author and read Authentication-Results, return what is proven about the author.

    `authserv_ids` are the server names to believe (exact or `*.suffix`), `trusted_mx` patterns of own relays,
    `trusted_forwarders` domains whose ARC seal is believed: those of the client the author claims to be.
    """
    trail: list[Step] = []
    if len(headers.all("from")) != 1 or len(sender.addresses) != 1 or sender.defects:
        trail.append(Step("auth.from", "unknown", "From is not exactly one clear address"))
        return Authentication("unknown", ("bad-from",), tuple(trail))
    twice = [name for name in _ONCE if len(headers.all(name)) > 1]
    if twice:
        why = f"{', '.join(twice)} stands there more than once, and a signature covers one of them"
        trail.append(Step("auth.headers", "unknown", why))
        return Authentication("unknown", ("auth-unknown",), tuple(trail))
    border = _border(headers, trusted_mx)
    believed = _believed(results, authserv_ids, trusted_mx, border, trail)
    domain = sender.addresses[0].domain
    state, code, why = _weigh(_by_method(believed), domain, _forwarder(headers, border, trusted_forwarders))
    signed = dict.fromkeys(
        signer for result in _by_method(believed)("dkim") if result.result == "pass" and (signer := _signer(result))
    )
    trail.append(Step("auth.state", state, why))
    return Authentication(state, (code,), tuple(trail), tuple(signed))


def _believed(
    results: Sequence[AuthHeader],
    authserv_ids: Sequence[str],
    trusted_mx: Sequence[str],
    border: int,
    trail: list[Step],
) -> list[AuthHeader]:
    """D.1.2: the instances whose id is ours and that stand above the first hop that is not ours."""
    if not authserv_ids:
        trail.append(Step("auth.results", "none", "authserv_ids is empty, so no result is believed"))
        return []
    ids = [authserv_id.lower() for authserv_id in authserv_ids]
    believed: list[AuthHeader] = []
    for number, header in enumerate(results):
        name = header.authserv_id or "a server without a name"
        if header.problem:
            why = f"not readable: {header.problem}"
        elif header.position > border:
            why = f"{name}: stands below the first foreign Received"
        elif not _is_ours(header, ids, trusted_mx, topmost=number == 0):
            why = f"{name}: not one of authserv_ids"
        else:
            believed.append(header)
            trail.append(Step("auth.results", "believed", f"{name}: {_summary(header)}"))
            continue
        trail.append(Step("auth.results", "ignored", why))
    if not results:
        trail.append(Step("auth.results", "none", "no Authentication-Results header"))
    return believed


def _is_ours(header: AuthHeader, ids: list[str], trusted_mx: Sequence[str], *, topmost: bool) -> bool:
    if not header.authserv_id:
        microsoft = bool(trusted_mx) and all(_is_microsoft(pattern) for pattern in trusted_mx)
        return NO_ID in ids and topmost and microsoft
    return any(
        header.authserv_id == wanted or (wanted.startswith("*.") and header.authserv_id.endswith(wanted[1:]))
        for wanted in ids
        if wanted != NO_ID
    )


def _is_microsoft(pattern: str) -> bool:
    return any(pattern.lower().endswith(known[1:]) for known in _MICROSOFT)


def _border(headers: HeaderBlock, trusted_mx: Sequence[str]) -> int:
    """Given all headers, return the position of the first Received line not written by an own relay."""
    patterns = [pattern.lower() for pattern in trusted_mx]
    for position, field in enumerate(headers.fields):
        if field.name == "received":
            host = written_by(field.value)
            if not any(fnmatchcase(host, pattern) for pattern in patterns):
                return position
    return len(headers.fields)


def written_by(received: str) -> str:
    """Given a Received value, return the host that wrote it, in small letters, or an empty string."""
    found = _BY.search(_without_comments(received))
    return found[1].lower() if found else ""


def _by_method(believed: Sequence[AuthHeader]) -> Callable[[str], tuple[AuthResult, ...]]:
    """Given the believed instances, return a function from a method's name to its results.

    Own instances are written above all that arrived, so only the topmost one that knows a method counts for
    a pass; a failure counts wherever it stands.
    """

    def results_of(method: str) -> tuple[AuthResult, ...]:
        found = [[r for r in header.results if r.method == method] for header in believed]
        found = [results for results in found if results]
        lower = (r for results in found[1:] for r in results if r.result != "pass")
        return (*found[0], *lower) if found else ()

    return results_of


def _weigh(
    results_of: Callable[[str], tuple[AuthResult, ...]], domain: str, forwarder: str
) -> tuple[AuthState, str, str]:
    """Given each method's results, the From domain and the trusted forwarder that sealed the mail (or ""), return
    state, code and why (D.2)."""
    dmarc, dkim, spf = results_of("dmarc"), results_of("dkim"), results_of("spf")
    forwarded = any(result.result == "pass" for result in results_of("arc"))
    if forwarded and forwarder:
        passed = _aligned_pass(dmarc, dkim, domain)
        return passed or ("weak", "arc-forwarder", f"sealed by {forwarder}, a declared forwarder (ARC)")
    if any(result.result == "fail" for result in dmarc):
        return "fail", "dmarc", f"DMARC failed for {domain}"
    passed = _aligned_pass(dmarc, dkim, domain)
    if passed:
        return passed
    if any(r.result == "pass" and are_aligned(_envelope_domain(r), domain) for r in spf):
        return "weak", "spf", f"SPF alone passed for {domain}"
    if forwarded:
        return "weak", "arc", "an ARC seal of somebody passed, nothing else"
    if any(r.result in ("fail", "hardfail") for r in (*dkim, *spf)) and not any(
        r.result == "pass" for r in (*dkim, *spf)
    ):
        return "fail", "auth-fail", "DKIM or SPF failed and nothing passed"
    return "unknown", "auth-unknown", f"no believed result speaks of {domain}"


def _aligned_pass(
    dmarc: tuple[AuthResult, ...], dkim: tuple[AuthResult, ...], domain: str
) -> tuple[AuthState, str, str] | None:
    if any(result.result == "fail" for result in dmarc):
        return None
    if any(r.result == "pass" and ascii_domain(r.only("header.from")) == domain for r in dmarc):
        return "pass", "dmarc", f"DMARC passed for {domain}"
    if any(r.result == "pass" and are_aligned(_signer(r), domain) for r in dkim):
        return "pass", "dkim", f"a DKIM signature aligned with {domain} passed"
    return None


def _signer(result: AuthResult) -> str:
    """The signing domain: header.d, or where a provider leaves it out (Gmail) the domain of header.i."""
    return ascii_domain(result.only("header.d") or result.only("header.i").rpartition("@")[2])


def _envelope_domain(result: AuthResult) -> str:
    return ascii_domain(result.only("smtp.mailfrom").rpartition("@")[2])


def _forwarder(headers: HeaderBlock, border: int, trusted_forwarders: Sequence[str]) -> str:
    """Given headers and declared forwarders, return the one that made the last ARC seal, or "" (RFC 8617 section 5.2).

    Seals above the first foreign Received are the provider's own, made after it judged the mail (Gmail and
    Microsoft seal whatever they take in), so they do not count.
    """
    if not trusted_forwarders:
        return ""
    arrived = (field.value for field in headers.fields[border:] if field.name == "arc-seal")
    seals = [dict(_SEAL_TAG.findall(value)) for value in arrived]
    numbered = [(int(seal["i"]), seal.get("d", "")) for seal in seals if _INSTANCE.fullmatch(seal.get("i", ""))]
    last = ascii_domain(max(numbered, default=(0, ""))[1])
    return last if last in {ascii_domain(name) for name in trusted_forwarders} else ""


def _without_comments(value: str) -> str:
    """Given a structured header value, return it with each comment as a space, in linear time."""
    kept: list[str] = []
    depth = start = 0
    for mark in _COMMENT_MARK.finditer(value):
        if mark[0] == "(":
            if depth == 0:
                kept.append(value[start : mark.start()])
            depth += 1
        elif mark[0] == ")" and depth:
            depth -= 1
            start = mark.end()
    return " ".join((*kept, value[start:])) if depth == 0 else " ".join(kept)


def _summary(header: AuthHeader) -> str:
    return ", ".join(f"{result.method}={result.result}" for result in header.results)[:200] or "none"
