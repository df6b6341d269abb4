"""A small server in memory to sync against, and a line to it that can be told to misbehave.

It keeps to the protocol where a client can tell, and has switches for what a real server does seldom: a new epoch, a
revocation, a moved record, a scope taken away.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import jwt

from client_sdk import OfflineError, Reply
from sync.codec import edit_from_wire, issues_to_wire, record_from_wire, record_to_wire, state_from_wire
from sync.digest import of_records, prefix_of
from sync.record import Record, apply, blank, canonical, merge, remarks, verdict
from sync.types import CATALOGUE
from sync.types.checks import Issue
from sync.version import Dot

AT = "2026-11-21T00:15:{:02d}.000Z"
PERSON = {"id": "p-li", "name": "李医生"}


class RefusalError(Exception):
    def __init__(self, status, slug, **more):
        self.status, self.body = status, {"type": f"/problems/{slug}", "title": slug, "status": status, **more}


class Peer:
    def __init__(self, *scopes):
        self.epoch, self.scopes = "e1", dict.fromkeys(scopes or ("v1",), True)
        self.records: dict[str, Record] = {}
        self.standing: dict[str, frozenset] = {}
        self.seq: dict[str, int] = {}
        self.server = "here"
        self.gone: dict[tuple[str, str], int] = {}
        self.log: dict[Dot, tuple[str, dict]] = {}
        self.actors: dict[str, dict] = {}
        self.revoked = self.disabled = False
        self.foreign = True  # healing is open
        self.nonce = "n0"
        self.numbers = itertools.count(1)
        self.asked: list[tuple[str, str, dict | None]] = []
        self.work: dict[str, dict] = {}  # what it tells of somebody's work, by month
        self.decided: list[dict] = []  # what it tells of what was set aside
        self.page = 50

    # -- what a test does to it

    def put(self, record: Record, remark=()):
        self.records[record.id] = record
        self.standing[record.id] = frozenset(remark)
        self.seq[record.id] = next(self.numbers)

    def move(self, record_id, scope):
        old = self.records[record_id].scope
        self.put(replace(self.records[record_id], scope=scope))
        self.gone[old, record_id] = next(self.numbers)

    def restored(self, copy):
        """An older copy of itself takes over under a new epoch."""
        self.records, self.standing, self.seq, self.log = map(dict, copy)
        self.epoch += "x"
        for actor in self.actors.values():
            actor["nonce"] = f"r{next(self.numbers)}"

    def decide(self, edit, state, why=None, by=("李文静", "team_leader"), reason="out-of-scope"):
        """Somebody decides about an edit that was set aside."""
        who = by and {"name": by[0], "role": by[1]}
        said = {"dot": list(edit.dot), "record": edit.record, "reason": reason, "state": state, "decision": why}
        self.decided.insert(0, {**said, "decided_at": "2026-11-20T02:00:00.000Z", "decided_by": who})

    def copy(self):
        return dict(self.records), dict(self.standing), dict(self.seq), dict(self.log)

    def state(self, record_id):
        return record_to_wire(self.records[record_id])

    # -- the routes

    def request(self, method, path, body=None, token=None):
        body = json.loads(json.dumps(body))
        self.asked.append((method, path, body))
        parts = urlsplit(path)
        try:
            if parts.path.startswith("/v1/scopes/"):
                self._allowed(token)
                _, _, _, scope, what = parts.path.split("/")
                return Reply(200, getattr(self, f"on_{what}")(unquote(scope), parse_qs(parts.query).get("prefix", [""])[0]))
            if parts.path in ("/v1/sync", "/v1/actors", "/v1/my-work", "/v1/my-deposits"):
                self._allowed(token)
            if parts.path == "/v1/my-deposits":
                return Reply(200, {"deposits": self.decided})
            if parts.path == "/v1/my-work":
                [month] = parse_qs(parts.query)["month"]
                return Reply(200, {"month": month, "counted": 0, "lines": [], "reports": [], **self.work.get(month, {})})
            return getattr(self, "on_" + parts.path.rpartition("/")[2])(body)
        except RefusalError as refusal:
            return Reply(refusal.status, refusal.body)

    def close(self):
        pass

    def _allowed(self, token):
        if self.revoked:
            raise RefusalError(403, "revoked")
        if token != f"token-{self.epoch}":
            raise RefusalError(401, "unauthenticated")

    def _new_actor(self):
        actor = f"actor{next(self.numbers):04d}"
        self.actors[actor] = {"nonce": f"x{next(self.numbers)}", "before": None, "counter": 0}
        self.actor = actor
        return {"actor": actor, "nonce": self.actors[actor]["nonce"]}

    def on_enrol(self, body):
        if body["code"] not in ("good", "other"):
            raise RefusalError(403, "wrong-code")
        self.key = jwt.PyJWK({**body["public_key"], "alg": "ES256"}).key
        who = PERSON if body["code"] == "good" else {"id": "p-zhao", "name": "赵医生"}
        told = {"person": who, "role": "village_doctor", "scopes": self._scopes(), "server": self.server}
        more = {"access": f"token-{self.epoch}", "identity_key": "00" * 32, "epoch": self.epoch}
        return Reply(201, {**self._new_actor(), **told, **more})

    def on_actors(self, _body):
        return Reply(201, self._new_actor())

    def _assertion(self, body):
        claims = jwt.decode(body["assertion"], self.key, ["ES256"], audience="here")
        if claims["nonce"] != self.nonce:
            raise RefusalError(401, "nonce-required", nonce=self.nonce)
        self.nonce = f"n{next(self.numbers)}"
        assert claims["iss"] in self.actors

    def on_token(self, body):
        if self.revoked:
            raise RefusalError(403, "revoked")
        self._assertion(body)
        return Reply(200, {"access": f"token-{self.epoch}", "expires_in": 900, "nonce": self.nonce})

    def on_deposit(self, body):
        if not self.revoked:
            raise RefusalError(409, "not-revoked")
        self._assertion(body)
        return Reply(200, {"receipts": [self._aside(edit_from_wire(e), "account-disabled") for e in body["edits"]]})

    def on_digest(self, scope, prefix):
        mine = [r for r in self._of(scope) if prefix_of(r.id, len(prefix)) == prefix]
        children = {
            d: of_records(r for r in mine if prefix_of(r.id, len(prefix) + 1) == prefix + d).wire() for d in "0123456789abcdef"
        }
        return {**of_records(mine).wire(), "children": {d: c for d, c in children.items() if c["count"]}}

    def on_records(self, scope, prefix):
        return {"records": [record_to_wire(r) for r in self._of(scope) if prefix_of(r.id, len(prefix)) == prefix]}

    def on_sync(self, body):
        device, actor = body["device"], self.actors[self.actor]
        edits = [edit_from_wire(e) for e in body["edits"]]
        stale = device["epoch"] != self.epoch
        if not stale:
            if device["nonce"] not in (actor["nonce"], actor["before"]) or device["counter"] < actor["counter"]:
                raise RefusalError(409, "actor-rolled-back")
            if device["nonce"] == actor["nonce"]:
                actor.update(before=actor["nonce"], nonce=f"x{next(self.numbers)}")
            actor["counter"] = max(actor["counter"], device["counter"])
        merged = [] if stale else [self._heal(state) for state in body["records"]]
        fresh: set[str] = set()
        receipts = [{"dot": list(e.dot), "status": "gap"} if stale else self._judge(e, fresh) for e in edits]
        changes, reached, more, digests = [], {}, False, {}
        for scope in self._scopes():
            at = 0 if stale else self._after(body["checkpoints"].get(scope))
            items = sorted([*self._changes(scope, at, fresh), *self._gone(scope, at)], key=lambda i: i["seq"])
            if not stale:
                changes += items[: self.page]
                more |= len(items) > self.page
                last = max([at, *self.seq.values(), *self.gone.values()])
                reached[scope] = f"{self.epoch}:{items[self.page - 1]['seq'] if len(items) > self.page else last}"
            if len(items) <= self.page or stale:
                digests[scope] = of_records(self._of(scope)).wire()
        wipe = self.disabled and device["outbox"] == 0
        head = {"epoch": self.epoch, "now": AT.format(30), "nonce": actor["nonce"], "receipts": receipts, "merged": merged}
        return Reply(
            200,
            head
            | {
                "changes": changes,
                "checkpoints": reached,
                "more": more,
                "scopes": self._scopes(),
                "digests": digests,
                "wipe": wipe,
            },
        )

    # -- within

    def _scopes(self):
        return {} if self.disabled else {scope: {"write": write} for scope, write in self.scopes.items()}

    def _of(self, scope):
        return [r for r in self.records.values() if r.scope == scope]

    def _after(self, checkpoint):
        epoch, _, seq = (checkpoint or "").partition(":")
        return int(seq) if epoch == self.epoch else 0

    def _changes(self, scope, at, fresh):
        for r in self._of(scope):
            if self.seq[r.id] > at and r.id not in fresh:
                yield {**record_to_wire(r), "seq": self.seq[r.id], "issues": issues_to_wire(self._issues(r))}

    def _gone(self, scope, at):
        return [
            {"record": r, "scope": s, "seq": n, "gone": "moved"} for (s, r), n in self.gone.items() if s == scope and n > at
        ]

    def _issues(self, record):
        return [Issue(r.section, None, r.code, "warning") for r in sorted(self.standing.get(record.id, ()))]

    def _aside(self, edit, reason):
        if reason != "dot-reused":
            self.log[edit.dot] = (canonical(dict(edit.sections)), {"status": "deposited", "reason": reason, "at": AT.format(9)})
        return {"dot": list(edit.dot), "status": "deposited", "reason": reason, "at": AT.format(9)}

    def _judge(self, edit, fresh):
        text, dot = canonical(dict(edit.sections)), list(edit.dot)
        if edit.dot in self.log:
            known, outcome = self.log[edit.dot]
            if known != text:
                return self._aside(edit, "dot-reused")
            return (
                {"dot": dot, **outcome} if outcome["status"] == "deposited" else {"dot": dot, **outcome, "status": "duplicate"}
            )
        if self.disabled:
            return self._aside(edit, "account-disabled")
        before = self.records.get(edit.record, blank(edit))
        if not self.scopes.get(edit.scope) or (before.scope != edit.scope and (edit.scope, edit.record) not in self.gone):
            return self._aside(edit, "out-of-scope")
        deposited = [d.counter for d, (_, o) in self.log.items() if d.actor == edit.dot.actor and o["status"] == "deposited"]
        at = AT.format(edit.dot.counter % 60)
        done = apply(before, edit, at, deposited)
        if done.status == "gap":
            return {"dot": dot, "status": "gap"}
        policy = CATALOGUE.policy(edit.type)
        status = verdict(before, edit, done.record, policy)
        self.put(done.record, remarks(before, edit, policy, self.standing.get(edit.record, ())))
        (fresh.add if status == "accepted" else fresh.discard)(edit.record)
        self.log[edit.dot] = (text, {"status": "applied", "at": at})
        issues = issues_to_wire(self._issues(done.record))
        return {"dot": dot, "status": status, "at": at, "seen": dict(done.record.seen), "issues": issues}

    def _heal(self, item):
        sent = state_from_wire(item)
        here = self.records.get(sent.id, Record(sent.id, sent.type, sent.subject, sent.scope))
        if self.foreign:
            self.put(merge(sent, here), self.standing.get(sent.id, ()))
        return {"record": sent.id, "seen": dict(self.records.get(sent.id, here).seen)}


class Line:
    """A line that is cut by a rule: `before` or `after` the server has worked, by the number of the request (from 1)."""

    def __init__(self, peer):
        self.peer, self.rule, self.count = peer, lambda _n: "", 0

    def request(self, method, path, body=None, token=None):
        self.count += 1
        fate = self.rule(self.count)
        if fate == "before":
            raise OfflineError("cut before")
        reply = self.peer.request(method, path, body, token)
        if fate == "twice":
            reply = self.peer.request(method, path, body, token)
        if fate == "after":
            raise OfflineError("cut after")
        return reply

    def close(self):
        pass


def changed_by(peer: Peer, record_id: str, actor: str, counter: int, sections: dict, context=None) -> None:
    """A colleague's edit reaches the server."""
    record = peer.records[record_id]
    edit = edit_from_wire(
        {
            "record": record.id,
            "type": record.type,
            "subject": record.subject,
            "scope": record.scope,
            "dot": [actor, counter],
            "context": dict(record.seen if context is None else context),
            "written_at": "2026-11-21T08:10:00+08:00",
            "author": "p-wang",
            "sections": sections,
        }
    )
    receipt = peer._judge(edit, set())
    assert receipt["status"] in ("accepted", "merged", "conflict"), receipt


def a_record(
    record_id: str, sections: dict, *, scope="v1", type_name="hypertension_visit", actor="colleague1", counter=1
) -> Record:
    return record_from_wire(
        {
            "record": record_id,
            "type": type_name,
            "subject": None,
            "scope": scope,
            "seen": {actor: counter},
            "edits": [
                {
                    "dot": [actor, counter],
                    "at": AT.format(1),
                    "written_at": AT.format(1),
                    "author": "p-wang",
                    "sections": sections,
                }
            ],
        }
    )
