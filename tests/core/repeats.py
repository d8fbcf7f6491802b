"""Requests as clients write them, in five languages: each matter as mails that repeat it."""

REQUESTS: dict[str, list[list[str]]] = {
    "en": [
        [
            "Phone number\n"
            "Hi Ada, could you please change the phone number on our contact page to 555 0199? The old "
            "one is dead. Thanks, Jan",
            "Phone number on the site\n"
            "Hello, did you get my mail? Please change the phone number on the contact page to 555 "
            "0199, the old one no longer works. Best, Jan",
            "Reminder: phone\n"
            "Hi again, just a reminder: the phone number on our contact page should be changed to 555 "
            "0199. Regards Jan",
        ],
        [
            "Opening hours\n"
            "Hi Ada, could you please change the opening hours on our contact page to 8-16? We close "
            "earlier in winter. Thanks, Jan",
        ],
        [
            "Photo\nHi Ada, please replace the photo of the team on the about page with the attached one. Thanks, Jan",
        ],
        [
            "Footer\nHi Ada, please change the address in the footer to Main Street 5. Thanks, Jan",
        ],
        [
            "Gallery\nThe gallery on the start page only shows three of our pictures since Monday, can you fix it?",
            "Pictures in the gallery\n"
            "Hi Ada, since Monday the gallery on the start page shows only three pictures. Could you "
            "fix this please?",
        ],
        [
            "Newsletter form\nThe newsletter form on the start page sends nothing since Monday, can you fix it?",
        ],
    ],
    "pl": [
        [
            "Numer telefonu\n"
            "Dzień dobry, proszę o zmianę numeru telefonu na stronie kontaktowej na 600 700 800. Stary "
            "już nie działa. Pozdrawiam, Jan",
            "Numer telefonu na stronie\n"
            "Dzień dobry, czy dostała Pani mojego maila? Proszę zmienić numer telefonu na stronie "
            "kontakt na 600 700 800, stary nie działa. Pozdrawiam Jan",
            "Przypomnienie: telefon\n"
            "Witam ponownie, przypominam o zmianie numeru telefonu na stronie kontaktowej na 600 700 "
            "800. Jan",
        ],
        [
            "Godziny otwarcia\n"
            "Dzień dobry, proszę o zmianę godzin otwarcia na stronie kontaktowej na 8-16. Zimą "
            "zamykamy wcześniej. Pozdrawiam, Jan",
        ],
        [
            "Zdjęcie\nDzień dobry, proszę o podmianę zdjęcia zespołu na stronie o nas na załączone. Pozdrawiam, Jan",
        ],
        [
            "Stopka\nDzień dobry, proszę o zmianę adresu w stopce na ulicę Główną 5. Pozdrawiam, Jan",
        ],
        [
            "Galeria\n"
            "Galeria na stronie głównej pokazuje od poniedziałku tylko trzy zdjęcia, czy może Pani to "
            "naprawić?",
            "Zdjęcia w galerii\n"
            "Dzień dobry, od poniedziałku galeria na stronie głównej pokazuje tylko trzy zdjęcia. Czy "
            "da się to naprawić?",
        ],
        [
            "Newsletter\n"
            "Formularz newslettera na stronie głównej od poniedziałku nic nie wysyła, czy może Pani to "
            "naprawić?",
        ],
    ],
    "tr": [
        [
            "Telefon numarası\n"
            "Merhaba Ada Hanım, iletişim sayfamızdaki telefon numarasını 0212 555 01 99 olarak "
            "değiştirebilir misiniz? Eskisi artık çalışmıyor. Teşekkürler, Can",
            "Sitedeki telefon\n"
            "Merhaba, mailimi aldınız mı? İletişim sayfasındaki telefon numarasının 0212 555 01 99 "
            "olarak değiştirilmesi gerekiyor, eskisi çalışmıyor. Teşekkürler Can",
            "Hatırlatma: telefon\n"
            "Tekrar merhaba, iletişim sayfamızdaki telefon numarasını 0212 555 01 99 yapmanızı rica "
            "ederim. Can",
        ],
        [
            "Çalışma saatleri\n"
            "Merhaba Ada Hanım, iletişim sayfamızdaki çalışma saatlerini 8-16 olarak değiştirebilir "
            "misiniz? Kışın erken kapatıyoruz. Teşekkürler, Can",
        ],
        [
            "Fotoğraf\n"
            "Merhaba, hakkımızda sayfasındaki ekip fotoğrafını ekteki ile değiştirir misiniz? "
            "Teşekkürler, Can",
        ],
        [
            "Alt bilgi\nMerhaba, alt bilgideki adresi Ana Cadde 5 olarak değiştirir misiniz? Teşekkürler, Can",
        ],
        [
            "Galeri\nAna sayfadaki galeri pazartesiden beri sadece üç resim gösteriyor, düzeltebilir misiniz?",
            "Galerideki resimler\n"
            "Merhaba, ana sayfadaki galeri pazartesiden beri yalnızca üç resim gösteriyor. Düzeltir "
            "misiniz lütfen?",
        ],
        [
            "Bülten\nAna sayfadaki bülten formu pazartesiden beri hiçbir şey göndermiyor, düzeltebilir misiniz?",
        ],
    ],
    "ru": [
        [
            "Номер телефона\n"
            "Здравствуйте, Ада! Поменяйте, пожалуйста, номер телефона на странице контактов на "
            "555-01-99. Старый больше не работает. Спасибо, Иван",
            "Телефон на сайте\n"
            "Добрый день! Вы получили моё письмо? Пожалуйста, поменяйте номер телефона на странице "
            "контактов на 555-01-99, старый не работает. Спасибо, Иван",
            "Напоминание: телефон\n"
            "Здравствуйте ещё раз, напоминаю о замене номера телефона на странице контактов на "
            "555-01-99. Иван",
        ],
        [
            "Часы работы\n"
            "Здравствуйте, Ада! Поменяйте, пожалуйста, часы работы на странице контактов на 8-16. "
            "Зимой мы закрываемся раньше. Спасибо, Иван",
        ],
        [
            "Фото\nЗдравствуйте! Замените, пожалуйста, фото команды на странице о нас на приложенное. Спасибо, Иван",
        ],
        [
            "Подвал\nЗдравствуйте! Поменяйте, пожалуйста, адрес в подвале сайта на улицу Главную, 5. Спасибо, Иван",
        ],
        [
            "Галерея\nГалерея на главной странице с понедельника показывает только три фотографии, можете исправить?",
            "Фотографии в галерее\n"
            "Здравствуйте, с понедельника галерея на главной странице показывает только три "
            "фотографии. Исправьте, пожалуйста.",
        ],
        [
            "Рассылка\nФорма рассылки на главной странице с понедельника ничего не отправляет, можете исправить?",
        ],
    ],
    "ja": [
        [
            "電話番号\n"
            "お世話になっております。お問い合わせページの電話番号を03-5555-0199に変更していただけますか。古い番号は使えません。よろしくお願いいたします。田中",
            "サイトの電話番号\n"
            "お世話になっております。先日のメールは届いていますでしょうか。お問い合わせページの電話番号を03-5555-0199に変更をお願いします。古い番号はもう使えません。田中",
            "再送：電話番号の件\n"
            "お世話になっております。お問い合わせページの電話番号の03-5555-0199への変更の件、いかがでしょうか。田中",
        ],
        [
            "営業時間\n"
            "お世話になっております。お問い合わせページの営業時間を8時から16時に変更していただけますか。冬は早く閉店します。よろしくお願いいたします。田中",
        ],
        [
            "写真\n"
            "お世話になっております。会社概要ページのチームの写真を添付のものに差し替えていただけますか。よろしくお願いいたします。田中",
        ],
        [
            "フッター\n"
            "お世話になっております。フッターの住所を中央通り5番地に変更していただけますか。よろしくお願いいたします。田中",
        ],
        [
            "ギャラリー\nトップページのギャラリーが月曜日から写真を三枚しか表示しません。直していただけますか。",
            "ギャラリーの写真について\n"
            "お世話になっております。月曜日からトップページのギャラリーに写真が三枚しか表示されません。修正をお願いします。",
        ],
        [
            "メルマガ\nトップページのメルマガ登録フォームが月曜日から送信できません。直していただけますか。",
        ],
    ],
}
