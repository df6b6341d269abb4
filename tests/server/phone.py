"""An honest phone, over HTTP: its key, what the server told it (base), what it has not delivered (outbox).

`save` fills in a form offline, `sync` is one exchange. `request`, `send` and `absorb` are its three steps, so that a
test can lose a reply, double a request, or send what no honest phone would.
"""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from sync.codec import record_from_wire, record_to_wire
from sync.digest import of_records
from sync.record import Edit, Record, blank, fold, merge, sections, shown
from sync.version import Dot, VersionVector
from sync.wire import APPLIED, MAX_EDITS

VISIT_TYPE = "hypertension_visit"
SOON = "2026-11-21T08:15:00+08:00"


class RefusedError(Exception):
    """The server answered with a problem."""

    def __init__(self, response: Any) -> None:
        super().__init__(f"{response.status_code} {response.get_data(as_text=True)[:300]}")
        self.status, self.problem, self.headers = response.status_code, response.get_json(), response.headers


def new_key(number: int | None = None) -> tuple[ec.EllipticCurvePrivateKey, dict[str, str]]:
    """A key that never leaves the phone, and its public half as a JWK; `number`: always the same one."""
    key = ec.derive_private_key(number, ec.SECP256R1()) if number else ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_numbers()
    return key, {"kty": "EC", "crv": "P-256", "x": _octets(point.x), "y": _octets(point.y)}


def _read(edit: dict[str, Any]) -> Edit:
    """An edit of the phone's own, however unfit."""
    return Edit(**{**edit, "dot": Dot(*edit["dot"]), "context": VersionVector(edit["context"])})


def _octets(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


def vitals(systolic: int) -> dict[str, Any]:
    """The section of a visit that most stories are about."""
    return {"vitals": {"systolic_mmhg": systolic, "diastolic_mmhg": 90}}


class Phone:
    """One installation of one person."""

    def __init__(self, client: Any, name: str = "Redmi 9A") -> None:
        self.http, self.name = client, name
        self.key, self.jwk = new_key()
        self.actor = self.nonce = self.epoch = self.person = self.server = self.access = ""
        self.scopes: dict[str, Any] = {}
        self.counter, self.now = 0, SOON
        self.base: dict[str, Record] = {}
        self.outbox: list[dict[str, Any]] = []
        self.aside: list[tuple[dict[str, Any], str]] = []
        self.checkpoints: dict[str, str] = {}

    # -- who it is

    def enrol(self, code: str) -> Phone:
        got = self.ask(201, "/v1/enrol", {"code": code, "public_key": self.jwk, "device": self.name, "app": "t"}, access=None)
        self.actor, self.nonce, self.epoch, self.server = got["actor"], got["nonce"], got["epoch"], got["server"]
        self.access, self.person, self.scopes = got["access"], got["person"]["id"], got["scopes"]
        return self

    def assertion(self, nonce: object, key: Any = None, **claims: Any) -> str:
        said = {"iss": self.actor, "aud": self.server, "nonce": nonce, **claims}
        return jwt.api_jws.encode(json.dumps(said).encode(), key or self.key, "ES256")

    def fresh_assertion(self) -> str:
        """One with the nonce that the server asks for."""
        return self.assertion(self.post("/v1/token", {"assertion": self.assertion("")}, access=None).get_json()["nonce"])

    def renew(self) -> Phone:
        self.access = self.ask(200, "/v1/token", {"assertion": self.fresh_assertion()}, access=None)["access"]
        return self

    def post(self, path: str, body: Any, access: str | None = "mine", **more: Any) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return self.call("POST", path, access, data=data, **more)

    def get(self, path: str, access: str | None = "mine", **more: Any) -> Any:
        return self.call("GET", path, access, **more)

    def call(self, method: str, path: str, access: str | None = "mine", headers: Any = (), **more: Any) -> Any:
        bearer = self.access if access == "mine" else access
        extra = {"Authorization": f"Bearer {bearer}"} if bearer is not None else {}
        return self.http.open(path, method=method, headers={**extra, **dict(headers)}, **more)

    def ask(self, status: int, path: str, body: Any, access: str | None = "mine") -> dict[str, Any]:
        response = self.post(path, body, access)
        if response.status_code != status:
            raise RefusedError(response)
        return response.get_json()

    # -- writing, offline

    @property
    def scope(self) -> str:
        """The village it works in: the first it holds."""
        return next(iter(self.scopes))

    def sees(self, record: str) -> Record | None:
        """What stands before the doctor's eyes: the outbox applied to the base."""
        state = self.base.get(record)
        for edit in (_read(e) for e in self.outbox if e["record"] == record):
            state = fold(state or blank(edit), edit, edit.written_at)
        return state

    def draft(self, said: Any, record: str | None = None, **parts: Any) -> dict[str, Any]:
        """An edit over what the doctor sees, with the next dot; not saved."""
        self.counter += "dot" not in parts
        seen = self.sees(record) if record else None
        return {
            "record": record or str(uuid.uuid4()),
            "type": seen.type if seen else VISIT_TYPE,
            "subject": seen.subject if seen else None,
            "scope": seen.scope if seen else self.scope,
            "dot": [self.actor, self.counter],
            "context": dict(seen.seen) if seen else {},
            "written_at": self.now,
            "author": self.person,
            "sections": said,
            **parts,
        }

    def save(self, said: Any, record: str | None = None, **parts: Any) -> str:
        """Fill in a form and save it: the record's id."""
        self.outbox.append(self.draft(said, record, **parts))
        return self.outbox[-1]["record"]

    # -- an exchange

    def request(self, edits: Any = None, records: Any = (), **over: Any) -> dict[str, Any]:
        about = {
            "now": self.now,
            "counter": self.counter,
            "outbox": len(self.outbox),
            "nonce": self.nonce,
            "epoch": self.epoch,
            "app": "t",
        }
        about |= {name: over.pop(name) for name in tuple(over) if name in about}
        sent = list(self.outbox if edits is None else edits)[:MAX_EDITS]
        told = {"edits": sent, "records": list(records), "checkpoints": dict(self.checkpoints), "max_bytes": 262_144}
        return {"protocol": 1, "device": about, **told, **over}

    def send(self, body: dict[str, Any]) -> dict[str, Any]:
        return self.ask(200, "/v1/sync", body)

    def absorb(self, body: dict[str, Any], reply: dict[str, Any]) -> dict[str, Any]:
        """Learn from a reply that arrived."""
        assert len(reply["receipts"]) == len(body["edits"])
        for edit, receipt in zip(body["edits"], reply["receipts"], strict=True):
            if edit not in self.outbox or receipt["status"] == "gap":
                continue
            if any(e["record"] == edit["record"] for e in self.outbox[: self.outbox.index(edit)]):
                continue  # behind the earlier ones of its record
            if receipt["status"] in APPLIED:
                read = _read(edit)
                held = self.base.get(read.record) or blank(read)
                if not held.seen.covers(read.dot) and held.seen.descends(read.context.without(self.actor)):
                    self.base[read.record] = fold(held, read, receipt["at"])
            else:
                self.aside.append((edit, receipt["reason"]))
            self.outbox.remove(edit)
        for item in reply["changes"]:
            if "gone" in item:
                self.base.pop(item["record"], None)
            else:
                told = record_from_wire(item)
                mine = self.base.get(told.id)
                self.base[told.id] = merge(mine, told) if mine else told
        self.checkpoints |= reply["checkpoints"]
        self.nonce, self.epoch, self.scopes = reply["nonce"], reply["epoch"], reply["scopes"]
        return reply

    def sync(self, edits: Any = None, records: Any = (), **over: Any) -> dict[str, Any]:
        body = self.request(edits, records, **over)
        return self.absorb(body, self.send(body))

    def push(self, *edits: dict[str, Any]) -> list[dict[str, Any]]:
        """Send just these edits: their receipts. The outbox is left out of it."""
        return self.sync(edits)["receipts"]

    def new_actor(self) -> Phone:
        """A new identity for the same phone; only for a phone whose outbox is empty."""
        got = self.ask(201, "/v1/actors", {})
        self.actor, self.nonce, self.counter = got["actor"], got["nonce"], 0
        return self

    # -- what it shows

    def state(self, record: str) -> dict[str, Any]:
        """The base state of a record as it travels."""
        return record_to_wire(self.base[record])

    def shows(self, record: str) -> dict[str, Any]:
        return shown(self.base[record])

    def values(self, record: str, section: str = "vitals") -> list[Any]:
        """Every live value of a section."""
        return [sibling.value for sibling in sections(self.base[record]).get(section, [])]

    def agrees(self, reply: dict[str, Any]) -> bool:
        """The digests of a reply without `more` are those of what is held."""
        held = {scope: of_records(r for r in self.base.values() if r.scope == scope).wire() for scope in reply["scopes"]}
        return reply["digests"] == held
