"""A client's yes to a price that did not come by mail: on the phone, say."""

from datetime import datetime

from triagebot.app.desk.view import DeskView
from triagebot.app.tickets.agenda import replan
from triagebot.app.tickets.handling import DEVELOPER, Outcome, find_case
from triagebot.core.errors import StoreError
from triagebot.core.names import say_name
from triagebot.core.phrase import Words, say
from triagebot.core.tickets.consent import accept
from triagebot.edge.store import Store


def agree(store: Store, view: DeskView, number: int, now: datetime) -> Outcome:
    """Given a ticket whose client was told a price and has said yes to the developer, plan its work as a yes by mail
    does; nothing is written to the client. Raise StoreError when there is nothing to say yes to."""
    case, today = find_case(store, number), view.calendar.local(now).date()
    offer = store.offers.find(number, today)
    if offer is None or offer.state != "waiting-client":
        raise StoreError(
            say("ticket {number} is {state} and waits for no yes to a price", number=number, state=say_name(case.state))
        )
    turn = accept(offer, view.calendar, store.slots.booked(today), now, "the client said yes, by the developer's word")
    store.offers.turn(turn, DEVELOPER, None, today, now)
    replan(store, view, now)
    sentence: Words
    if turn.promise is not None:
        sentence = say("Ticket {number} is agreed to; tell them {day}.", number=number, day=turn.promise)
    else:
        sentence = say("Ticket {number} is agreed to; no support hour is free for it.", number=number)
    return Outcome(number, turn.state, (sentence,), promise=turn.promise)
