"""Words that say nothing about what a mail is about: greetings, thanks, pleas, reminders and small words.

Compared by their beginnings. What two mails have in common only in these, they do not have in common.
"""

from triagebot.core.rules.fold import fold

STEM = 5
"""Letters of a word that are compared: endings change in Polish, Russian and Turkish, and the matter does not."""

_WORDS = """
a an and are as at be been but by can could did do for from get got had has have hello her here hi his i if in is it
its just me my no not of on once or our please re regards reminder reminding so that the their then there these they
this to us was we were when will with would yes yet you your thank thanks best dear kind again still already mail
email message fwd aw urgent write wrote written should longer change changed changing update need needs like

a ale bo by czy do dla dzień dobry go i ich ja jak jest już maila mi mnie moja mój moje możemy można na nam nas nasz
nasza nasze naszej nie niej o od on ona oraz pan pani panią panu państwo państwa po podmiana pozdrawiam pozdrowienia
proszę prosić przypomnienie przypominam się są ta tak te tego temat to tu w we wiadomość witam z za ze zmiana zmianę
zmienić zmiany ponownie jeszcze dziękuję dzięki mail dostał dostała czekam

acaba ada ama bana bay bey beyefendi bir biz bizim bu çok da daha de değil değiştir değiştirebilir değiştirilmesi
değişiklik diye en fakat gerek gerekiyor hanım hatırlatma hatırlatmak için ile iyi günler kadar ki lütfen mailimi
merhaba mi misiniz mı mısınız mesaj ne o olarak olur rica ederim sayın saygılar selam siz sizin şu tekrar teşekkürler
teşekkür ve ya yapmanızı aldınız artık yine

а без был была были было бы в вам вас ваш вы да для день до добрый его еще ещё же за здравствуйте и из или их к как
когда ли меня мне мы моё мое мой на нам нас наш наша наше не ни но о об он она они от по пожалуйста поменяйте поменять
замените заменить замена письмо получили привет просьба прошу с со спасибо так то только у уважением уважаемая
уважаемый уже что это я напоминание напоминаю раз снова добр

aber alle als am an auch auf aus bei bitte danke das dass dem den der des die dies ein eine einen er erinnerung es für
grüße guten habe haben hallo ich ihr ihre im in ist ja kann können könnten liebe mail mein mit nach nicht noch
nochmals nur oder sehr geehrte sich sie sind tag um und uns unser unsere von vor war wie wir zu zum zur ändern
änderung

au aux avec bien bonjour ce cela ces cette changer cordialement dans de des du elle en est et il je la le les leur ma
mais merci mes mon monsieur madame ne nos notre nous ou où par pas plus pour pouvez pourriez qu que qui rappel sa
salut se si son sont sur svp un une vos votre vous encore

al buenas buenos cambiar con cordial de del días el ella en es esta este favor gracias hola la las le lo los mas me mi
muy no nos nuestra nuestro o para pero podría puede por que qué recordatorio saludo saludos se si sí sin sobre su sus
un una usted ustedes y ya
"""

SMALL_STEMS = frozenset(fold(word)[:STEM] for word in _WORDS.split())
"""How words begin that say nothing of the matter."""
_PAIRS = """
世話 変更 願致 致し 申し 失礼 先日 拝啓 敬具 再送 再度 至急 宜し 連絡 件名 大変 頂け 頂き 下さ 確認
対応 依頼
"""

SMALL_PAIRS = frozenset(_PAIRS.split())
"""Pairs of characters, for scripts without spaces, that say nothing of the matter."""
