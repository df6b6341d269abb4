"""A roster of residents: each row becomes a `resident` record, each household number a `household` record.

What the file leaves empty it says nothing about. A wrong name, place or number makes a row wrong; a word that is not
understood elsewhere is left out, with a remark. A group of a protected programme becomes a register in the programme's
scope, and leaves nothing in the open record.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from server.config import Config
from server.exchange import Exchange
from server.imports.report import ID_FAULTS, REFUSED, UNCHANGED, RefusedError, Remark, Result
from server.imports.sheet import Row, Sheet, day
from server.imports.words import COLUMNS, LABELS, WORDS, code_of, group_of, item_of, keyed_digits
from server.imports.writing import Section, Wanted, Writer, chunks
from server.store import directory
from server.store.engine import reading
from server.store.scope import living_about
from sync.identity import read_id_number, resident_id, tidy
from sync.record import VOID, shown
from sync.scopes import scope_name
from sync.types.codes import PROTECTED
from sync.types.fields import Codes

HEAD = "head"
REGISTER = "chronic_register"
BATCH = 500
SOURCE = "名册导入"  # what a flag names as its source
SEPARATOR = re.compile(r"[,;/、，；]")
MUST = ("sex", "relation", "id_missing_reason")  # columns whose unknown words make a row wrong; of others they are left out


@dataclass
class Read:
    """One row, understood. `protected`: the diseases of protected programmes that it names."""

    row: Row
    want: Wanted
    household_no: str
    relation: str | None
    protected: list[str]
    remarks: list[Remark]


def take_residents(sheet: Sheet, engine: Engine, exchange: Exchange, config: Config, now: dt.datetime) -> Result:
    """Take a roster of residents."""
    result = Result(list(sheet.unused))
    with reading(engine) as connection:
        villages = {code: name for code, name in directory.area_names(connection).items() if len(code) == 12}
    reader = _Reader(villages, config.identity_key, config.day_of(now))
    good: list[Read] = []
    for row in sheet.rows:
        try:
            good.append(reader.read(row))
        except RefusedError as trouble:
            result.refuse(row.number, row.get("name"), trouble)
    for read in good:
        result.say(read.row.number, read.row.get("name"), UNCHANGED, *read.remarks)
    writer = Writer(engine, exchange, result, now)
    writer.put([read.want for read in good])
    kept = [read for read in good if result.rows[read.row.number].outcome != REFUSED]
    writer.put(list(_households(kept, config.identity_key)))
    with reading(engine) as connection:
        known = _registered(connection, kept)
    writer.put([want for want in _registers(kept, config.secret_key, reader.today) if _named(want) not in known])
    return result


# -- reading a row -----------------------------------------------------------------------------------------------------


class _Reader:
    """Rows to what they want, one after the other: a person who comes twice is refused the second time."""

    def __init__(self, villages: Mapping[str, str], key: bytes, today: dt.date) -> None:
        self._key, self.today = key, today
        self._villages = {code: code for code in villages}
        names = list(villages.values())
        self._villages |= {name: code for code, name in villages.items() if names.count(name) == 1}
        self._rows: dict[str, int] = {}  # by record
        self._numbered: dict[str, int] = {}  # by the record that the person would have without their number

    def read(self, row: Row) -> Read:
        """What a row wants; raises RefusedError."""
        remarks: list[Remark] = []
        village = self._village(row)
        sections = self._sections(row, remarks)
        identity = sections["identity"]
        number = _number(row)
        household_no = _half(row.get("household_no"))
        told = (village, identity["name"], identity.get("birth_date", ""), household_no)
        if number:
            self._by_number(number, identity, remarks)
            told = (village, identity["name"], identity["birth_date"], household_no)
            record, numberless = resident_id(self._key, number), keyed_id(self._key, "resident without number", *told)
        else:
            for column in ("birth_date", "sex"):
                if column not in identity:
                    raise _refused("missing", column)
            identity.setdefault("id_missing_reason", "not_shown")
            record, numberless = keyed_id(self._key, "resident without number", *told), None
        if record in self._rows:
            raise RefusedError("id_twice" if number else "twice", other=self._rows[record])
        again = self._rows.get(numberless or "") or self._numbered.get(record)
        if again:
            raise RefusedError("twice", other=again)
        self._rows[record] = row.number
        if numberless:
            self._numbered[numberless] = row.number
        groups = self._groups(row, remarks)
        protected = [code for code in groups if code in PROTECTED]
        if protected:
            remarks.append(Remark("protected"))
        sections.setdefault("residence", {})["area_code"] = village
        if household_no:
            sections.setdefault("household", {})["household"] = _household_id(self._key, village, household_no)
        first: dict[str, Section] = {"record_status": {"status": "active"}}
        since = {"from": self.today.isoformat(), "source": SOURCE}
        first |= {f"flags/{code}": dict(since) for code in groups if code not in protected}
        want = Wanted(record, "resident", village, row.number, sections, first, numberless)
        return Read(row, want, household_no, sections.get("household", {}).get("relation_to_head"), protected, remarks)

    def _groups(self, row: Row, remarks: list[Remark]) -> list[str]:
        """The population groups that the row names; a word that is not understood is left out."""
        found = {word: group_of(word) for word in SEPARATOR.split(row.get("groups")) if word.strip()}
        remarks += [_refused("unknown_word", "groups", value=word[:30]).remark for word, code in found.items() if code is None]
        return [code for code in dict.fromkeys(found.values()) if code is not None and code != "general"]

    def _village(self, row: Row) -> str:
        given = row.get("village") or row.get("village_name")
        if not given:
            raise _refused("missing", "village")
        village = self._villages.get(given) or self._villages.get(_half(given))
        if village is None:
            raise RefusedError("no_village", value=given[:30])
        return village

    def _sections(self, row: Row, remarks: list[Remark]) -> dict[str, Section]:
        """The sections with what each column says, tidied."""
        sections: dict[str, Section] = {"identity": {}}
        for name, column in COLUMNS.items():
            given = row.get(name)
            if not given or not column.path or name == "id_no":
                continue
            section, _, path = column.path.partition(".")
            value = self._value(name, given, remarks)
            if value is None:
                continue
            fault = item_of(name).fault(value)
            if fault:
                raise _refused("unfit", name, why=fault)
            sections.setdefault(section, {})[path] = value
            if name == "ethnicity" and value == "minority" and given.endswith("族") and given != "少数民族":
                sections[section]["ethnicity_name"] = given[:30]
        if not sections["identity"].get("name"):
            raise _refused("missing", "name")
        return sections

    def _value(self, name: str, given: str, remarks: list[Remark]) -> Any:
        """The value of a cell, None when it is left out."""
        if name == "name":
            return re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", given)  # two-character names are often spread
        if name == "birth_date":
            born = day(given)
            if born is None:
                raise _refused("not_a_day", name, value=given[:30])
            if born > self.today:
                raise _refused("in_future", name)
            return born.isoformat()
        if name not in WORDS:
            return _half(given) if "phone" in name else given
        several = isinstance(item_of(name), Codes)
        words = [w for w in SEPARATOR.split(given) if w.strip()] if several else [given]
        found = [code_of(name, word) for word in words]
        if name == "ethnicity" and found == [None] and given.endswith("族"):
            found = ["minority"]
        if None in found:
            trouble = _refused("unknown_word", name, value=given[:30])
            if name in MUST:
                raise trouble
            remarks.append(trouble.remark)
            return None
        return list(dict.fromkeys(found)) if several else found[0]

    def _by_number(self, number: str, identity: Section, remarks: list[Remark]) -> None:
        """Check the number, and take from it what the row leaves out."""
        said = read_id_number(number, self.today)
        if said.faults:
            whys = [ID_FAULTS[fault] for fault in said.faults]
            raise RefusedError("id_fault", why="; ".join(en for en, _ in whys), why_zh="；".join(zh for _, zh in whys))
        assert said.birth_date is not None
        if identity.setdefault("birth_date", said.birth_date.isoformat()) != said.birth_date.isoformat():
            remarks.append(Remark("birth_disagrees"))
        if identity.setdefault("sex", said.sex) != said.sex and identity["sex"] in ("male", "female"):
            remarks.append(Remark("sex_disagrees"))
        identity |= {"id_type": "resident_id_card", "id_no": said.text}
        identity.pop("id_missing_reason", None)


def _refused(reason: str, column: str, **values: Any) -> RefusedError:
    en, zh = LABELS[column]
    return RefusedError(reason, column=en, column_zh=zh, **values)


def _number(row: Row) -> str:
    number = tidy(row.get("id_no"))
    if re.fullmatch(r"[0-9](\.[0-9]+)?E\+?[0-9]+", number):
        raise RefusedError("id_lost_digits")
    return number


def _half(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def keyed_id(key: bytes, *parts: str) -> str:
    """A stable record id (UUID version 8) of what is named by these words."""
    value = int(keyed_digits(key, *parts), 16)
    return str(uuid.UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 0x8 << 76 | 0x2 << 62))


def _registers(kept: Sequence[Read], secret: bytes, today: dt.date) -> Iterator[Wanted]:
    """The registers of protected programmes that the rows ask for, each in the scope of its programme.

    Their ids follow from a key that never leaves the server: who could arrive at one could ask whether it is taken.
    """
    for read in kept:
        resident, managed = read.want.record, read.want.sections["residence"]
        for disease in read.protected:
            first: dict[str, Section] = {
                "registration": {"disease": disease, "opened_on": today.isoformat()},
                "status": {"status": "managed"},
            }
            management: Section = {name: managed[name] for name in ("organization", "doctor") if name in managed}
            if management:
                first["management"] = management
            scope = scope_name(read.want.scope, PROTECTED[disease])
            record = keyed_id(secret, "register", resident, disease)
            yield Wanted(record, REGISTER, scope, read.row.number, {}, first, subject=resident)


def _named(want: Wanted) -> tuple[str | None, str]:
    return want.subject, want.first["registration"]["disease"]


def _registered(connection: Connection, kept: Sequence[Read]) -> set[tuple[str | None, str]]:
    """(resident, disease) of the registers that are there, whoever opened them."""
    scopes = {scope_name(read.want.scope, PROTECTED[disease]) for read in kept for disease in read.protected}
    found = set()
    for batch in chunks((read.want.record for read in kept if read.protected), BATCH):
        for state in living_about(connection, scopes, REGISTER, batch):
            view = shown(state.record)
            if view.get(VOID) is None:
                found.add((state.record.subject, str((view.get("registration") or {}).get("disease"))))
    return found


def _household_id(key: bytes, village: str, household_no: str) -> str:
    return keyed_id(key, "household", village, household_no)


def _households(kept: Sequence[Read], key: bytes) -> Iterator[Wanted]:
    """What the members' rows together say about each household."""
    members: dict[tuple[str, str], list[Read]] = {}
    for read in kept:
        if read.household_no:
            members.setdefault((read.want.scope, read.household_no), []).append(read)
    for (village, number), reads in members.items():
        head = next((read for read in reads if read.relation == HEAD), None)
        identity: Section = {"household_no": number}
        if head:
            identity |= {"head": head.want.record, "head_name": head.want.sections["identity"]["name"]}
        else:
            named = next((read.row.get("head_name") for read in reads if read.row.get("head_name")), "")
            identity |= {"head_name": named} if named else {}
        # the door is where its head lives; what another member's row says of it counts only for a new household
        address = head.row.get("address") if head else ""
        found = next((read.row.get("address") for read in reads if read.row.get("address")), "")
        residence: Section = {"area_code": village} | ({"address": address} if address else {})
        first: dict[str, Section] = {"record_status": {"status": "active"}}
        if found:
            first["residence"] = {"address": found}
        wanted = {"identity": identity, "residence": residence}
        yield Wanted(_household_id(key, village, number), "household", village, reads[0].row.number, wanted, first)
