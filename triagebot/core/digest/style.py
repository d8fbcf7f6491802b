"""How the digest's page looks. tests/html_lint.py lists which elements and properties mail programs know.

Each style stands in the element itself, because Outlook's engine and some of Gmail's ways drop style sheets; the
sheet below only changes colours where a mail program follows the reader's dark mode.
"""

FONT = "font-family:'Segoe UI',Helvetica,Arial,sans-serif"
PAGE, CARD, INK, SOFT, LINE, FAINT = "#eef0f3", "#ffffff", "#1f2328", "#57606a", "#d5dae0", "#f6f8fa"
ACCENT, LINK = "#0b5f54", "#0b57b0"
TONES = {"calm": (FAINT, SOFT), "warn": ("#fff3dc", "#7a4100"), "bad": ("#fdeceb", "#a3170d")}
"""Background and ink of what is as usual, what will break, and what is broken."""

DARK = """:root{color-scheme:light dark}
@media (prefers-color-scheme:dark){
.page{background-color:#101317 !important}
.card{background-color:#1a1e23 !important}
.ink{color:#e8eaed !important}
.soft{color:#aab2bb !important}
.line{border-color:#363d45 !important}
.faint{background-color:#23282e !important}
.link{color:#8cbcff !important}
.first{background-color:#8fd6c8 !important;color:#08231e !important;border-color:#8fd6c8 !important}
.other{color:#8fd6c8 !important;border-color:#4c7f76 !important}
.calm{background-color:#2b3138 !important;color:#c3cad2 !important}
.warn{background-color:#3b2a0c !important;color:#ffd494 !important;border-color:#c98a1b !important}
.bad{background-color:#43191a !important;color:#ffb9b2 !important;border-color:#e0685c !important}
}"""

SHEET = f"max-width:680px;background-color:{CARD};border-radius:10px;overflow-wrap:anywhere"
RULED = f"{FONT};padding:13px 20px 15px;border-top:1px solid {LINE};font-size:15px;line-height:22px;color:{INK}"
TITLE = f"margin:0;font-size:22px;line-height:28px;font-weight:bold;color:{INK}"
PROOF = f"margin:8px 0 0;font-size:15px;line-height:22px;color:{SOFT}"
HEADING = f"margin:0;font-size:18px;line-height:24px;font-weight:bold;color:{INK}"
COUNT = f"padding:1px 8px;border-radius:10px;background-color:{PAGE};font-size:14px;font-weight:normal;color:{SOFT}"
ITEM_TITLE = f"margin:0;font-size:16px;line-height:23px;font-weight:bold;color:{INK}"
MERE_TITLE = f"margin:0;font-size:15px;line-height:22px;color:{INK}"
BRIEF = "margin:0 0 10px"
SENTENCE = f"margin:3px 0 0;font-size:15px;line-height:22px;color:{SOFT}"
LABEL = f"margin:8px 0 4px;font-size:14px;line-height:20px;color:{SOFT}"
QUOTE = f"padding:7px 12px;border-left:3px solid {LINE};font-size:15px;line-height:22px;color:{INK}"
LETTER_HEAD = f"padding:8px 12px;border-bottom:1px solid {LINE};font-size:14px;line-height:20px;color:{SOFT}"
LETTER = f"padding:10px 12px;font-size:15px;line-height:22px;color:{INK}"
LINKED = f"display:inline-block;margin:0 16px 0 0;padding:9px 0;font-size:15px;line-height:22px;color:{LINK}"
CELL_SPACE = {"left": "padding:6px 10px 6px 0", "right": "padding:6px 0 6px 10px"}
HEAD_CELL = f"border-bottom:2px solid {LINE};font-size:14px;line-height:20px;color:{SOFT}"
CELL = f"border-bottom:1px solid {LINE};font-size:14px;line-height:20px;color:{INK}"
HINT = f"margin:0 0 6px;font-size:14px;line-height:21px;color:{SOFT}"

_BUTTON = (
    "display:inline-block;margin:0 8px 8px 0;padding:10px 12px;border:1px solid {border};border-radius:8px;"
    "font-size:15px;line-height:20px;font-weight:bold;text-decoration:none;"
)
FIRST = _BUTTON.format(border=ACCENT) + f"background-color:{ACCENT};color:{CARD}"
OTHER = _BUTTON.format(border="#9db9b4") + f"color:{ACCENT}"


def chip(tone: str) -> str:
    """Given an item's tone, return the style of its ref."""
    background, ink = TONES[tone]
    return f"padding:2px 7px;border-radius:6px;background-color:{background};font-size:14px;color:{ink}"


def notice(tone: str) -> str:
    """Given a tone, return the style of a sentence that stands out."""
    background, ink = TONES[tone]
    return (
        f"padding:10px 14px;border-left:4px solid {ink};background-color:{background};font-size:15px;"
        f"line-height:22px;color:{ink}"
    )
