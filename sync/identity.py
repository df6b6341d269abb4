"""Names: ids of records, the id of a resident from an identity number, and the GB 11643 check.

Two phones that register the same person offline must arrive at the same record: the resident's id is a keyed hash of
the identity number. The key is the deployment's own, so that an id tells nothing to those who do not hold it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import unicodedata
import uuid
from dataclasses import dataclass

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"  # GB 11643-1999, 4.2: by the weighted sum modulo 11
MAX_AGE_YEARS = 130


def new_id(now_ms: int, chance: bytes) -> str:
    """A time-ordered UUID (version 7, RFC 9562) from milliseconds since 1970 and 10 random bytes of the caller."""
    number = (now_ms & (1 << 48) - 1) << 80 | int.from_bytes(chance[:10], "big")
    return str(uuid.UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62))


def resident_id(identity_key: bytes, number: str) -> str:
    """The record id of the person with this identity number: a UUID (version 8, RFC 9562) from a keyed hash.

    The number is tidied first, so that full-width digits and a lower-case x name the same person. A 15-digit number
    of before 1999 names the person that its 18-digit form names. Raises ValueError for no number at all.
    """
    if not tidy(number):
        raise ValueError("without an identity number a resident gets an id of their own")
    mac = hmac.digest(identity_key, b"resident:" + modern(tidy(number)).encode(), hashlib.sha256)
    value = int.from_bytes(mac[:16], "big")
    return str(uuid.UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 0x8 << 76 | 0x2 << 62))


def is_derived(record_id: str) -> bool:
    """True for an id that two phones can arrive at on their own: one made by `resident_id`."""
    return record_id[14:15] == "8"


def tidy(number: str) -> str:
    """An identity number as it is compared: half-width, no spaces or hyphens, X in upper case."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", number)).upper()


def modern(number: str) -> str:
    """The 18-digit form of a 15-digit number (century 19, check digit added); any other text as it is."""
    if not re.fullmatch(r"[0-9]{15}", number):
        return number
    body = number[:6] + "19" + number[6:]
    return body + check_digit(body)


def check_digit(body: str) -> str:
    """The 18th character for the first 17 digits."""
    return CHECK_DIGITS[sum(w * int(d) for w, d in zip(WEIGHTS, body, strict=True)) % 11]


@dataclass(frozen=True, slots=True)
class IdNumber:
    """What an identity number says, and what is wrong with it: `length`, `characters`, `check_digit`, `birth_date`."""

    text: str
    faults: tuple[str, ...]
    birth_date: dt.date | None
    sex: str | None


def read_id_number(number: str, on: dt.date) -> IdNumber:
    """Read and check an identity number as of a date (GB 11643-1999). The area code need not be a current one."""
    text = modern(tidy(number))
    if len(text) != 18:
        return IdNumber(text, ("length",), None, None)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
        return IdNumber(text, ("characters",), None, None)
    faults = [] if text[17] == check_digit(text[:17]) else ["check_digit"]
    birth = _date(text[6:14])
    if birth is None or birth > on or on.year - birth.year > MAX_AGE_YEARS:
        faults.append("birth_date")
        birth = None
    return IdNumber(text, tuple(faults), birth, "male" if int(text[16]) % 2 else "female")


def _date(digits: str) -> dt.date | None:
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
