"""How often the language of a headline is found, with and without its outlet's language.

    python -m tests.eval.language [--shared DIR]

Two parts: all headlines of the shared data whose language is known (printed where the data is
at hand), each on its title alone; and samples written for this script that are hard: very
short, in capitals, transliterated, or in languages close to Russian. Fails when a row of the
first part falls below PROMISE, or a row of the second below its floor.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from services.collect.text.language import detect_language

PROMISE: Final = 0.98
# (file, field of the title, language)
SETS: Final = (
    ("history/rt_2014_2024.jsonl.gz", "title", "en"),
    ("history/tass_2025_2026.jsonl.gz", "title", "en"),
    ("eval/passages.jsonl", "title", "en"),
    ("parallel/channel_one_2000_2024.jsonl.gz", "ru", "ru"),
    ("eval/ru.jsonl", "title", "ru"),
)
# kind -> (floor without a hint, samples as (text, language)); the floors say what was reached.
HARD: Final = {
    "short English": (0.4, [
        ("Kiev hit", "en"), ("Strike on Odessa", "en"), ("Putin: No deal", "en"),
        ("Oil slides", "en"), ("Snow in Texas", "en"), ("Talks fail", "en"),
        ("What next for Iran?", "en"), ("Why now?", "en"), ("Trump wins", "en"),
        ("Gaza: day 12", "en"),
    ]),
    "short Russian": (0.7, [
        ("Удар по порту", "ru"), ("Итоги дня", "ru"), ("Курс рубля", "ru"), ("Снег в Сочи", "ru"),
        ("Путин в Китае", "ru"), ("Что дальше?", "ru"), ("Лавров: нет", "ru"),
        ("Пожар в порту", "ru"), ("НАТО и мы", "ru"), ("Цены на газ", "ru"),
    ]),
    "capitals": (0.8, [
        ("MINISTER SAYS TALKS WITH EU ARE OVER", "en"), ("WHO IS BEHIND THE ATTACK?", "en"),
        ("BREAKING: FIRE AT NUCLEAR PLANT", "en"), ("WAR GAMES BEGIN IN BALTIC SEA", "en"),
        ("МИНИСТР ЗАЯВИЛ О СРЫВЕ ПЕРЕГОВОРОВ", "ru"), ("СРОЧНО: ВЗРЫВ В ЦЕНТРЕ ГОРОДА", "ru"),
        ("КТО СТОИТ ЗА АТАКОЙ НА МОСТ?", "ru"), ("УЧЕНИЯ НАЧАЛИСЬ НА БАЛТИКЕ", "ru"),
    ]),
    "Russian names in English": (0.5, [
        ("Zakharova slams Borrell over Nord Stream", "en"),
        ("Shoigu inspects Zvezda shipyard", "en"),
        ("Lavrov meets Jaishankar in Samarkand", "en"), ("Kadyrov vows to storm Avdeyevka", "en"),
        ("Ryabkov: Moscow ready for Vienna round", "en"), ("Matviyenko visits Tashkent", "en"),
        ("Peskov comments on Prigozhin, Utkin", "en"), ("Sobyanin opens Moskva-City tower", "en"),
    ]),
    "Ukrainian": (0.8, [
        ("Президент зустрівся з послами у Києві", "uk"),
        ("Уряд ухвалив новий закон про мову", "uk"),
        ("Рада проголосувала за бюджет", "uk"), ("Що сталося на фронті за добу", "uk"),
        ("Зеленський: ми готові до перемовин", "uk"), ("Обстріл Харкова: є поранені", "uk"),
        ("Нові правила для водіїв", "uk"), ("Погода на завтра", "uk"),
        ("Головне за ранок", "uk"), ("Штормове попередження в Одесі", "uk"),
    ]),
    "Bulgarian": (0.8, [
        ("Президентът свика съвет по сигурността", "bg"), ("Цените на тока ще се увеличат", "bg"),
        ("Няма да има избори през есента", "bg"), ("Министърът подаде оставка", "bg"),
        ("Какво се случи в София днес", "bg"), ("Учените откриха нов вид", "bg"),
        ("Доброто утро на България", "bg"), ("Времето утре", "bg"),
        ("Пожар край Бургас е овладян", "bg"), ("Правителството прие бюджета", "bg"),
    ]),
    "Serbian": (0.7, [
        ("Председник се обратио јавности", "sr"), ("Нови протести у Београду", "sr"),
        ("Влада усвојила буџет", "sr"), ("Шта се дешава на Косову", "sr"),
        ("Цене горива поново расту", "sr"), ("Сутра облачно са кишом", "sr"),
        ("Вучић: Србија неће увести санкције", "sr"), ("Пожар у центру града", "sr"),
    ]),
    "Belarusian and Macedonian": (0.9, [
        ("Прэзідэнт падпісаў новы закон", "be"), ("У Мінску прайшлі перамовы", "be"),
        ("Надвор'е на заўтра", "be"), ("Новыя правілы для вадзіцеляў", "be"),
        ("Претседателот се сретна со амбасадорот", "mk"), ("Нови мерки на Владата", "mk"),
        ("Што се случува во Скопје", "mk"), ("Цените на горивата паѓаат", "mk"),
    ]),
}  # fmt: skip


def main() -> int:
    """Print both parts; 1 when something falls below what is promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    shared: Path = parser.parse_args().shared
    print("Language of headlines, by title alone (share found)")
    if not shared.is_dir():
        print(f"  {shared} is not at hand: only the samples written for this script are judged.")
    kept = [_known(shared, *item) for item in SETS if (shared / item[0]).is_file()]
    kept += [_hard(kind, floor, rows) for kind, (floor, rows) in HARD.items()]
    return 0 if all(kept) else 1


def _known(shared: Path, name: str, field: str, language: str) -> bool:
    titles = [title for title in _titles(shared / name, field) if title]
    other = "ru" if language == "en" else "en"
    shares = []
    for hint in (language, "", other):
        found = Counter(detect_language(title, hint) for title in titles)
        shares.append(found[language] / len(titles))
    label = name.partition(".")[0]
    print(
        f"  {label:32s} {language} n={len(titles):6d}  with its outlet's {shares[0]:.4f}  "
        f"without {shares[1]:.4f}  with another's {shares[2]:.4f}"
    )
    return min(shares[:2]) >= PROMISE


def _titles(path: Path, field: str) -> Iterator[str]:
    data = path.read_bytes()
    for line in (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines():
        yield json.loads(line)[field]


def _hard(kind: str, floor: float, rows: Iterable[tuple[str, str]]) -> bool:
    samples = list(rows)
    shares = []
    for hinted in (True, False):
        right = sum(detect_language(text, lang if hinted else "") == lang for text, lang in samples)
        shares.append(right / len(samples))
    print(
        f"  {kind:32s}    n={len(samples):6d}  with its outlet's {shares[0]:.2f}    "
        f"without {shares[1]:.2f}"
    )
    return shares[1] >= floor


if __name__ == "__main__":
    sys.exit(main())
