"""What the desk would have answered, what a developer wrote to say the same, and what he wrote to say something else,
in five languages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of the desk, mails that say the same, and mails that say something else about the same question."""

    ours: str
    same: tuple[str, ...]
    differs: tuple[str, ...]


ANSWERED: dict[str, tuple[Answered, ...]] = {
    "en": (
        Answered(
            "The addresses of your pages are called *permalinks*. You can switch them from numbers to words"
            " yourself:\n\n"
            "1. **Settings → Permalinks**\n2. choose **Post name**\n3. **Save Changes**\n\nDo it once and"
            " early: whatever"
            " others have saved, printed or shared is the old address.",
            (
                "Hi Jan,\nin WordPress go to Settings > Permalinks, choose Post name and save.\nBest, Ada",
                "Open Settings, then Permalinks, and pick Post name.",
                "The permalinks can be switched in the settings: take Post name. The old addresses people"
                " have saved stop"
                " working, so do it early.",
            ),
            (
                "Hi Jan,\nI have done that for you, the new addresses work already.\nBest, Ada",
                "Please do not touch this, your shop would lose its orders. Let us talk on the phone tomorrow.",
                "I looked at the settings: somebody had chosen another name for your page with the prices, so the old"
                " address led nowhere. I put it back from the backup of last night; nothing is lost, and orders come"
                " in again. Please ask your trainee what happened on Monday evening.",
                "Done!",
                "I have changed the settings of your permalinks for you and put redirects in place for all"
                " that was linked.",
                "Please leave the permalinks alone: we do that together in January, with redirects, because"
                " of your shop.",
            ),
        ),
        Answered(
            "Mail that lands in other people's spam folder usually lacks proof that it is yours. Three DNS records give"
            " that proof: SPF, DKIM and DMARC. Your mail service gives you the values: https://mail.example/help/spf",
            (
                "Hello, your domain has no SPF and DKIM record. Set up SPF, DKIM and DMARC with the values of your mail"
                " service, they have it in their help.",
                "This explains it step by step: https://www.mail.example/help/spf/",
            ),
            (
                "I looked: one of your newsletters was sent to bought addresses. That has to stop first.",
                "See https://mail.example/status, they are down today.",
            ),
        ),
        Answered(
            "Your registrar can renew it at once. Call Hover at +1 866 731 6556 and have the domain name at hand.",
            ("Please call them, 1-866-731-6556. They renew while you wait.",),
            ("Your domain has been renewed until 2029, no need to do anything.",),
        ),
    ),
    "pl": (
        Answered(
            "Adresy podstron to *bezpośrednie odnośniki*. Można je samodzielnie zmienić z numerów na słowa:"
            " **Ustawienia >"
            " Bezpośrednie odnośniki**, wybrać **Nazwa wpisu** i zapisać zmiany. Stare adresy przestaną działać.",
            (
                "Dzień dobry, proszę wejść w Ustawienia > Bezpośrednie odnośniki i wybrać Nazwa wpisu. Pozdrawiam, Ada",
                "To jest w ustawieniach: bezpośrednie odnośniki, tam wybieramy nazwę wpisu i zapisujemy.",
            ),
            (
                "Ktoś zmienił w ustawieniach nazwę strony z cennikiem, dlatego stary adres przestał działać. Jest znowu"
                " z kopii z wczorajszej nocy i zamówienia przychodzą. Proszę zapytać stażystę, co się stało.",
                "Zrobione, proszę sprawdzić. Pozdrawiam",
                "Wolałabym to zrobić sama w poniedziałek, bo sklep straci zamówienia.",
            ),
        ),
        Answered(
            "Wiadomości wpadają do spamu, gdy brakuje dowodu, że są od Państwa. Potrzebne są trzy rekordy"
            " DNS: SPF, DKIM i"
            " DMARC. Wartości podaje dostawca poczty.",
            ("Brakuje rekordów SPF, DKIM i DMARC. Wartości poda dostawca poczty, wpisuje się je w DNS domeny.",),
            ("Skrzynka jest pełna, proszę usunąć stare maile z załącznikami.",),
        ),
    ),
    "tr": (
        Answered(
            "Sayfaların adreslerine *kalıcı bağlantı* denir. Sayılardan sözcüklere kendiniz geçebilirsiniz: **Ayarlar >"
            " Kalıcı bağlantılar**, **Yazı adı** seçin ve değişiklikleri kaydedin. Eski adresler çalışmaz olur.",
            (
                "Merhaba Can Bey, Ayarlar bölümünde Kalıcı bağlantılar var, orada Yazı adı seçeneğini seçip kaydedin.",
                "Ayarlar > Kalıcı bağlantılar, sonra Yazı adı.",
            ),
            ("Merhaba, sizin için hallettim, kontrol eder misiniz?", "Bunu yarın telefonda konuşalım lütfen."),
        ),
        Answered(
            "Postalar spam klasörüne düşüyorsa sizden geldiğinin kanıtı eksiktir. Üç DNS kaydı gerekir: SPF,"
            " DKIM ve DMARC."
            " Değerleri posta sağlayıcınız verir.",
            ("Alan adınızda SPF, DKIM ve DMARC kayıtları eksik, değerleri posta sağlayıcınız verir.",),
            ("Posta kutunuz dolmuş, eski ekleri silin.",),
        ),
    ),
    "ru": (
        Answered(
            "Адреса страниц называются *постоянные ссылки*. Перейти с чисел на слова можно самостоятельно:"
            " **Настройки >"
            " Постоянные ссылки**, выбрать **Название записи** и сохранить изменения. Старые адреса"
            " перестанут работать.",
            (
                "Здравствуйте! Откройте Настройки, там Постоянные ссылки, и выберите Название записи. Ада",
                "Настройки → Постоянные ссылки → Название записи.",
            ),
            ("Здравствуйте, я уже всё сделала, проверьте, пожалуйста.", "Давайте обсудим завтра по телефону."),
        ),
        Answered(
            "Письма попадают в спам, когда нет доказательства, что они ваши. Нужны три записи DNS: SPF, DKIM и DMARC."
            " Значения даёт почтовый сервис.",
            ("У домена нет записей SPF, DKIM и DMARC, значения даст ваш почтовый сервис.",),
            ("Ящик переполнен, удалите старые вложения.",),
        ),
    ),
    "ja": (
        Answered(
            "ページのアドレスは「パーマリンク」と呼ばれます。数字から言葉への変更はご自身でできます。"
            "**設定 > パーマリンク**で**投稿名**を選び、変更を保存してください。古いアドレスは使えなくなります。",
            (
                "お世話になっております。設定のパーマリンクで投稿名を選んで保存してください。",
                "設定 → パーマリンク → 投稿名です。",
            ),
            ("こちらで対応しました。ご確認ください。", "明日お電話でご相談させてください。"),
        ),
        Answered(
            "迷惑メールに入る場合、送信者の証明が足りません。DNSレコードのSPF、DKIM、DMARCが必要です。値はメールサービスが提供"
            "します。",
            ("ドメインにSPF、DKIM、DMARCのレコードがありません。値はメールサービスに聞いてください。",),
            ("受信箱の容量がいっぱいです。古い添付ファイルを削除してください。",),
        ),
    ),
}
