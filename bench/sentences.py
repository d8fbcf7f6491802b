"""What the clients of a web developer write, in five languages: the raw material of bench.mails."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Voice:
    """How clients of one language write. A topic is (subjects, ways to ask); `charset` an older encoding."""

    charset: str
    names: tuple[tuple[str, str], ...]
    greetings: tuple[str, ...]
    topics: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    details: tuple[str, ...]
    farewells: tuple[str, ...]
    wrote: str


ENGLISH = Voice(
    charset="iso-8859-1",
    names=(("Emma", "Clarke"), ("Noah", "Bennett"), ("Grace", "Morris"), ("Ruth", "Adler")),
    greetings=("Hi,", "Hello there,", "Good morning,", "Hi, hope you had a good weekend.", "Dear support,"),
    topics=(
        (
            ("Permalinks", "Page addresses", "Question about links"),
            (
                "Where do I change the permalinks? Our page addresses end in ?p=123, I would like real words.",
                "How can I switch the permalink structure so that the link of a page shows its title?",
                "I want to change the link of our pricing page to something shorter, where is that setting?",
            ),
        ),
        (
            ("DNS", "Domain not pointing yet", "Nameservers changed"),
            (
                "I changed the nameservers and the domain still shows the old page. How long does DNS take?",
                "Our registrar asks for an A record. Where do I find the DNS records you need?",
                "My cousin in Canada sees the new site and I do not, is this DNS propagation?",
            ),
        ),
        (
            ("URGENT site is down", "Website down!", "Nothing loads"),
            (
                "The site is down, every page shows error 500 since this morning.",
                "Our website is not loading at all and customers are calling. Please help!",
                "The whole shop is offline, it only says that the connection timed out.",
            ),
        ),
        (
            ("Small change", "Opening hours", "A tiny text edit"),
            (
                "Could you please change the opening hours on the contact page? We now close at 6 pm on Fridays.",
                "Please replace the phone number in the footer, the old one is out of order.",
                "Can you swap the photo on the about page? The new one is attached or I can send it again.",
            ),
        ),
        (
            ("Mail stopped", "No e-mails since yesterday", "Outlook asks for the password"),
            (
                "We stopped receiving emails yesterday around noon, sending still works.",
                "Outlook keeps asking for the password of our mailbox and then refuses it.",
                "Messages from the contact form do not arrive any more, not even in the spam folder.",
            ),
        ),
        (
            ("Not secure?", "SSL certificate", "Browser warning"),
            (
                "The browser says our site is not secure. Did the SSL certificate expire?",
                "A customer sent me a screenshot with a certificate warning, what should I do?",
            ),
        ),
        (
            ("New section", "Online shop idea", "Redesign"),
            (
                "We would like to add a whole new section with a booking calendar and online payments.",
                "It is time for a redesign of the site. What would that cost and how long would it take?",
            ),
        ),
        (
            ("Login", "Forgot my password", "Locked out"),
            (
                "I forgot my WordPress password and the reset mail never comes.",
                "Our new colleague needs a login for the dashboard, how do I add a user?",
            ),
        ),
        (
            ("Newsletter", "Mailchimp signup"),
            (
                "The newsletter sign-up on the home page says that the list does not exist.",
                "How do I put last month's newsletter onto the site?",
            ),
        ),
        (
            ("Plugin updates", "Update available"),
            (
                "The dashboard says that eleven plugins want an update. Is it safe to press the button?",
                "After I updated a plugin the menu looks broken on phones.",
            ),
        ),
        (
            ("Slow site", "Pages take ages"),
            (
                "The pages take about ten seconds to open, it was much faster in spring.",
                "Google tells me that our site is slow on mobile. Can that be improved?",
            ),
        ),
        (
            ("Invoice", "Domain renewal letter"),
            (
                "I got a letter that our domain expires and must be renewed for 280 dollars. Is it real?",
                "Could you send me the invoice for last month once more, our accountant has lost it?",
            ),
        ),
    ),
    details=(
        "I tried it on my laptop and on my phone with the same result.",
        "It started after the long weekend, before that everything was fine.",
        "My colleague Peter looked at it too and could not find anything.",
        "There is no hurry, but it would be nice to have it before the fair.",
        "We have cleared the cache as you showed us in March.",
        "I attach what I see, maybe it helps.",
        "The address in question is the second one in our list of domains.",
        "If this is not covered, just tell me what it would cost.",
    ),
    farewells=("Thanks,", "Best regards,", "Many thanks and kind regards,", "Cheers,"),
    wrote="On {date}, {name} wrote:",
)

TURKISH = Voice(
    charset="windows-1254",
    names=(("Ayşe", "Yılmaz"), ("Mehmet", "Öztürk"), ("Zeynep", "Çelik"), ("İbrahim", "Şahin")),
    greetings=("Merhaba,", "İyi günler,", "Selamlar,", "Sayın yetkili,"),
    topics=(
        (
            ("Kalıcı bağlantılar", "Sayfa adresleri"),
            (
                "Sayfaların bağlantı adreslerini nereden değiştirebilirim? Şu an sadece numara görünüyor.",
                "Kalıcı bağlantı ayarı nerede, yazı başlığının adreste çıkmasını istiyorum.",
            ),
        ),
        (
            ("DNS ayarları", "Alan adı"),
            (
                "Dün isim sunucularını değiştirdim ama alan adı hâlâ eski siteyi gösteriyor, ne kadar sürer?",
                "Alan adımızın DNS kayıtlarını nereden bulabilirim?",
            ),
        ),
        (
            ("ACİL: site açılmıyor", "Siteye girilemiyor"),
            (
                "Sitemiz sabahtan beri açılmıyor, her sayfada 500 hatası çıkıyor.",
                "Mağaza tamamen kapalı görünüyor, müşteriler arıyor, lütfen yardım edin.",
            ),
        ),
        (
            ("Küçük bir değişiklik", "Telefon numarası"),
            (
                "İletişim sayfasındaki çalışma saatlerini değiştirebilir misiniz?",
                "Alt kısımdaki telefon numarasını yenisiyle değiştirir misiniz lütfen?",
            ),
        ),
        (
            ("E-posta gelmiyor", "Outlook şifre soruyor"),
            (
                "Dünden beri e-posta alamıyoruz, gönderme çalışıyor.",
                "İletişim formundan gelen mesajlar artık gelen kutusuna düşmüyor.",
            ),
        ),
        (
            ("Yeni bölüm", "Site yenileme"),
            (
                "Siteye randevu takvimi olan yeni bir bölüm eklemek istiyoruz.",
                "Siteyi baştan tasarlatmak istiyoruz, fiyatı ne kadar olur?",
            ),
        ),
        (("Güvenli değil uyarısı",), ("Tarayıcı sitemizin güvenli olmadığını söylüyor, SSL sertifikası mı bitti?",)),
    ),
    details=(
        "Telefonda da bilgisayarda da aynı sonuç çıktı.",
        "Geçen hafta her şey yolundaydı.",
        "Acelesi yok ama fuardan önce hazır olursa seviniriz.",
        "Önbelleği gösterdiğiniz gibi temizledik.",
        "Ücretli ise lütfen önceden bildirin.",
    ),
    farewells=("Teşekkürler,", "Saygılarımla,", "İyi çalışmalar,"),
    wrote="{name} şunu yazdı ({date}):",
)

RUSSIAN = Voice(
    charset="koi8-r",
    names=(("Ольга", "Соколова"), ("Дмитрий", "Волков"), ("Анна", "Петрова"), ("Сергей", "Кузнецов")),
    greetings=("Здравствуйте!", "Добрый день,", "Привет,", "Доброе утро!"),
    topics=(
        (
            ("Ссылки на страницы", "Постоянные ссылки"),
            (
                "Где поменять постоянные ссылки? Хочу, чтобы в адресе страницы были слова, а не цифры.",
                "Как изменить ссылку на страницу с ценами, чтобы она была короче?",
            ),
        ),
        (
            ("Домен и DNS", "Сменили серверы имён"),
            (
                "Вчера поменяли серверы имён, а домен всё ещё открывает старый сайт. Сколько ждать?",
                "Где посмотреть записи DNS нашего домена? Их просит регистратор.",
            ),
        ),
        (
            ("СРОЧНО: сайт не работает", "Сайт лежит"),
            (
                "Сайт не работает с самого утра, на каждой странице ошибка 500.",
                "Магазин не открывается совсем, клиенты звонят, помогите, пожалуйста!",
            ),
        ),
        (
            ("Небольшая правка", "Новый телефон"),
            (
                "Поменяйте, пожалуйста, часы работы на странице контактов, по пятницам закрываемся в шесть.",
                "Можно заменить номер телефона внизу сайта? Старый отключили.",
            ),
        ),
        (
            ("Не приходит почта", "Почта просит пароль"),
            (
                "Со вчерашнего дня не приходят письма, отправка при этом работает.",
                "Сообщения из формы обратной связи больше не доходят, в спаме их тоже нет.",
            ),
        ),
        (
            ("Новый раздел", "Хотим обновить дизайн"),
            (
                "Хотим добавить на сайт новый раздел с записью на приём и оплатой.",
                "Пора обновить дизайн сайта. Сколько это будет стоить и сколько займёт времени?",
            ),
        ),
        (("Небезопасное соединение",), ("Браузер пишет, что соединение не защищено. Закончился сертификат?",)),
    ),
    details=(
        "Проверяла и с телефона, и с компьютера, всё то же самое.",
        "Ещё на прошлой неделе всё было хорошо.",
        "Это не срочно, но хотелось бы успеть до выставки.",
        "Кэш чистили, как вы показывали весной.",
        "Если это платно, напишите, пожалуйста, сколько.",
    ),
    farewells=("Спасибо!", "С уважением,", "Заранее благодарю,"),
    wrote="{date} {name} пишет:",
)

JAPANESE = Voice(
    charset="iso-2022-jp",
    names=(("美咲", "田中"), ("健太", "鈴木"), ("直子", "山本"), ("大輔", "佐藤")),
    greetings=("お世話になっております。", "こんにちは。", "いつもありがとうございます。"),
    topics=(
        (
            ("パーマリンクについて", "ページのアドレス"),
            (
                "パーマリンクの設定はどこで変更できますか。数字ではなく言葉のアドレスにしたいです。",
                "料金ページのリンクを短くしたいのですが、どの画面で変えられますか。",
            ),
        ),
        (
            ("DNSの反映", "ドメインについて"),
            (
                "昨日ネームサーバーを変更しましたが、まだ古いサイトが表示されます。反映までどのくらいかかりますか。",
                "ドメインのDNSレコードはどこで確認できますか。",
            ),
        ),
        (
            ("【至急】サイトが見られません", "サイトが落ちています"),
            (
                "今朝からサイトが表示されません。どのページも500エラーになります。",
                "ショップがまったく開かず、お客様から電話が来ています。至急お願いします。",
            ),
        ),
        (
            ("小さな修正のお願い", "電話番号の変更"),
            (
                "お問い合わせページの営業時間を変更していただけますか。金曜日は18時までになります。",
                "フッターの電話番号を新しい番号に差し替えてください。",
            ),
        ),
        (
            ("メールが届きません", "パスワードを聞かれます"),
            (
                "昨日からメールが届きません。送信はできます。",
                "お問い合わせフォームからのメッセージが届かなくなりました。",
            ),
        ),
        (
            ("新しいページの追加", "リニューアルの相談"),
            (
                "予約カレンダーのある新しいセクションを追加したいと考えています。",
                "サイトのリニューアルを検討しています。費用と期間を教えてください。",
            ),
        ),
    ),
    details=(
        "パソコンでもスマートフォンでも同じ結果でした。",
        "先週までは問題ありませんでした。",
        "急ぎではありませんが、展示会の前に終わると助かります。",
        "以前教えていただいた方法でキャッシュは削除しました。",
        "有料の場合は先に金額を教えてください。",
    ),
    farewells=("よろしくお願いいたします。", "どうぞよろしくお願いします。"),
    wrote="{date} {name}:",
)

POLISH = Voice(
    charset="iso-8859-2",
    names=(("Jan", "Nowak"), ("Małgorzata", "Wójcik"), ("Paweł", "Dąbrowski"), ("Zofia", "Zielińska")),
    greetings=("Dzień dobry,", "Cześć,", "Witam,", "Szanowni Państwo,"),
    topics=(
        (
            ("Bezpośrednie odnośniki", "Adresy stron"),
            (
                "Gdzie mogę zmienić bezpośrednie odnośniki? W adresie strony są cyfry zamiast słów.",
                "Jak skrócić link do strony z cennikiem, gdzie jest to ustawienie?",
            ),
        ),
        (
            ("DNS i domena", "Zmiana serwerów nazw"),
            (
                "Wczoraj zmieniliśmy serwery nazw, a domena wciąż pokazuje starą stronę. Ile trwa propagacja?",
                "Gdzie znajdę rekordy DNS naszej domeny? Pyta o nie rejestrator.",
            ),
        ),
        (
            ("PILNE: strona nie działa", "Strona leży"),
            (
                "Strona nie działa od rana, wszędzie pokazuje się błąd 500.",
                "Sklep w ogóle się nie otwiera, klienci dzwonią, proszę o pomoc!",
            ),
        ),
        (
            ("Drobna zmiana", "Nowy numer telefonu"),
            (
                "Proszę zmienić godziny otwarcia na stronie kontaktowej, w piątki zamykamy o osiemnastej.",
                "Czy można podmienić numer telefonu w stopce? Stary już nie działa.",
            ),
        ),
        (
            ("Nie przychodzi poczta", "Outlook pyta o hasło"),
            (
                "Od wczoraj nie przychodzą do nas maile, wysyłanie działa.",
                "Wiadomości z formularza kontaktowego przestały przychodzić, w spamie też ich nie ma.",
            ),
        ),
        (
            ("Nowa sekcja", "Odświeżenie wyglądu"),
            (
                "Chcielibyśmy dodać nową sekcję z kalendarzem rezerwacji i płatnościami.",
                "Myślimy o nowym wyglądzie strony. Ile by to kosztowało i jak długo by trwało?",
            ),
        ),
        (("Faktura za domenę",), ("Dostałem pismo, że domena wygasa i trzeba ją odnowić. Czy to prawdziwe?",)),
    ),
    details=(
        "Sprawdziłam na telefonie i na komputerze, wynik ten sam.",
        "Jeszcze w zeszłym tygodniu wszystko było w porządku.",
        "Nie pali się, ale dobrze by było zdążyć przed targami.",
        "Pamięć podręczną wyczyściliśmy tak, jak Pan pokazywał w marcu.",
        "Jeśli to jest płatne, proszę najpierw podać cenę.",
    ),
    farewells=("Dziękuję,", "Pozdrawiam,", "Z poważaniem,"),
    wrote="{date} {name} napisał(a):",
)

VOICES: dict[str, Voice] = {"en": ENGLISH, "tr": TURKISH, "ru": RUSSIAN, "ja": JAPANESE, "pl": POLISH}
