"""The words of commands: English in full, and the plain words of seven more languages where they mean one thing."""

from triagebot.core.commands.command import Verb
from triagebot.core.desk import Mode
from triagebot.core.rules.fold import fold


def _words(text: str) -> tuple[str, ...]:
    return tuple(fold(word) for word in text.split())


VERBS: dict[str, Verb] = {
    **dict.fromkeys(
        _words("""
        ok okay k approve approved yes yep tak zatwierdź zatwierdzam evet tamam onayla onaylıyorum да ок окей одобряю
        はい 承認 了解 ja genehmigt freigeben oui d'accord sí vale
        """),
        "ok",
    ),
    **dict.fromkeys(
        _words("send wyślij gönder отправь отправить 送信 senden sende envoyer envoie enviar envía"), "send"
    ),
    **dict.fromkeys(
        _words("""
        no drop decline discard reject nie odrzuć hayır нет отклонить いいえ 却下 nein ablehnen verwerfen non refuser
        rechazar
        """),
        "no",
    ),
    **dict.fromkeys(
        _words("""
        done finished zrobione gotowe bitti tamamlandı готово сделано 完了 済み fertig erledigt fait terminé hecho
        terminado
        """),
        "done",
    ),
    **dict.fromkeys(_words("book log"), "book"),
    **dict.fromkeys(_words("start doing begin"), "start"),
    **dict.fromkeys(_words("move snooze"), "move"),
    **dict.fromkeys(_words("quote"), "quote"),
    **dict.fromkeys(_words("merge"), "merge"),
    **dict.fromkeys(_words("split"), "split"),
    **dict.fromkeys(_words("hold wait"), "hold"),
    **dict.fromkeys(_words("close"), "close"),
    **dict.fromkeys(_words("reopen"), "reopen"),
    **dict.fromkeys(_words("new"), "new"),
    **dict.fromkeys(_words("undo"), "undo"),
    **dict.fromkeys(_words("mode"), "mode"),
    **dict.fromkeys(_words("away"), "away"),
    **dict.fromkeys(_words("back"), "back"),
}
"""What each word asks for; `send` without a text asks for the same as `ok`."""

ALL_WORDS = frozenset(_words("all everything wszystko hepsi все всё 全部 alles alle tout todo"))
JOINING = frozenset(_words("and & + i und et y ve и"))
POLITE = frozenset(_words("please pls thanks thx proszę dzięki lütfen teşekkürler пожалуйста спасибо bitte danke"))
POLITE |= frozenset(_words("merci svp gracias"))
TICKET_WORDS = frozenset(_words("ticket tickets zgłoszenie talep заявка チケット"))
DAY_LEADS = frozenset(_words("on to for by from"))
RANGE_WORDS = frozenset(_words("to until till - – — .. ... bis do"))
MODES: dict[str, Mode] = {"live": "live", "draft": "draft", "shadow": "shadow"}

HOLDS_BACK = frozenset(_words("but unless except only don't dont not wait stop no ale aber mais pero но ama nur"))
"""How a line begins that takes back, or limits, the command above it."""

_WEEKDAYS = {
    "mon": "mon monday poniedziałek pon pazartesi понедельник пн 月曜 月曜日 montag lundi lunes",
    "tue": "tue tues tuesday wtorek wt salı вторник вт 火曜 火曜日 dienstag mardi martes",
    "wed": "wed weds wednesday środa środę śr çarşamba среда среду ср 水曜 水曜日 mittwoch mercredi miércoles",
    "thu": "thu thur thurs thursday czwartek czw perşembe четверг чт 木曜 木曜日 donnerstag jeudi jueves",
    "fri": "fri friday piątek pt cuma пятница пятницу пт 金曜 金曜日 freitag vendredi viernes",
    "sat": "sat saturday sobota sobotę sob cumartesi суббота субботу сб 土曜 土曜日 samstag sonnabend samedi sábado",
    "sun": "sun sunday niedziela niedzielę nd pazar воскресенье вс 日曜 日曜日 sonntag dimanche domingo",
    "today": "today dziś dzisiaj bugün сегодня 今日 本日 heute aujourd'hui hoy",
    "tomorrow": "tomorrow tmrw jutro yarın завтра 明日 morgen demain mañana",
}
DAY_WORDS = {word: name for name, words in _WEEKDAYS.items() for word in _words(words)}
"""Weekdays, today and tomorrow as core/tickets/spoken.py knows them."""

_MONTH_NAMES = _words("""
    january february march april may june july august september october november december
""")
MONTHS = {short: number for number, name in enumerate(_MONTH_NAMES, 1) for short in (name, name[:3])} | {"sept": 9}

CURRENCIES = frozenset(
    _words(
        "€ $ £ ¥ ₺ ₽ ₴ zł zl eur euro euros usd gbp pln chf jpy try tl rub czk kč sek nok dkk uah huf cad aud 円 руб"
    )
)
