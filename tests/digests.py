"""Three days as a desk would tell them: a quiet one, a usual one, and the worst. tests/golden_digests shows them."""

from datetime import date
from decimal import Decimal

from tests.digest_pictures import draw_bars
from triagebot.core.digest.content import AnswerTo, Beside, Digest, Item, Picture, Section, Shown, Table
from triagebot.core.phrase import Money, say, say_many

DAY = date(2026, 11, 24)
TOKEN = "aa7k2mzq4tyx3c5vpl6nd8wb2hfr9gj0se1u"
ANSWER = AnswerTo(f"support+d-{TOKEN}@adaweb.example", f"Re: Ada Webworks [d-{TOKEN}]")
TITLE = say("{desk}: {day}", desk="Ada Webworks", day=DAY)
HINTS = (
    say("Answer this mail with lines such as {example}; what is quoted is never read.", example="12 ok"),
    say("Everything at once: {all_ok}. To take something back: {undo}.", all_ok="all ok", undo="undo 12"),
    say("Away? {away}", away="away 2026-12-24..2026-12-31 back in January"),
)

QUIET = Digest(
    title=TITLE,
    proof=say_many("{count} mail arrived, and it is accounted for.", "{count} arrived, all accounted for.", 0),
    notices=(),
    sections=(Section(say("Needs you")), Section(say("Today's support hour"))),
    day=DAY,
    hints=HINTS[:1],
    answer=ANSWER,
)

_LETTER = """Hello Jan,

thank you for your patience. The footer of the shop now shows the new opening hours:

  Mon to Fri  7:00 to 18:00
  Sat         7:00 to 13:00

If something else should change, just reply to this mail.

Ada
--
Ada Webworks · +48 22 555 01 01"""

_NEEDS = (
    Item(
        say("{client}: {subject}", client="Studio Kowalska", subject="The order form sends nothing since Friday"),
        (
            say("Promised for {day}, and no support hour before it has room.", day=DAY),
            say_many("{count} minute estimated", "{count} minutes estimated", 45),
        ),
        "Since the update on Friday the order form shows a green tick, but no mail arrives.\n"
        "We tried it three times, also from a phone.",
        ref="12",
        commands=("today", "done", "hold"),
        tone="bad",
    ),
    Item(
        say("{client}: {subject}", client="Bakery Nowak", subject="Opening hours in the footer"),
        (say("Your answer waits for a word; as it is shown here it would leave."),),
        ref="14",
        commands=("ok", 'send "…"', "no"),
        shown=Shown("jan@bakery.example", "Re: Opening hours in the footer", _LETTER),
    ),
    Item(
        say("{client}: {subject}", client="Villa Rosa", subject="Could we add a page for weddings?"),
        (say("This is no support: an estimate was announced for {day}.", day=date(2026, 11, 25)),),
        "With a gallery of some 30 pictures, prices, and a form to ask for a date.",
        ref="15",
        commands=("quote 3h …", "hold", "no"),
        tone="warn",
    ),
    Item(
        say("{sender}: {subject}", sender="maria.lopez@flores.example", subject="Presupuesto página web"),
        (say("Nobody we know, and no rule matched: nothing was sent."), say("Proven by DMARC: {yes}", yes="pass")),
        "Hola, tenemos una floristería en Valencia y nos gustaría renovar la web. ¿Cuánto costaría?",
        ref="m40",
        commands=("new", "close"),
        links=((say("the whole mail"), "https://mail.example/search/m40"),),
    ),
)

_HOUR = (
    Item(
        say("{slot} {client}: {subject}", slot="09:00", client="Studio Kowalska", subject="Order form"),
        (
            say_many(
                "{count} minute, of {left} that are left", "{count} minutes, of {left} that are left", 45, left=60
            ),
            say(
                "{vendor} ({kind}): {contact}", vendor="Flywheel", kind="host", contact="chat in the dashboard, all day"
            ),
            say("{vendor} ({kind}): {contact}", vendor="Google Workspace", kind="mail", contact="+1 844 245 2553"),
        ),
        "We tried it three times, also from a phone.",
        ref="12",
        commands=("done", "45m", "fri"),
        links=((say("site"), "https://kowalska.example"), (say("host"), "https://getflywheel.com/wordpress-support/")),
    ),
    Item(
        say("{slot} {client}: {subject}", slot="09:45", client="パン屋 花子", subject="パーマリンクの変更について"),
        (say_many("{count} minute", "{count} minutes", 15),),
        "固定リンクの設定を変更したいのですが、どこから変更できますか。トップページのリンクも直してください。",
        ref="17",
        commands=("done", "15m"),
    ),
)


def _answered(ref: str, client: str, subject: str, rule: str, words: str) -> Item:
    return Item(
        say("{client}: {subject}", client=client, subject=subject),
        (say("answered with {rule}, because of: {words}", rule=rule, words=words),),
        ref=ref,
        commands=("no",),
    )


_FIGURES = Table(
    (say("Reason"), say("Requests"), say("Minutes"), say("By itself")),
    (
        ("howto/permalinks", "9", "0", "100 %"),
        ("mail/not arriving", "6", "85", "33 %"),
        ("dns/propagation", "4", "0", "100 %"),
        ("content/small change", "3", "70", "0 %"),
    ),
    frozenset((1, 2, 3)),
)
_PICTURE = Picture(
    "reasons", draw_bars((9, 6, 4, 3)), say("Requests of the last week by reason: 9, 6, 4 and 3."), 300, 96
)

USUAL = Digest(
    title=TITLE,
    proof=say(
        "{arrived} arrived, {arrived} accounted for: {answered} answered, 3 planned, 2 merged, 1 held, 1 suppressed.",
        arrived=23,
        answered=16,
    ),
    notices=(say("The desk is in {mode} mode for one-off clients: they get no automatic mail.", mode="draft"),),
    sections=(
        Section(say("Needs you"), _NEEDS),
        Section(say("Today's support hour"), _HOUR),
        Section(
            say("Answered for you"),
            (
                _answered(
                    "m31", "Green Dental", "Where do I change the page addresses?", "permalinks", "change, links"
                ),
                _answered("m33", "Bakery Nowak", "Poczta nie dochodzi od wczoraj", "mail-down", "poczta, nie dochodzi"),
                _answered("m35", "Пекарня Ольги", "Сайт не открывается на телефоне", "dns", "сайт, не открывается"),
            ),
        ),
        Section(
            say("What you would have sent"),
            (
                Item(
                    say("{rule}: {agreed} of {all} agreed", rule="permalinks", agreed=19, all=20),
                    (say("It has earned {mode}.", mode="live"),),
                    commands=("mode live permalinks",),
                    beside=Beside(
                        "You find it under Settings > Permalinks.",
                        "Hi! Settings, then Permalinks, then the second choice.",
                    ),
                ),
            ),
        ),
        Section(
            say("Waiting for clients"),
            (
                Item(
                    say("{client}: {subject}", client="Hotel Marina", subject="Booking widget"),
                    (
                        say(
                            "Estimate of {price} since {day}",
                            price=Money(Decimal("160.00"), "EUR"),
                            day=date(2026, 11, 19),
                        ),
                    ),
                    ref="9",
                    commands=("close", "2026-12-01"),
                ),
            ),
        ),
        Section(say("Suppressed"), (Item(say_many("{count} newsletter", "{count} newsletters", 4)), Item("1 bounce"))),
        Section(
            say("Money"),
            (Item(say("{client} is {minutes} minutes over its plan", client="Green Dental", minutes=35), tone="warn"),),
            Table(
                (say("To invoice"), say("Minutes"), say("Amount")),
                (
                    ("Hotel Marina", "95", say("{sum}", sum=Money(Decimal("126.67"), "EUR"))),
                    ("Villa Rosa", "30", "40.00 EUR"),
                ),
                frozenset((1, 2)),
            ),
        ),
        Section(say("The week"), (), _FIGURES, _PICTURE),
    ),
    day=DAY,
    hints=HINTS,
    answer=ANSWER,
)

HOSTILE = (
    "<script>alert('1')</script><img src=https://evil.example/pixel.png>\n12 ok\n> all ok\n| mode live\n"
    "Needs you\n----------\n[12] approved\n\u202egnp.exe\u202c \u2066x\u2069 \x1b[31mred\n" + "w" * 300 + "\n"
    "Здравствуйте, ничего не работает!\n日本語のメールです。すぐに直してください。"
    "至急お願いいたします。よろしくお願いいたします。"
)


def _broken(number: int) -> Item:
    return Item(
        say("{client}: {subject}", client=f"Client {number}", subject="The site is down"),
        (say("Promised for {day} and not done.", day=date(2026, 11, 20 + number % 3)),),
        "Is anybody there? We lose orders every hour.",
        ref=str(number),
        commands=("today", "done", "hold"),
        tone="bad",
    )


def _held(number: int) -> Item:
    subject = ("12 ok", "Website", "RE: RE: urgent " + "x" * 120, "至急：サイトが表示されません", "all ok")[number % 5]
    return Item(
        say("{sender}: {subject}", sender=f"person{number}@client{number % 7}.example", subject=subject),
        (say("The breaker is open: nothing was sent."),),
        HOSTILE if number % 9 == 0 else "The site shows an error since this morning, please call me back.",
        ref=f"m{number}",
        commands=("new", "hold", "close"),
        tone="warn",
    )


BAD = Digest(
    title=TITLE,
    proof=say(
        "{arrived} arrived, {found} accounted for: {answered} answered, 70 held, 62 suppressed, 5 unreadable."
        " ONE IS MISSING.",
        arrived=200,
        found=199,
        answered=62,
    ),
    notices=(
        say("Late: due {due}, the desk was down.", due="08:30"),
        say("Inbox support: the server refuses the login (AUTHENTICATIONFAILED). Nothing is fetched since 03:12."),
        say("A loop is latched: {address} and the desk answered each other.", address="bot@helpdesk.example"),
    ),
    sections=(
        Section(
            say("Needs you"),
            (
                *map(_broken, range(1, 6)),
                Item(
                    say("{client}: {subject}", client="Bakery Nowak", subject="12 ok"),
                    ref="7",
                    commands=("ok", "no"),
                    shown=Shown("jan@bakery.example", "Re: 12 ok", f"{_LETTER}\n\nOn Monday you wrote:\n12 ok\nall ok"),
                ),
                *map(_held, range(100, 170)),
            ),
        ),
        Section(say("Today's support hour"), _HOUR),
        Section(
            say("Answered for you"),
            tuple(
                _answered(f"m{number}", f"Client {number % 9}", "Is the site down?", "site-down", "site, down")
                for number in range(200, 262)
            ),
        ),
        Section(
            say("Suppressed"),
            tuple(Item(f"robot{number}@lists.example: {HOSTILE.splitlines()[number % 8]}") for number in range(62)),
        ),
    ),
    day=DAY,
    hints=HINTS,
    answer=ANSWER,
)

DIGESTS = {"quiet": QUIET, "usual": USUAL, "bad": BAD}
