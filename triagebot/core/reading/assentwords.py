"""How people of eight languages agree, decline and are polite. All folded; longer phrases are taken first."""

from triagebot.core.rules.fold import fold, split_words


def _phrases(text: str) -> tuple[str, ...]:
    """Given phrases parted by bars, return them as the folding writes them."""
    return tuple(split_words(fold(part)).strip() for part in text.replace("\n", "|").split("|") if part.strip())


_YES = _phrases("""
    yes | yes please | yep | yeah | yup | ok | okay | sure | agreed | i agree | we agree | approved | i approve
    accepted | i accept | we accept | go ahead | please go ahead | please proceed | proceed | do it | please do
    please do it | let s do it | let us do it | go for it | sounds good | looks good | that works | works for me
    that s fine | that is fine | fine with me | all good | no problem | why not | confirmed | i confirm | deal
    you have my ok | please plan it | please start | tak | tak proszę | tak poproszę | poproszę | dobrze | zgoda
    zgadzam się | zgadzamy się | akceptuję | akceptujemy | potwierdzam | potwierdzamy | proszę działać | proszę robić
    proszę zrobić | proszę o wykonanie | proszę zaplanować | proszę zaczynać | działamy | działaj | jasne
    pewnie | oczywiście | w porządku | pasuje | pasuje mi | nie ma problemu | może być | niech będzie | okej
    evet | evet lütfen | tamam | olur | kabul | kabul ediyorum | kabul ediyoruz | onaylıyorum | onaylıyoruz
    uygun | uygundur | uygun benim için | lütfen yapın | lütfen başlayın | yapın lütfen | başlayın
    başlayabilirsiniz | yapabilirsiniz | devam edin | devam edebilirsiniz | anlaştık | sorun değil | elbette
    tabii | tabii ki | evet olur | да | да пожалуйста | хорошо | согласен | согласна | согласны | договорились
    подтверждаю | подтверждаем | ладно | ок | окей | конечно | давайте | делайте | сделайте
    сделайте пожалуйста | приступайте | начинайте | можно начинать | идет | идёт | подходит | меня устраивает
    нас устраивает | без проблем | не проблема | почему бы и нет | годится | はい | はいお願いします
    お願いします | お願いいたします | お願い致します | お願いできればと思います | よろしいです | 承知しました
    承知いたしました | 了解です | 了解しました | 了解いたしました | 承認します | 承認いたします | 同意します
    進めてください | 問題ありません | 問題ないです | それでお願いします | その内容でお願いします
    大丈夫です進めてください | ok です | okです | いいです進めてください | ja | ja bitte | ja gerne | gerne
    einverstanden | in ordnung | passt | passt so | das passt | geht klar | klar | natürlich | bitte machen
    bitte umsetzen | bitte durchführen | machen sie das | legen sie los | bitte so machen | freigegeben
    angenommen | ich stimme zu | wir stimmen zu | kein problem | alles klar | okay bitte | so machen wir es
    oui | oui s il vous plaît | oui svp | oui merci | d accord | c est d accord | entendu | c est bon
    ça marche | parfait | allez y | vous pouvez y aller | je confirme | nous confirmons | je valide
    nous validons | j accepte | nous acceptons | bien sûr | pas de problème | pas de souci | volontiers | sí
    sí por favor | si | si por favor | claro | de acuerdo | vale | adelante | acepto | aceptamos | confirmo
    confirmamos | conforme | está bien | por supuesto | perfecto | hágalo | háganlo | sin problema
    no hay problema | me parece bien
""")
_NO = _phrases("""
    no | no thanks | no thank you | nope | not now | not yet | rather not | please don t | please do not
    don t do it | do not do it | cancel | please cancel | cancelled | declined | i decline | we decline
    not interested | too expensive | that is too expensive | that s too expensive | no need | not needed
    never mind | forget it | leave it | nie | nie dziękuję | nie dziękujemy | nie teraz | jeszcze nie
    rezygnuję | rezygnujemy | za drogo | to za drogo | proszę anulować | proszę nie robić | nie trzeba
    niepotrzebne | odpuśćmy | nie zgadzam się | nie akceptuję | anuluję | hayır | hayır teşekkürler
    hayır teşekkür ederim | istemiyorum | istemiyoruz | gerek yok | gerek kalmadı | çok pahalı | şimdi değil
    henüz değil | vazgeçtim | vazgeçtik | iptal | iptal edin | lütfen yapmayın | kabul etmiyorum | olmaz | нет
    нет спасибо | не надо | не нужно | не сейчас | пока нет | пока не надо | отказываюсь | отказываемся | отмена
    отмените | слишком дорого | это дорого | дорого | не согласен | не согласна | не согласны | передумал
    передумала | передумали | не делайте | いいえ | いえ | 結構です | 今回は結構です | 不要です | 必要ありません
    やめておきます | 見送ります | 今回は見送ります | 見送らせてください | キャンセルします
    キャンセルしてください | キャンセルでお願いします | 高いです | 高すぎます | やめます | 遠慮します
    遠慮しておきます | nein | nein danke | lieber nicht | noch nicht | nicht jetzt | zu teuer | das ist zu teuer
    bitte nicht | abgelehnt | ich lehne ab | wir lehnen ab | kein interesse | nicht nötig | bitte stornieren
    kein bedarf | non | non merci | pas maintenant | pas encore | trop cher | c est trop cher | je refuse
    nous refusons | annulez | pas intéressé | pas la peine | inutile | laissez tomber | no gracias | ahora no
    todavía no | demasiado caro | es demasiado caro | muy caro | rechazo | rechazamos | cancelar | cancele
    no hace falta | no es necesario | mejor no
""")
_CONTRAST = _phrases("""
    but | however | only if | if you | unless | except | instead | also | additionally | as long as | provided
    on condition | ale | jednak | tylko jeśli | jeżeli | jeśli | pod warunkiem | zamiast | także | również
    dodatkowo | o ile | tylko że | ama | fakat | ancak | yalnız | eğer | şartıyla | koşuluyla | yerine | ayrıca
    bir de | sadece | но | однако | если | только если | при условии | вместо | также | ещё | еще | кроме
    ただし | ですが | けど | けれど | でも | しかし | もし | 条件 | 代わりに | それと | また | あと | aber
    jedoch | nur wenn | wenn | falls | sofern | statt | stattdessen | außerdem | zusätzlich | auch | allerdings
    mais | cependant | seulement si | à condition | sauf | au lieu | aussi | en plus | toutefois | par contre
    pero | sin embargo | solo si | sólo si | siempre que | excepto | en vez | también | además
""")
_POLITE = _phrases("""
    please | thanks | thank you | thank you very much | many thanks | thx | cheers | great | perfect | good
    very good | then | so | and | it | this | that | the | for the estimate | for the offer | as proposed
    as quoted | as you suggest | with the work | with it | the estimate | the offer | the price | is | fine
    all | right | well | just | i | we | am | are | to | with | have a nice day | for your help
    for the quick reply | for the fast reply | for your reply | for your mail | for the information | much
    very | so much | proszę | dziękuję | dziękujemy | dzięki | bardzo | wielkie dzięki | świetnie | super
    bardzo dobrze | za wycenę | za ofertę | za odpowiedź | za szybką odpowiedź | to zrobić | wycenę | ofertę
    z góry | miłego dnia | na to | więc | państwu | panu | pani | lütfen | teşekkürler | teşekkür ederim
    teşekkür ederiz | sağ olun | çok | harika | güzel | iyi | ve | o zaman | bu | şekilde | fiyat | teklif
    teklifi | iyi günler | kolay gelsin | için | olur | пожалуйста | спасибо | большое | большое спасибо
    спасибо большое | благодарю | отлично | прекрасно | и | тогда | это | за ответ | за оценку | за предложение
    за быстрый ответ | с ценой | цена | хорошего дня | очень | вам | мы | я | так | ありがとうございます
    ありがとうございました | どうぞ | よろしく | どうぞよろしく | では | それでは | その | それで | 見積もり
    お見積もり | お見積り | 見積り | 内容で | で | を | は | の | に | が | も | です | ます | ございます
    早速の | ご返信 | ご連絡 | 宜しく | 助かります | bitte | danke | vielen dank | dankeschön | herzlichen dank
    besten dank | prima | gut | sehr gut | dann | das | und | für das angebot | für die schätzung
    für die schnelle antwort | es | ist | schönen tag | ihnen | ich | wir | sehr | bin | sind | s il vous plaît
    svp | merci | merci beaucoup | merci bien | très bien | très | bien | alors | et | cela | ça | le devis
    pour le devis | pour l estimation | bonne journée | je | nous | suis | c est | beaucoup | pour votre réponse
    pour moi | à vous | vous | por favor | gracias | muchas gracias | muy | muy bien | entonces | y | eso
    el presupuesto | por el presupuesto | buen día | con ello | lo | estoy | estamos | que tenga | le | les
""")

GREETINGS = _phrases("""
    hi | hello | hey | dear | good morning | good afternoon | good evening | cześć | dzień dobry | witam
    szanowny | szanowna | szanowni | merhaba | selam | sayın | iyi günler | günaydın | здравствуйте | добрый
    привет | уважаемый | уважаемая | hallo | guten tag | guten morgen | sehr geehrte | sehr geehrter | liebe
    lieber | moin | bonjour | bonsoir | salut | cher | chère | hola | buenos días | buenas tardes | buenas
    estimado | estimada | お世話になっております | お世話になります | こんにちは | いつもお世話
""")
SIGNINGS = _phrases("""
    best | best regards | kind regards | regards | warm regards | sincerely | yours | cheers | thanks
    thank you | many thanks | pozdrawiam | pozdrowienia | z poważaniem | z pozdrowieniami | serdecznie
    dziękuję | saygılarımla | saygılar | sevgiler | iyi çalışmalar | с уважением | всего доброго | с наилучшими
    mit freundlichen | viele grüße | beste grüße | liebe grüße | freundliche grüße | gruß | grüße | lg | mfg
    cordialement | bien à vous | bien cordialement | salutations | saludos | un saludo | atentamente
    cordialmente | sent from | gesendet von | wysłano z | envoyé de | enviado desde | отправлено
""")

PHRASES: tuple[tuple[str, str], ...] = tuple(
    sorted(
        {
            **dict.fromkeys(_POLITE, "polite"),
            **dict.fromkeys(_CONTRAST, "contrast"),
            **dict.fromkeys(_NO, "no"),
            **dict.fromkeys(_YES, "yes"),
        }.items(),
        key=lambda phrase: (-len(phrase[0]), phrase[0]),
    )
)
"""Every phrase with its sort, the longest first."""
