"""The fictional desk of the demo: its config, on top of the starter rules and replies."""

from pathlib import Path

from triagebot.app.desk.starter import write_desk

SUPPORT = "support@adaweb.example"
DEVELOPER = "ada@adaweb.example"
PASSWORD = "demo"  # noqa: S105 - of a mail server that lives in this process, on loopback
CLIENTS = {
    "jan@bakery.example": "Bakery Nowak, on a retainer",
    "olga@bakery.example": "Bakery Nowak, on a retainer",
    "tom@cafe.example": "Café Tom, pays by the hour",
    "lee@studio.example": "Studio Lee, pays by the hour",
    "mia@yoga.example": "Mia's Yoga, no plan: answered only when Ada says so",
    "rita@florist.example": "Rita's Flowers, on a retainer",
}

_CONFIG = """\
[desk]
name = "Ada Webworks"
address = "{support}"
developer = "{developer}"
timezone = "Europe/Warsaw"
mode = "live"
tier_modes = {{ none = "draft" }}

[[inbox]]
id = "support"
imap = {{ host = "127.0.0.1", port = {imap}, security = "none", user = "{support}", password = "{password}" }}
smtp = {{ host = "127.0.0.1", port = {smtp}, security = "none", user = "{support}", password = "{password}" }}
authserv_ids = ["{authserv_id}"]

[support_hour]
start = "09:00"
minutes = 60
reserve = {{ retainer = 15 }}

[booking]
url = "https://cal.example/ada"
rate = "80"
currency = "EUR"
emergency_rate = "140"

[[vendor]]
id = "namehouse"
kind = "registrar"
name = "Namehouse"
help = "https://namehouse.example/help"
contact = "chat on their site"
ask_for = ["domain name", "account e-mail"]

[[vendor]]
id = "steadyhost"
kind = "host"
name = "Steadyhost"
help = "https://steadyhost.example/support"
contact = "ticket in your account"
emergency = "+44 20 7946 0000, day and night"
ask_for = ["domain name", "customer number", "when it began"]

[[plan]]
id = "care"
name = "Care"
minutes = 180
price = "240"

[[client]]
id = "bakery"
name = "Bakery Nowak"
domains = ["bakery.example"]
tier = "retainer"
plan = "care"
since = 2026-03-01
stack = {{ registrar = "namehouse", dns = "namehouse", host = "steadyhost", cms = "wordpress" }}

[[client]]
id = "florist"
name = "Rita's Flowers"
domains = ["florist.example"]
tier = "retainer"
plan = "care"
since = 2026-03-01
stack = {{ host = "steadyhost" }}

[[client]]
id = "cafe"
name = "Café Tom"
domains = ["cafe.example"]
tier = "one-off"
stack = {{ registrar = "namehouse", dns = "namehouse", host = "steadyhost" }}

[[client]]
id = "studio"
name = "Studio Lee"
domains = ["studio.example"]
tier = "one-off"
stack = {{ registrar = "namehouse", dns = "namehouse", host = "steadyhost" }}

[[client]]
id = "yoga"
name = "Mia's Yoga"
addresses = ["mia@yoga.example"]

[[vendor]]
id = "wordpress"
kind = "cms"
name = "WordPress"
help = "https://wordpress.example/support"
"""


def write_demo_desk(directory: Path, imap_port: int, smtp_port: int, authserv_id: str) -> Path:
    """Given an empty directory and the embedded provider, write the desk there; return its config.toml."""
    write_desk(directory)
    config = directory / "config.toml"
    config.write_text(
        _CONFIG.format(
            support=SUPPORT,
            developer=DEVELOPER,
            password=PASSWORD,
            imap=imap_port,
            smtp=smtp_port,
            authserv_id=authserv_id,
        ),
        encoding="utf-8",
    )
    return config
