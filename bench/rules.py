"""A seeded rulebook of any size: three patterns a rule, five languages, as a desk's rules/*.toml and replies.

Of the patterns 30 % have `*` at a word's end, 20 % have `...`, 5 % are regular expressions (design.md
section 7). The first rule matches the commonest question of bench.mails, so that every size decides
something.
"""

import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

RULES_A_FILE = 500
REPLIES = 20
_KINDS = ("question", "question", "question", "vendor", "work")
_FIRST = ("permalink*", "パーマリンク", "постоянн* ссылк*")
_THINGS = {
    "en": """permalink domain certificate newsletter mailbox footer header gallery checkout coupon invoice
        backup plugin theme widget banner sitemap redirect calendar voucher shipping font logo
        slider template password hosting analytics cookie form menu map video podcast forum cart
        product category comment spam page site number address""",
    "tr": """bağlantı alan sertifika bülten kutusu altbilgi galeri ödeme kupon fatura yedek eklenti tema
        bileşen afiş takvim kargo yazıtipi logo şablon şifre barındırma çerez form menü harita
        video sepet ürün yorum site sayfa""",
    "ru": """ссылка домен сертификат рассылка ящик подвал шапка галерея оплата купон счёт копия плагин тема
        виджет баннер карта календарь доставка шрифт логотип шаблон пароль хостинг форма меню
        корзина товар отзыв сайт страница почта""",
    "ja": """リンク ドメイン 証明書 メルマガ フッター ヘッダー ギャラリー 決済 クーポン 請求書
        バックアップ プラグイン テーマ ウィジェット バナー カレンダー 送料 フォント ロゴ
        テンプレート パスワード フォーム メニュー 商品 ページ サイト""",
    "pl": """odnośnik domena certyfikat biuletyn skrzynka stopka nagłówek galeria płatność kupon faktura
        kopia wtyczka motyw widżet baner mapa kalendarz wysyłka czcionka logo szablon hasło
        hosting formularz menu strona numer poczta""",
}
_DOINGS = {
    "en": """change lost broken missing blurry doubled expired blocked renamed hidden slow wrong outdated
        empty crooked export import translate cancel restore enlarge move shorten rotate print
        share disable enable""",
    "tr": """değiştir kayıp bozuk eksik bulanık süresi engelli gizli yavaş yanlış eski boş çevir iptal büyüt
        taşı kısalt yazdır paylaş kapat""",
    "ru": """поменять пропал сломан размыт устарел закрыт скрыт медленный неверный пустой перевести отменить
        вернуть увеличить перенести сократить напечатать отключить включить работает""",
    "ja": """変更 消えた 壊れた 足りない 期限切れ 非表示 遅い 間違い 古い 空白 翻訳 取消 復元 拡大 移動
        短縮 印刷 共有 表示""",
    "pl": """zmienić zniknął zepsuty brakuje rozmazany wygasł zablokowany ukryty wolny błędny stary pusty
        przetłumaczyć anulować przywrócić powiększyć przenieść skrócić wydrukować wyłączyć""",
}


@cache
def _list_words(language: str) -> tuple[list[str], list[str]]:
    """Given a language, return its things and its doings."""
    return _THINGS[language].split(), _DOINGS[language].split()


def make_patterns(count: int, seed: int) -> Iterator[str]:
    """Given how many and a seed, yield patterns in the rulebook's own notation."""
    random_numbers = random.Random(seed)
    languages = tuple(_THINGS)
    for index in range(count):
        language = languages[index % len(languages)]
        draw = random_numbers.random()
        if draw < 0.05:
            yield _write_expression(random_numbers, language)
        else:
            yield _write_words(random_numbers, language)


def _write_words(random_numbers: random.Random, language: str) -> str:
    """Return two or three words; scripts without spaces take no `*`, so the others take more."""
    things, doings = _list_words(language)
    words = [random_numbers.choice(doings), random_numbers.choice(things)]
    if random_numbers.random() < 0.7:
        words.append(random_numbers.choice(things))
    random_numbers.shuffle(words)
    if language != "ja" and random_numbers.random() < 0.30 / 0.95 / 0.8:
        at = random_numbers.randrange(len(words))
        stem = words[at] if len(words[at]) < 6 else words[at][:-2]
        words[at] = f"{stem}*"
    if random_numbers.random() < 0.20 / 0.95:
        words.insert(random_numbers.randrange(1, len(words)), "...")
    return ("" if language == "ja" and "..." not in words else " ").join(words)


def _write_expression(random_numbers: random.Random, language: str) -> str:
    r"""Return a regular expression in RE2's syntax, where \b and \w are ASCII only and \pL is a letter."""
    things, doings = _list_words(language)
    word, other = random_numbers.choice(things), random_numbers.choice(doings)
    number = random_numbers.randrange(100, 1000)
    forms = (
        rf"/{word}[ -]?(no|nr)?[.: ]*{number}[0-9]{{1,3}}/",
        rf"/(^|[^\pL]){word}\pL* +\(?{number}/",
        rf"/{word} *(:|=) *{other}\pL*/",
    )
    return random_numbers.choice(forms)


def write_rulebook(folder: Path, count: int, seed: int) -> None:
    """Given a desk's folder, how many rules and a seed, write rules/*.toml and the replies they name."""
    patterns = make_patterns(3 * count, seed)
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    replies = folder / "replies" / "en"
    replies.mkdir(parents=True, exist_ok=True)
    for number in range(REPLIES):
        text = f"Answer number {number}: open the dashboard, then Settings, and look for entry {number}.\n"
        (replies / f"bench-{number}.md").write_text(text, encoding="utf-8")
    for first in range(0, count, RULES_A_FILE):
        tables = []
        for index in range(first, min(first + RULES_A_FILE, count)):
            three = [next(patterns) for _ in range(3)]
            tables.append(_write_rule(index, list(_FIRST) if index == 0 else three))
        path = folder / "rules" / f"{first // RULES_A_FILE:02d}-bench.toml"
        path.write_text("\n".join(tables), encoding="utf-8")


def _write_rule(index: int, patterns: list[str]) -> str:
    """Given a rule's number and its patterns, return its table; what JSON quotes, TOML reads alike."""
    listed = ",\n  ".join(json.dumps(pattern, ensure_ascii=False) for pattern in patterns)
    lines = (
        "[[rule]]",
        f'id = "bench-{index}"',
        f'reason = "bench/topic-{index % 50}"',
        f'kind = "{_KINDS[index % len(_KINDS)]}"',
        f"any = [\n  {listed},\n]",
        f'reply = "bench-{index % REPLIES}"',
        "minutes = 10",
    )
    return "\n".join(lines) + "\n"
