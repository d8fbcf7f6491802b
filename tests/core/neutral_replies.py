"""Mails as programs of eight languages write them, about nothing in particular: layout, whole text, the new words.

`{new}` and `{old}` stand for what the client writes now and what was written before; each is several lines.
"""

WORDS = {
    "en": (
        "Good morning Anna,\nit works on my laptop but not on the phone.\n\nBest wishes\nJan",
        "I moved it.\n\nAnna",
    ),
    "de": (
        "Guten Morgen Anna,\nam Laptop geht es, am Telefon nicht.\n\nViele Grüße\nJan",
        "Es ist umgezogen.\n\nAnna",
    ),
    "fr": (
        "Bonjour Anna,\nça marche sur le portable mais pas ici.\n\nCordialement\nJan",
        "C'est déplacé.\n\nAnna",
    ),
    "es": (
        "Buenos días Anna:\nen el portátil funciona, en el móvil no.\n\nUn saludo\nJan",
        "Lo he movido.\n\nAnna",
    ),
    "pl": (
        "Dzień dobry,\nna laptopie działa, na telefonie nie.\n\nPozdrawiam\nJan",
        "Przeniosłam.\n\nAnna",
    ),
    "ru": (
        "Доброе утро!\nНа ноутбуке работает, на телефоне нет.\n\nС уважением\nЯн",
        "Я перенесла.\n\nАнна",
    ),
    "tr": (
        "Günaydın,\ndizüstünde çalışıyor, telefonda çalışmıyor.\n\nSaygılar\nJan",
        "Taşıdım.\n\nAnna",
    ),
    "ja": (
        "お世話になっております。\nパソコンでは動きますが電話では動きません。\n\nよろしくお願いします。\nヤン",
        "移動しました。\n\nアンナ",
    ),
}
LETTERS: dict[str, dict[str, str]] = {
    "en": {
        "yahoo": (
            "{new}\n\n"
            "    On Monday, November 2, 2026 at 09:12:33 AM GMT+1, Anna Nowak <anna@dev.example> wrote:  \n"
            " \n {old}"
        ),
        "proton": (
            "{new}\n\nSent with [Proton Mail](https://proton.me/) secure email.\n\n"
            "On Monday, November 2nd, 2026 at 09:12, Anna Nowak <anna@dev.example> wrote:\n"
            "\n{quote}"
        ),
        "outlook-mac": (
            "{new}\n\nFrom: Anna Nowak <anna@dev.example>\n"
            "Date: Monday, 2 November 2026 at 09:12\nTo: Jan <jan@shop.example>\n"
            "Cc: Ewa <ewa@shop.example>\nSubject: Re: Page\n\n{old}"
        ),
        "samsung": (
            "{new}\n\nSent from my Galaxy\n\n-------- Original message --------\n"
            "From: Anna Nowak <anna@dev.example>\n"
            "Date: 02/11/2026 09:12 (GMT+01:00)\nTo: Jan <jan@shop.example>\n"
            "Subject: Re: Page\n\n{old}"
        ),
        "outlook-ios": (
            "{new}\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n"
            "________________________________\nFrom: Anna Nowak <anna@dev.example>\n"
            "Sent: Monday, November 2, 2026 9:12:33 AM\nTo: Jan <jan@shop.example>\n"
            "Subject: Re: Page\n\n{old}"
        ),
        "apple-split": (
            "{new}\n\nSent from my iPad\n\n> On 2 Nov 2026, at 09:12, Anna Nowak\n"
            "> <anna@dev.example> wrote:\n> \n{quote}"
        ),
        "gmail-three-lines": (
            "{new}\n\nOn Mon, Nov 2, 2026 at 9:12 AM Anna Nowak of the Development\n"
            "Department <\nanna@dev.example> wrote:\n\n{quote}"
        ),
        "inline": (
            "On Mon, Nov 2, 2026 at 9:12 AM Anna <anna@dev.example> wrote:\n"
            "> Which page?\n\n{new}\n\n> And which browser?\n"
        ),
        "bottom": "On 11/2/26 9:12 AM, Anna Nowak wrote:\n{quote}\n\n{new}",
        "forward": (
            "{new}\n\n---------- Forwarded message ---------\n"
            "From: Anna Nowak <anna@dev.example>\n"
            "Date: Mon, Nov 2, 2026 at 9:12 AM\nSubject: Page\n"
            "To: Jan <jan@shop.example>\n\n\n{old}"
        ),
    },
    "de": {
        "gmx": (
            "{new}\n \n \n\nGesendet: Montag, 02. November 2026 um 09:12 Uhr\n"
            'Von: "Anna Nowak" <anna@dev.example>\nAn: "Jan" <jan@shop.example>\n'
            "Betreff: Re: Seite\n\n{old}"
        ),
        "yahoo": (
            "{new}\n\n"
            "    Am Montag, 2. November 2026 um 09:12:33 MEZ hat Anna <anna@dev.example> Folgendes geschrieben:  \n"
            " \n {old}"
        ),
        "outlook": (
            "{new}\n\nVon: Anna Nowak <anna@dev.example> \n"
            "Gesendet: Montag, 2. November 2026 09:12\nAn: Jan <jan@shop.example>\n"
            "Cc: Ewa\nBetreff: AW: Seite\n\n{old}"
        ),
        "samsung": (
            "{new}\n\nVon meinem/meiner Galaxy gesendet\n\n\n"
            "-------- Ursprüngliche Nachricht --------\n"
            "Von: Anna Nowak <anna@dev.example>\nDatum: 02.11.26 09:12 (GMT+01:00)\n"
            "An: Jan <jan@shop.example>\nBetreff: Re: Seite\n\n{old}"
        ),
        "apple": (
            "{new}\n\nVon meinem iPhone gesendet\n\n"
            "> Am 02.11.2026 um 09:12 schrieb Anna Nowak <anna@dev.example>:\n> \n"
            "{quote}"
        ),
        "gmail-wrapped": (
            "{new}\n\nAm Mo., 2. Nov. 2026 um 09:12 Uhr schrieb Anna Nowak <\nanna@dev.example>:\n\n{quote}"
        ),
        "thunderbird-bottom": "Am 02.11.26 um 09:12 schrieb Anna Nowak:\n{quote}\n\n{new}",
        "inline": (
            "Am Mo., 2. Nov. 2026 um 09:12 Uhr schrieb Anna <anna@dev.example>:\n"
            "> Welche Seite?\n\n{new}\n\n> Welcher Browser?\n"
        ),
        "forward": (
            "{new}\n\n---------- Forwarded message ---------\n"
            "Von: Anna <anna@dev.example>\nDate: Mo., 2. Nov. 2026 um 09:12 Uhr\n"
            "Subject: Seite\nTo: Jan <jan@shop.example>\n\n\n{old}"
        ),
    },
    "fr": {
        "yahoo": (
            "{new}\n\n"
            "    Le lundi 2 novembre 2026 à 09:12:33 UTC+1, Anna Nowak <anna@dev.example> a écrit :  \n"
            " \n {old}"
        ),
        "orange": (
            "{new}\n\n> Message du 02/11/26 09:12\n"
            '> De : "Anna Nowak" <anna@dev.example>\n> A : jan@shop.example\n'
            "> Copie à : \n> Objet : Re: Page\n> \n{quote}"
        ),
        "outlook": (
            "{new}\n\nDe : Anna Nowak <anna@dev.example> \n"
            "Envoyé : lundi 2 novembre 2026 09:12\nÀ : Jan <jan@shop.example>\n"
            "Objet : RE: Page\n\n{old}"
        ),
        "samsung": (
            "{new}\n\nEnvoyé depuis mon appareil Galaxy\n\n"
            "-------- Message d'origine --------\nDe : Anna <anna@dev.example>\n"
            "Date : 02/11/2026 09:12 (GMT+01:00)\nÀ : Jan <jan@shop.example>\n"
            "Objet : Re: Page\n\n{old}"
        ),
        "apple": (
            "{new}\n\nEnvoyé de mon iPhone\n\n"
            "> Le 2 nov. 2026 à 09:12, Anna Nowak <anna@dev.example> a écrit :\n> \n"
            "{quote}"
        ),
        "gmail-wrapped": ("{new}\n\nLe lun. 2 nov. 2026 à 09:12, Anna Nowak <anna@dev.example> a\nécrit :\n\n{quote}"),
        "thunderbird-bottom": "Le 02/11/2026 à 09:12, Anna Nowak a écrit :\n{quote}\n\n{new}",
        "inline": (
            "Le lun. 2 nov. 2026 à 09:12, Anna <anna@dev.example> a écrit :\n"
            "> Quelle page ?\n\n{new}\n\n> Quel navigateur ?\n"
        ),
        "forward": (
            "{new}\n\n-------- Message transféré --------\nSujet : Page\n"
            "Date : Mon, 2 Nov 2026 09:12:33 +0100\nDe : Anna <anna@dev.example>\n"
            "Pour : Jan <jan@shop.example>\n\n{old}"
        ),
    },
    "es": {
        "yahoo": (
            "{new}\n\n"
            "    En lunes, 2 de noviembre de 2026, 09:12:33 CET, Anna Nowak <anna@dev.example> escribió:  \n"
            " \n {old}"
        ),
        "outlook": (
            "{new}\n\nDe: Anna Nowak <anna@dev.example> \n"
            "Enviado el: lunes, 2 de noviembre de 2026 9:12\n"
            "Para: Jan <jan@shop.example>\nCC: Ewa\nAsunto: RE: Página\n\n{old}"
        ),
        "outlook-web": (
            "{new}\n________________________________\n"
            "De: Anna Nowak <anna@dev.example>\n"
            "Enviado: lunes, 2 de noviembre de 2026 9:12\n"
            "Para: Jan <jan@shop.example>\nAsunto: Re: Página\n\n{old}"
        ),
        "samsung": (
            "{new}\n\nEnviado desde mi Galaxy\n\n-------- Mensaje original --------\n"
            "De: Anna <anna@dev.example>\nFecha: 2/11/26 9:12 (GMT+01:00)\n"
            "Para: Jan <jan@shop.example>\nAsunto: Re: Página\n\n{old}"
        ),
        "apple": (
            "{new}\n\nEnviado desde mi iPhone\n\n"
            "> El 2 nov 2026, a las 9:12, Anna Nowak <anna@dev.example> escribió:\n"
            "> \n{quote}"
        ),
        "gmail-wrapped": (
            "{new}\n\nEl lun, 2 nov 2026 a las 9:12, Anna Nowak (<anna@dev.example>)\nescribió:\n\n{quote}"
        ),
        "bottom": "El 2/11/26 a las 9:12, Anna Nowak escribió:\n{quote}\n\n{new}",
        "inline": (
            "El lun, 2 nov 2026 a las 9:12, Anna (<anna@dev.example>) escribió:\n"
            "> ¿Qué página?\n\n{new}\n\n> ¿Qué navegador?\n"
        ),
        "forward": (
            "{new}\n\n---------- Forwarded message ---------\n"
            "De: Anna <anna@dev.example>\nDate: lun, 2 nov 2026 a las 9:12\n"
            "Subject: Página\nTo: Jan <jan@shop.example>\n\n\n{old}"
        ),
    },
    "pl": {
        "onet": ("{new}\n\nDnia 2 listopada 2026 09:12 Anna Nowak <anna@dev.example> napisał(a):\n\n{quote}"),
        "wp": ("{new}\n\nDnia 2 listopada 2026 09:12 Anna Nowak &lt;anna@dev.example&gt; napisał(a):\n\n{old}"),
        "o2": ("{new}\n\n\nDnia 2 listopada 2026 09:12 anna@dev.example napisał(a):\n\n{old}"),
        "outlook": (
            "{new}\n\nFrom: Anna Nowak <anna@dev.example> \n"
            "Sent: Monday, November 2, 2026 9:12 AM\nTo: Jan <jan@shop.example>\n"
            "Subject: Odp: Strona\n\n{old}"
        ),
        "outlook-polish": (
            "{new}\n\nOd: Anna Nowak <anna@dev.example> \n"
            "Wysłano: poniedziałek, 2 listopada 2026 09:12\n"
            "Do: Jan <jan@shop.example>\nDW: Ewa\nTemat: Odp: Strona\n\n{old}"
        ),
        "samsung": (
            "{new}\n\nWysłane z urządzenia Galaxy\n\n"
            "-------- Oryginalna wiadomość --------\nOd: Anna <anna@dev.example>\n"
            "Data: 02.11.2026 09:12 (GMT+01:00)\nDo: Jan <jan@shop.example>\n"
            "Temat: Re: Strona\n\n{old}"
        ),
        "apple": (
            "{new}\n\nWysłane z iPhone'a\n\n"
            "> Wiadomość napisana przez Anna Nowak <anna@dev.example> w dniu 02.11.2026, o godz. 09:12:\n"
            "> \n{quote}"
        ),
        "gmail-wrapped": ("{new}\n\npon., 2 lis 2026 o 09:12 Anna Nowak <anna@dev.example>\nnapisał(a):\n\n{quote}"),
        "thunderbird-bottom": "W dniu 02.11.2026 o 09:12, Anna Nowak pisze:\n{quote}\n\n{new}",
        "inline": (
            "pon., 2 lis 2026 o 09:12 Anna <anna@dev.example> napisał(a):\n"
            "> Która strona?\n\n{new}\n\n> Jaka przeglądarka?\n"
        ),
        "forward": (
            "{new}\n\n---------- Forwarded message ---------\n"
            "Od: Anna <anna@dev.example>\nDate: pon., 2 lis 2026 o 09:12\n"
            "Subject: Strona\nTo: Jan <jan@shop.example>\n\n\n{old}"
        ),
    },
    "ru": {
        "mail.ru": ("{new}\n \n \nПонедельник, 2 ноября 2026, 9:12 +03:00 от Анна Новак <anna@dev.example>:\n \n{old}"),
        "yandex": '{new}\n\n02.11.2026, 09:12, "Анна Новак" <anna@dev.example>:\n\n{quote}',
        "yandex-new": (
            "{new}\n----------------\nКому: Ян (jan@shop.example);\nТема: Страница;\n"
            '02.11.2026, 09:12, "Анна Новак" <anna@dev.example>:\n{old}'
        ),
        "outlook": (
            "{new}\n\nОт: Анна Новак <anna@dev.example> \n"
            "Отправлено: понедельник, 2 ноября 2026 г. 9:12\n"
            "Кому: Ян <jan@shop.example>\nТема: RE: Страница\n\n{old}"
        ),
        "samsung": (
            "{new}\n\nОтправлено с устройства Galaxy\n\n"
            "-------- Исходное сообщение --------\nОт: Анна <anna@dev.example>\n"
            "Дата: 02.11.2026 09:12 (GMT+03:00)\nКому: Ян <jan@shop.example>\n"
            "Тема: Re: Страница\n\n{old}"
        ),
        "apple": (
            "{new}\n\nОтправлено с iPhone\n\n"
            "> 2 нояб. 2026 г., в 09:12, Анна Новак <anna@dev.example> написал(а):\n"
            "> \n{quote}"
        ),
        "gmail-wrapped": ("{new}\n\nпн, 2 нояб. 2026 г. в 09:12, Анна Новак <\nanna@dev.example>:\n\n{quote}"),
        "thunderbird-bottom": "02.11.2026 09:12, Анна Новак пишет:\n{quote}\n\n{new}",
        "inline": (
            "пн, 2 нояб. 2026 г. в 09:12, Анна <anna@dev.example>:\n> Какая страница?\n\n{new}\n\n> Какой браузер?\n"
        ),
        "forward": (
            "{new}\n\n---------- Forwarded message ---------\n"
            "От: Анна <anna@dev.example>\nDate: пн, 2 нояб. 2026 г. в 09:12\n"
            "Subject: Страница\nTo: Ян <jan@shop.example>\n\n\n{old}"
        ),
    },
    "tr": {
        "yahoo": (
            "{new}\n\n    2 Kasım 2026 Pazartesi 09:12:33 GMT+3, Anna Nowak <anna@dev.example> şunu yazdı:  \n \n {old}"
        ),
        "outlook": (
            "{new}\n\nKimden: Anna Nowak <anna@dev.example> \n"
            "Gönderilen: 2 Kasım 2026 Pazartesi 09:12\n"
            "Kime: Jan <jan@shop.example>\nBilgi: Ewa\nKonu: Ynt: Sayfa\n\n{old}"
        ),
        "outlook-mac": (
            "{new}\n\nKimden: Anna Nowak <anna@dev.example>\n"
            "Tarih: 2 Kasım 2026 Pazartesi 09:12\nKime: Jan <jan@shop.example>\n"
            "Konu: Sayfa\n\n{old}"
        ),
        "samsung": (
            "{new}\n\nGalaxy cihazımdan gönderildi\n\n"
            "-------- Orijinal mesaj --------\nKimden: Anna <anna@dev.example>\n"
            "Tarih: 02.11.2026 09:12 (GMT+03:00)\nKime: Jan <jan@shop.example>\n"
            "Konu: Re: Sayfa\n\n{old}"
        ),
        "apple": (
            "{new}\n\niPhone’umdan gönderildi\n\n"
            "> Anna Nowak <anna@dev.example> şunları yazdı (2 Kas 2026 09:12):\n> \n"
            "{quote}"
        ),
        "gmail-wrapped": (
            "{new}\n\nAnna Nowak <anna@dev.example>, 2 Kas 2026 Pzt, 09:12 tarihinde\nşunu yazdı:\n\n{quote}"
        ),
        "yandex": '{new}\n\n02.11.2026, 09:12, "Anna Nowak" <anna@dev.example>:\n\n{old}',
        "thunderbird-bottom": "02.11.2026 09:12 tarihinde Anna Nowak yazdı:\n{quote}\n\n{new}",
        "inline": (
            "Anna <anna@dev.example>, 2 Kas 2026 Pzt, 09:12 tarihinde şunu yazdı:\n"
            "> Hangi sayfa?\n\n{new}\n\n> Hangi tarayıcı?\n"
        ),
        "forward": (
            "{new}\n\n---------- Forwarded message ---------\n"
            "Gönderen: Anna <anna@dev.example>\nDate: 2 Kas 2026 Pzt, 09:12\n"
            "Subject: Sayfa\nTo: Jan <jan@shop.example>\n\n\n{old}"
        ),
    },
    "ja": {
        "yahoo-japan": (
            "{new}\n\n----- 元のメッセージ -----\n差出人: Anna <anna@dev.example>\n"
            "宛先: Jan <jan@shop.example>\n日付: 2026/11/2, 月, 09:12\n件名: Re: ページ\n\n{old}"
        ),
        "becky": ("{new}\n\nOn Mon, 2 Nov 2026 09:12:33 +0900\nAnna Nowak <anna@dev.example> wrote:\n\n{quote}"),
        "outlook": (
            "{new}\n\nFrom: Anna Nowak <anna@dev.example> \n"
            "Sent: Monday, November 2, 2026 9:12 AM\nTo: Jan <jan@shop.example>\n"
            "Subject: RE: ページ\n\n{old}"
        ),
        "outlook-japanese": (
            "{new}\n\n差出人: Anna Nowak <anna@dev.example>\n送信日時: 2026年11月2日 月曜日 9:12\n"
            "宛先: Jan <jan@shop.example>\nCC: Ewa\n件名: Re: ページ\n\n{old}"
        ),
        "apple": ("{new}\n\niPhoneから送信\n\n> 2026/11/02 9:12、Anna Nowak <anna@dev.example>のメール:\n> \n{quote}"),
        "gmail-wrapped": "{new}\n\n2026年11月2日(月) 9:12 Anna Nowak <\nanna@dev.example>:\n\n{quote}",
        "thunderbird": "{new}\n\nOn 2026/11/02 9:12, Anna Nowak wrote:\n{quote}",
        "polite": "{new}\n\n2026年11月2日(月) 9:12、アンナさんは書きました:\n\n{quote}",
        "bottom": "2026年11月2日(月) 9:12 Anna Nowak <anna@dev.example>:\n{quote}\n\n{new}",
        "inline": (
            "2026年11月2日(月) 9:12 Anna <anna@dev.example>:\n> どのページですか。\n\n{new}\n\n> ブラウザは何ですか。\n"
        ),
        "forward": (
            "{new}\n\n---------- Forwarded message ---------\n"
            "From: Anna <anna@dev.example>\nDate: 2026年11月2日(月) 9:12\nSubject: ページ\n"
            "To: Jan <jan@shop.example>\n\n\n{old}"
        ),
    },
}


def fill(language: str, layout: str) -> tuple[str, str, str]:
    """Given a language and a layout, return the text of the mail, the new words and the old ones."""
    new, old = WORDS[language]
    quote = "\n".join(f"> {line}".rstrip() for line in old.split("\n"))
    return LETTERS[language][layout].format(new=new, old=old, quote=quote), new, old
