"""`triagebot auth`: a person signs in once, by a code typed elsewhere or through a browser, and the desk keeps it.

Nothing is opened here and nothing printed: addresses and codes are handed to the caller.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from triagebot.app.access.tokens import describe_signins, make_provider, refuse, signin_file
from triagebot.app.desk.view import DeskView
from triagebot.core.desk import Oauth
from triagebot.core.errors import LoginRefused, ServerError, ServerUntrusted
from triagebot.core.oauth import DeviceCode, Grant, Refusal, begin_signin, list_signins
from triagebot.edge.oauth.grants import Provider
from triagebot.edge.oauth.redirect import Attempt, RedirectPage

BROWSER_SECONDS = 300.0
SHORTEST_INTERVAL = 1.0
SLOWER = 5.0
"""RFC 8628 section 3.5: after slow_down, five seconds more between two questions."""


@dataclass(frozen=True, slots=True)
class Person:
    """How to speak with whoever signs in: `tell` shows a line, `open_page` is given the address to open, and `ask`
    returns what is answered to a question."""

    tell: Callable[[str], None]
    open_page: Callable[[str], None]
    ask: Callable[[str], str]
    sleep: Callable[[float], None] = time.sleep


def choose_signin(view: DeskView, client_id: str, account: str) -> tuple[Oauth, str]:
    """Given a desk and the id and account that were asked for ("" for the only one), return the sign-in that is meant.

    Raise LoginRefused with a sentence that lists what there is.
    """
    known = list_signins(view.desk)
    if not known:
        raise LoginRefused('no inbox uses a sign-in; write password = { oauth = "google" } and a table [[oauth]] first')
    meant = [one for one in known if client_id in ("", one[0].id) and account in ("", one[1])]
    if len(meant) == 1:
        return meant[0]
    listed = ", ".join(f"{client.id} --account {whose}" for client, whose in known)
    raise LoginRefused(f"{'say which one' if meant else 'there is no such sign-in'}; there is: {listed}")


def sign_in(view: DeskView, client: Oauth, account: str, how: str, person: Person) -> dict[str, Any]:
    """Given a desk, how to sign in, whose account it is, "device", "browser", "paste" or "" for what suits the
    provider, and the person, sign in and return how the sign-in is now.

    Raise LoginRefused when it was not allowed or not done in time, ServerError, SecretError or StoreError.
    """
    way = how or ("device" if client.device_url else "browser")
    _check_way(client, way)
    provider = make_provider(view, client)
    file = signin_file(view, client, account)
    with file.hold():
        pass  # what could not be kept had better not be asked for
    if way == "device":
        answer = _by_device(provider, client, account, person)
    else:
        answer = _by_browser(provider, client, account, person, paste=way == "paste")
    if isinstance(answer, Refusal):
        raise refuse(client, account, answer)
    if not answer.refresh_token:
        raise LoginRefused(
            f"{client.id} gave a token for now and none to renew it; withdraw the application's access in the account's"
            " settings and sign in again, and look whether `scope` asks for offline access"
        )
    with file.hold():
        file.save(begin_signin(answer, datetime.now(UTC)))
    file.announce()
    return next(
        one for one in describe_signins(view, datetime.now(UTC)) if (one["id"], one["account"]) == (client.id, account)
    )


def _check_way(client: Oauth, way: str) -> None:
    if way == "device" and not client.device_url:
        why = "its device sign-in gives no right to mail" if client.id == "google" else "it has no device_url"
        raise LoginRefused(
            f"{client.id} cannot be signed in to by device: {why}; use --paste where there is no browser"
        )
    if way != "device" and not client.authorize_url:
        raise LoginRefused(f"{client.id} has no authorize_url, so it cannot be signed in to by browser; use --device")


def _by_device(provider: Provider, client: Oauth, account: str, person: Person) -> Grant | Refusal:
    begun = provider.begin_device()
    if isinstance(begun, Refusal):
        raise refuse(client, account, begun)
    person.tell(f"On any device open this page as {account} and enter the code {begun.user_code}:")
    person.open_page(begun.address)
    person.tell(f"Waiting for that, {int(begun.lasts.total_seconds() // 60)} minutes at most …")
    answer = _poll(provider, begun, person)
    if answer is None or (isinstance(answer, Refusal) and answer.error == "expired_token"):
        raise LoginRefused(f"the code was not used in time; run: triagebot auth {client.id}")
    return answer


def _poll(provider: Provider, begun: DeviceCode, person: Person) -> Grant | Refusal | None:
    """Ask until the person is done (RFC 8628 section 3.5); None when the time is up."""
    interval = max(begun.interval.total_seconds(), SHORTEST_INTERVAL)
    waited = 0.0
    while waited < begun.lasts.total_seconds():
        person.sleep(interval)
        waited += interval
        try:
            answer = provider.ask_device(begun.device_code)
        except ServerUntrusted:
            raise
        except ServerError:
            interval *= 2  # as the RFC asks for when a question times out
            continue
        if isinstance(answer, Grant) or answer.error not in ("authorization_pending", "slow_down"):
            return answer
        if answer.error == "slow_down":
            interval += SLOWER
    return None


def _by_browser(provider: Provider, client: Oauth, account: str, person: Person, *, paste: bool) -> Grant | Refusal:
    with RedirectPage() as page:
        # Microsoft lets http://localhost be registered for any port; RFC 8252 section 7.3 prefers the address.
        host = "localhost" if client.id == "microsoft" else "127.0.0.1"
        attempt = Attempt(f"http://{host}:{page.port}")
        person.tell(f"Open this page, as {account}:")
        person.open_page(attempt.address(client, account))
        if paste:
            question = "In the end the browser shows a page it cannot open. Paste that page's whole address"
            answer = attempt.read(person.ask(question))
            if answer is None:
                raise LoginRefused(
                    f"that address does not belong to this sign-in; run: triagebot auth {client.id} --paste"
                )
        else:
            person.tell(
                "Waiting, 5 minutes at most. Is the browser on another machine? Then end this, and add --paste."
            )
            answer = page.wait(attempt, BROWSER_SECONDS)
            if answer is None:
                raise LoginRefused(f"nobody signed in within 5 minutes; run: triagebot auth {client.id}")
    return answer if isinstance(answer, Refusal) else provider.exchange(answer, attempt.verifier, attempt.redirect)
