"""The mails of the demo's day, written as clients write."""

from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime

from triagebot.app.demo.desk import SUPPORT


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail of the day. `proof` is what the provider found out about its sender (Authentication-Results);
    `answers` names the letter whose automatic answer it replies to."""

    name: str
    sender: str
    subject: str
    text: str
    proof: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    answers: str = ""
    report: bool = False

    @property
    def address(self) -> str:
        """The author's bare address."""
        return self.sender.rpartition("<")[2].rstrip(">")

    @property
    def envelope_sender(self) -> str:
        """Who the envelope names: nobody for a delivery report (RFC 5321 section 4.5.5)."""
        return "" if self.report else self.address

    @property
    def authentication(self) -> str:
        """The provider's verdict, DMARC pass of the author's domain unless the letter says otherwise."""
        return self.proof or verdict_on(self.address)


def verdict_on(address: str) -> str:
    """Given an author's address, return what a provider stamps when DMARC passed for it."""
    return f"dmarc=pass header.from={address.rpartition('@')[2]}"


DAY = (
    Letter(
        "permalinks",
        "Jan Nowak <jan@bakery.example>",
        "Addresses of my pages",
        "Hi Ada,\n\nthe addresses of my pages end in ?p=123. Where do I change the permalinks to words?\n\nJan",
    ),
    Letter(
        "variations",
        "Tom <tom@cafe.example>",
        "Mugs in three colours",
        "Hello,\n\nhow do I add product variations? I sell the same mug in three colours.\n\nTom",
    ),
    Letter(
        "dns",
        "Lee <lee@studio.example>",
        "DNS",
        "Hello,\n\na new tool of ours asks me to add a TXT record to the DNS of our domain. Where is that?\n\nLee",
    ),
    Letter(
        "down-retainer",
        "Rita <rita@florist.example>",
        "Website down!!!",
        "Ada, our website is down since this morning, customers see an error 503. Please help!\n\nRita",
    ),
    Letter(
        "down-one-off",
        "Tom <tom@cafe.example>",
        "site not working",
        'Hi, my site is down. The whole page only says "This site can\'t be reached".\n\nTom',
    ),
    Letter(
        "small-change",
        "Lee <lee@studio.example>",
        "New phone number",
        "Hi Ada,\n\ncould you please change the phone number in the footer to 020 7946 0123?\n\nThanks, Lee",
    ),
    Letter(
        "opening-hours",
        "Jan Nowak <jan@bakery.example>",
        "Opening hours",
        "Hi Ada,\n\nplease change the opening hours on our contact page: from Monday on we open at 6.\n\nJan",
    ),
    Letter(
        "redesign",
        "Mia <mia@yoga.example>",
        "Fresh look",
        "Hi Ada,\n\nI am thinking about a redesign of my website for the new year. What would that involve?\n\nMia",
    ),
    Letter(
        "two-questions",
        "Olga Nowak <olga@bakery.example>",
        "Two things",
        "Hello,\n\nhow do I add a new user to WordPress for our apprentice? And how do I add a page"
        " to the menu?\n\nOlga",
    ),
    Letter(
        "repeated",
        "Lee <lee@studio.example>",
        "Phone number again",
        "Hi Ada,\n\ncould you please change the phone number in the footer to 020 7946 0123? Thanks, Lee",
    ),
    Letter(
        "thanks",
        "Rita <rita@florist.example>",
        "Re: Website down!!!",
        "It is back, thank you so much!\n",
        answers="down-retainer",
    ),
    Letter(
        "out-of-office",
        "Tom <tom@cafe.example>",
        "Automatic reply: Re: Mugs in three colours",
        "I am away until Monday.\n",
        headers={"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"},
        answers="variations",
    ),
    Letter(
        "bounce",
        "Mail Delivery System <mailer-daemon@mx.tinymail.test>",
        "Undelivered Mail Returned to Sender",
        "I could not deliver your message.\n",
        headers={"Auto-Submitted": "auto-replied"},
        report=True,
    ),
    Letter(
        "newsletter",
        "Web Weekly <weekly@webweekly.example>",
        "25 plugins you need this winter",
        "Is your site down? Read on ...\n",
        headers={"List-Unsubscribe": "<https://webweekly.example/u>", "Precedence": "bulk"},
    ),
    Letter(
        "forged",
        "Jan Nowak <jan@bakery.example>",
        "Urgent: new bank account",
        "Ada, please change the bank account on our website's contact page to the one attached. Jan\n",
        proof="dmarc=fail header.from=bakery.example",
    ),
    Letter(
        "stranger",
        "Nils <nils@somewhere.example>",
        "Cooperation",
        "Dear Sir or Madam, I represent a leading company and would like to talk about synergies.\n",
    ),
)


_DELIVERY_STATUS = """\
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.tinymail.test

Final-Recipient: rfc822; gone@cafe.example
Action: failed
Status: 5.1.1
"""


def write_letter(letter: Letter, number: int, now: datetime, parent: str = "") -> bytes:
    """Given a letter, its number in the day, now and the Message-ID it answers ("" for none), return its bytes."""
    message = EmailMessage()
    message["From"] = letter.sender
    message["To"] = SUPPORT
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<demo.{number}.{int(now.timestamp())}@{letter.address.rpartition('@')[2]}>"
    if parent:
        message["In-Reply-To"] = parent
        message["References"] = parent
    for name, value in letter.headers.items():
        message[name] = value
    message.set_content(letter.text)
    if letter.report:
        message.make_mixed()
        message.set_type("multipart/report")
        message.set_param("report-type", "delivery-status")
        message.attach(message_from_string(_DELIVERY_STATUS, policy=default))
    return message.as_bytes()
