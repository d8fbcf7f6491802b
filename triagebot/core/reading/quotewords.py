"""The words by which mail programs of many languages mark what they quote, forward and sign.

All in casefolded form. They are the programs' own localised texts (Gmail, Apple Mail,
Outlook, Thunderbird, Yahoo); field.md rows 39 to 41 say what happens without them.
"""


def _words(text: str) -> tuple[str, ...]:
    """Given words parted by bars or lines, return them; an underscore stands for a space at an end."""
    found = (word.strip() for line in text.split("\n") for word in line.split("|"))
    return tuple(word.replace("_", " ") for word in found if word)


# Names of header fields in a quoted header block, by what the field says.
FROM = _words("""
    from | von | de | od | от | от кого | отправитель | kimden | gönderen | da | van | från | fra | lähettäjä | від
    差出人 | 送信者 | 送信元 | 発信者 | 发件人 | 寄件者 | 보낸 사람
""")
DATE = _words("""
    sent | date | gesendet | gesendet am | datum | envoyé | envoyé le | enviado | enviado el | fecha
    wysłano | wysłane | data | отправлено | дата | gönderilen | gönderildi | gönderme tarihi | tarih
    送信日時 | 日時 | 日付 | inviato | data invio | enviada | enviada em | enviado em | verzonden | skickat
    sendt | lähetetty | надіслано | 发送时间 | 日期 | 보낸 날짜
""")
TO = _words("""
    to | an | à | para | do | кому | kime | alıcı | 宛先 | a | aan | till | til | 收件人 | 받는 사람
""")
SUBJECT = _words("""
    subject | betreff | objet | asunto | temat | тема | konu | 件名 | oggetto | assunto | onderwerp
    ämne | emne | aihe | 主题 | 主旨 | 제목
""")
OTHER_FIELDS = _words("""
    cc | bcc | kopie | copie | kopia | копия | bilgi | dw | reply-to | reply to | antwort an | répondre à
    importance | priority | priorität | attachments | anlagen | organization
""")

# The middle of "-----Original Message-----".
ORIGINAL = _words("""
    original message | original appointment | reply message | ursprüngliche nachricht | originalnachricht
    urspr. nachricht | message d'origine | message d’origine | message original | mensaje original
    wiadomość oryginalna | oryginalna wiadomość | исходное сообщение | оригинальное сообщение
    orijinal ileti | özgün ileti | orijinal mesaj | 元のメッセージ | オリジナルメッセージ
    messaggio originale | mensagem original | oorspronkelijk bericht | ursprungligt meddelande
""")
FORWARDED = _words("""
    forwarded message | begin forwarded message | forwarded mail | weitergeleitete nachricht
    anfang der weitergeleiteten nachricht | message transféré | début du message transféré | message réexpédié
    début du message réexpédié | mensaje reenviado | inicio del mensaje reenviado
    wiadomość przekazana dalej | przekazana wiadomość | wiadomość przekazana | treść przekazanej wiadomości
    początek przekazywanej wiadomości | początek przesłanej dalej wiadomości
    пересылаемое сообщение | переадресованное сообщение | перенаправленное сообщение
    начало переадресованного сообщения | начало пересылаемого сообщения
    yönlendirilmiş ileti | yönlendirilen ileti | iletilmiş mesaj | iletilen mesaj | iletilen ileti başlangıcı
    yönlendirilen ileti başlangıcı | 転送されたメッセージ | 転送メッセージ
    messaggio inoltrato | inizio messaggio inoltrato | mensagem encaminhada | mensagem reencaminhada
    doorgestuurd bericht | vidarebefordrat meddelande | vidarebefordrat brev
""")

# How the line above a quote ends ("… wrote:"), without its colon.
ENDING_VERBS = _words("""
    wrote | writes | schrieb | geschrieben | écrit | écrivait | escribió | escribio | ha escrito
    napisał(a) | napisał/a | napisał | napisała | pisze | написал(а) | написал | написала | пишет | писал | писал(а)
    yazdı | yazdi | yazmış | のメール | のメッセージ | 書きました | 書いた | ha scritto | escreveu
    schreef | het volgende geschreven | skrev | 写道 | 寫道 | napsal(a) | написав
""")
# Where the verb stands in the middle ("Am 02.11.2026 um 09:12 schrieb Anna:"), the line opens with one of these.
OPENING_WORDS = ("am ", "on ", "op ", "den ", "il ", "le ", "el ", "em ", "w dniu ", "dnia ", "på ", "wiadomość ")
MIDDLE_VERBS = (" schrieb ", " schreef ", " skrev ", " napisana przez ")

# How lines begin that a mail program adds by itself.
DEVICE_LINES = _words("""
    sent from my_ | sent from mail for_ | sent from outlook | sent from yahoo | sent from gmail | sent via_
    sent with proton | sent with [proton | sent from proton | get outlook for_ | get bluemail for_
    von meinem_ | von meiner_ | von meinem/meiner_
    gesendet von_ | gesendet mit_ | diese nachricht wurde von meinem_ | outlook für_
    holen sie sich outlook | envoyé de mon_ | envoyé depuis_ | envoyé à partir d | télécharger outlook
    obtenez outlook | obtenir outlook | enviado desde_ | obtener outlook | enviado do meu_ | obter o outlook
    wysłane z_ | wysłano z_ | pobierz outlook | pobierz aplikację outlook | pobierz program outlook
    отправлено с_ | отправлено из_ | получить outlook | скачать outlook | ios için outlook | android için outlook
    iphone'umdan gönderildi | iphone’umdan gönderildi | ipad'imden gönderildi | ipad’imden gönderildi
    android cihazımdan gönderildi | galaxy cihazımdan gönderildi | samsung cihazımdan gönderildi
    iphoneから送信 | ipadから送信 | androidから送信 | yahoo!メール for_
    outlook for ios を | outlook for android を | inviato da_ | scarica outlook | verzonden vanaf_
    verstuurd vanaf_ | outlook voor_ | skickat från_ | hämta outlook | sendt fra_
""")

# First words of a line that greets and says nothing else.
GREETINGS = _words("""
    hi | hello | hey | dear | good morning | good afternoon | good day | hallo | guten tag | guten morgen | moin
    servus | liebe | lieber | sehr geehrte | sehr geehrter | bonjour | bonsoir | salut | cher | chère | hola
    buenos días | buenas tardes | buenas | estimado | estimada | dzień dobry | cześć | witam | szanowni | szanowny
    szanowna | hej | здравствуйте | добрый день | доброе утро | привет | уважаемый | уважаемая
    merhaba | selam | iyi günler | günaydın | sayın | こんにちは | おはようございます | お世話になっております
    いつもお世話になっております | ciao | buongiorno | olá | bom dia | beste | hoi
""")
