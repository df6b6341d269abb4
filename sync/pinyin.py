"""Names as they sound: how a doctor who hears 王秀兰 or types `wxl` finds her, however her name was written.

Readings come from a stored table, see `pinyin_table.py`. Tones are left out; ü is written v, as on a keyboard. What is
read otherwise in a name than in most words stands here. Standard library only.
"""

from __future__ import annotations

import re
import unicodedata

from sync.pinyin_table import TABLE


def _by_character(text: str) -> dict[str, str]:
    """The reading of each character of `syllable characters`, pieces divided by commas or lines."""
    pieces = (piece.split() for piece in re.split(r"[,\n]", text) if piece.strip())
    return {character: syllable for syllable, characters in pieces for character in characters}


# Read so in names, where the first reading of the table is that of other words.
IN_NAMES = _by_character("chang 长長, sheng 晟, zhuo 琢, jun 隽, du 都, bu 卜, bo 薄")

# Read so as a surname, in the first place of a name. Those that the table has right already (华, 任, 燕, 那, 冼, 盛, 牟, 逄)
# are not repeated. 宓 (mi) and 黑 (hei) keep the table's reading; the older fu and he are seldom heard now.
SURNAMES = _by_character("""
    shan 单單, xie 解, qiu 仇, zha 查, zeng 曾, ou 区區, piao 朴, ge 盖蓋, miao 缪繆, zhai 翟祭, qin 覃, yue 乐樂, xian 洗,
    shao 召, chong 种, yun 员員, po 繁, she 折, bi 秘, zang 藏, kan 阚, gou 句, nai 佴, nie 乜, nian 粘, shuai 率, yao 么
""")

# Surnames of two characters that are read otherwise than their characters alone.
COMPOUND_SURNAMES = {
    "尉迟": ("yu", "chi"),
    "尉遲": ("yu", "chi"),
    "长孙": ("zhang", "sun"),
    "長孫": ("zhang", "sun"),
    "万俟": ("mo", "qi"),
    "单于": ("chan", "yu"),
    "單于": ("chan", "yu"),
    "澹台": ("tan", "tai"),
}

_READINGS = _by_character(TABLE) | IN_NAMES
_PIECES = re.compile(r"[a-z0-9]+|[^\W_]")  # a run of letters and digits, or one character of another script


def syllables(name: str) -> tuple[str, ...]:
    """A name as it is read: 单秀兰 is ("shan", "xiu", "lan"), "Lü 女" is ("lv", "nv").

    Letters pass in lower case without their marks, a run of them as one; a character whose reading is not known stands
    for itself; spaces, dots and the like are left out.
    """
    pieces = _PIECES.findall(_plain(name))
    first = COMPOUND_SURNAMES.get("".join(pieces[:2])) if len(pieces) > 2 else None
    if first is None:
        first = tuple(SURNAMES.get(piece, _READINGS.get(piece, piece)) for piece in pieces[:1])
    return first + tuple(_READINGS.get(piece, piece) for piece in pieces[len(first) :])


def pinyin(name: str) -> str:
    """The syllables in one word: `wangxiulan`. Equal for names that sound alike."""
    return "".join(syllables(name))


def initials(name: str) -> str:
    """The first letter of each syllable: `wxl`."""
    return "".join(syllable[0] for syllable in syllables(name))


def _plain(text: str) -> str:
    """Half-width, no case, no marks on letters; ü is v."""
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(c for c in apart if c == "\u0308" or not unicodedata.combining(c))
    return bare.replace("u\u0308", "v").replace("\u0308", "")
