"""Who is asking, and what they may see and write: looked up at each request, at this one place, for both doors.

A device is known by a key that it made itself. It signs an assertion with the nonce that the server named and gets an
access token of minutes; the token only names the device. What the device may do is read from the register each time.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.algorithms import ECAlgorithm
from sqlalchemy import Connection, Engine

from server import nonces
from server.config import Config
from server.problems import Problem
from server.quotas import Quotas
from server.store import devices, directory
from server.store.deployment import Deployment, deployment
from server.store.engine import reading, retried
from sync.codec import ACTOR, Json, stamp
from sync.scopes import scope_name

AUDIENCE = "cunyi-access"
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 5 bits each, none that looks like another
CODE_LENGTH = 10
WRONG_CODES_AN_HOUR = 20
# look: areas, residents, records; export: what they may open, as Excel; settle: conflicts; set_aside: deposits; judge: appeals;
# report: submit, accept, return and lock reports; administer: the register, packages and standards, without any health
# record; audit: the trail alone
DUTIES: Mapping[str, frozenset[str]] = {
    "village_doctor": frozenset({"look", "export"}),
    "team_member": frozenset({"look", "export"}),
    "team_leader": frozenset({"look", "export", "settle", "set_aside"}),
    "township_supervisor": frozenset({"look", "export", "set_aside", "judge", "report"}),
    "county_supervisor": frozenset({"look", "export", "judge", "report"}),
    "administrator": frozenset({"administer", "export"}),
    "auditor": frozenset({"audit", "export"}),
}


@dataclass(frozen=True)
class Caller:
    """The device of a request, its person, and its scopes: True where it may write.

    `disabled`: the device is retired or its person has left; it may only deliver.
    """

    device: str
    actor: str
    person: str
    name: str
    role: str
    disabled: bool
    scopes: Mapping[str, bool]

    def may_read(self, scope: str) -> bool:
        """True for a scope that the device may hold."""
        return scope in self.scopes

    def may_write(self, scope: str) -> bool:
        """True for a scope in which the device's edits are applied."""
        return self.scopes.get(scope, False)

    def scopes_on_wire(self) -> Json:
        """As the protocol tells them."""
        return {scope: {"write": write} for scope, write in self.scopes.items()}

    def me(self) -> Json:
        """What `GET /v1/me` answers."""
        return {"person": {"id": self.person, "name": self.name}, "role": self.role, "scopes": self.scopes_on_wire()}


@dataclass(frozen=True)
class View:
    """What a person may see and do at a desk, and a program of theirs through `/v1`.

    `areas`: the highest areas of which they may see every village, in the order of the codes. `programmes`: the protected
    ones that they are granted, in all their villages.
    """

    person: str
    name: str
    role: str
    areas: tuple[str, ...]
    villages: frozenset[str]
    programmes: frozenset[str]
    duties: frozenset[str]

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes whose records they may see: of their villages, and of the programmes granted."""
        protected = (scope_name(village, programme) for village in self.villages for programme in self.programmes)
        return self.villages.union(protected)

    def may(self, duty: str) -> bool:
        """True when the duty is theirs."""
        return duty in self.duties

    def require(self, duty: str) -> None:
        """Raises Problem `not-allowed` when the duty is not theirs."""
        if duty not in self.duties:
            raise Problem("not-allowed")

    def villages_of(self, area: str) -> list[str]:
        """The villages of an area, sorted; raises Problem `not-found`.

        That is the same answer for an area of somebody else, for one that is not there, for what is no code of an area, and
        for one that holds more than they may see: a figure of an area is of the whole of it, whoever asks.
        """
        if not any(area.startswith(root) for root in self.areas):
            raise Problem("not-found")
        found = sorted(village for village in self.villages if village.startswith(area))
        if not found or len(area) not in directory.LEVELS:
            raise Problem("not-found")
        return found

    def village(self, code: str) -> str:
        """The code of a village that they may see; raises Problem `not-found` for any other."""
        if code not in self.villages:
            raise Problem("not-found")
        return code

    def area_level(self, area: str) -> str:
        """`county`, `township` or `village`; raises Problem `not-found` as `villages_of` does."""
        self.villages_of(area)
        return directory.LEVELS[len(area)]


def server_caller(actor: str, scopes: Iterable[str]) -> Caller:
    """The server itself, when it writes edits of its own."""
    return Caller("server", actor, "server", "server", "administrator", disabled=False, scopes=dict.fromkeys(scopes, True))


def here(connection: Connection) -> Deployment:
    """The deployment; raises Problem `unavailable` while the database is not migrated."""
    found = deployment(connection)
    if found is None:
        raise Problem("unavailable", {"Retry-After": "30"})
    return found


class Access:
    """Enrolment, tokens, and the one question of every request: who is this?"""

    def __init__(self, engine: Engine, config: Config, now: Callable[[], dt.datetime]) -> None:
        self._engine, self._config, self._now = engine, config, now
        self.quotas = Quotas(config, now)

    # -- every request

    def caller(self, authorization: str | None) -> Caller:
        """The caller of a request by its Authorization header; raises Problem `unauthenticated` or `revoked`."""
        scheme, _, token = (authorization or "").partition(" ")
        with reading(self._engine) as connection:
            place = here(connection)
            try:
                claims = jwt.decode(
                    token if scheme.lower() == "bearer" else "",
                    self._access_key(place),
                    algorithms=["HS256"],
                    audience=AUDIENCE,
                    issuer=place.server,
                    options={"require": ["sub", "exp"], "verify_exp": False, "verify_iat": False, "verify_nbf": False},
                )
            except (jwt.InvalidTokenError, ValueError):
                raise Problem("unauthenticated", {"WWW-Authenticate": "Bearer"}) from None
            expires = claims["exp"]
            if type(expires) is not int or expires <= self._now().timestamp():
                raise Problem("unauthenticated", {"WWW-Authenticate": "Bearer"})
            return self._caller_of(connection, claims["sub"])

    def _caller_of(self, connection: Connection, device_id: str) -> Caller:
        device = devices.device(connection, device_id)
        if device is None:
            raise Problem("unauthenticated", {"WWW-Authenticate": "Bearer"})
        if device.status == "revoked":
            raise Problem("revoked")
        return self._describe(connection, device)

    def _describe(self, connection: Connection, device: devices.DeviceRow) -> Caller:
        person = directory.person(connection, device.person)
        assert person is not None
        disabled = device.status != "active" or not person.active
        scopes = {} if disabled else directory.scopes_of(connection, person, self._today())
        return Caller(device.id, device.actor, person.id, person.name, person.role, disabled, scopes)

    def view(self, person_id: str) -> View:
        """What a person may see and do now; raises Problem `unauthenticated` for nobody, or one who has left."""
        with reading(self._engine) as connection:
            person = directory.person(connection, person_id)
            if person is None or not person.active:
                raise Problem("unauthenticated")
            areas, villages = directory.sight(connection, person)
            programmes = directory.granted(connection, person.id, self._today())
        duties = DUTIES.get(person.role, frozenset())
        return View(person.id, person.name, person.role, areas, villages, programmes, duties)

    def _today(self) -> dt.date:
        return self._config.day_of(self._now())

    # -- enrolment

    def new_code(self, person_id: str) -> str:
        """A one-time enrolment code for a person; raises LookupError where there is none, or they have left."""
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        now = self._now()

        def work(connection: Connection) -> None:
            person = directory.person(connection, person_id)
            if person is None or not person.active:
                raise LookupError(f"there is no active person with the id {person_id!r}")
            expires = now + dt.timedelta(hours=self._config.code_hours)
            row = {"hash": self._code_hash(code), "person": person_id, "made_at": stamp(now), "expires_at": stamp(expires)}
            devices.add_code(connection, row)

        retried(self._engine, work)
        return f"{code[:5]}-{code[5:]}"

    def enrol(self, request: Mapping[str, Any], address: str) -> Json:
        """Give a device its identity; raises Problem `wrong-code`, `too-many-attempts` or `unfit-request`."""
        try:
            ECAlgorithm.from_jwk(json.dumps(request["public_key"]))
        except (jwt.InvalidKeyError, ValueError):
            raise Problem("unfit-request", faults=["/public_key: not a point of the curve P-256"]) from None
        now = self._now()
        hour, code = stamp(now)[:13], self._code_hash(request["code"])
        key = json.dumps({name: request["public_key"][name] for name in ("kty", "crv", "x", "y")})

        def work(connection: Connection) -> tuple[Caller, Deployment, str] | None:
            device_id = "d" + secrets.token_hex(8)
            person = devices.spend_code(connection, code, device_id, stamp(now))
            known = None if person else devices.unheard(connection, code, key)  # the answer was lost: give it again
            if person:
                row = {"id": device_id, "person": person, "name": request["device"], "public_key": key, "at": stamp(now)}
                devices.add_device(connection, row)
                mint = self._mint(here(connection), device_id)
                devices.add_actor(connection, device_id, new_actor_name(), mint, stamp(now), request["app"])
            elif known is None:  # a right one is taken however often others at this address were wrong
                if devices.failures(connection, address, hour) >= WRONG_CODES_AN_HOUR:
                    raise Problem("too-many-attempts", {"Retry-After": str(3600 - now.minute * 60 - now.second)})
                devices.count_failure(connection, address, hour)
                return None
            caller = self._caller_of(connection, known.id if known else device_id)
            if caller.disabled:  # the person has left since the code was made
                raise Problem("wrong-code")
            return caller, here(connection), devices.actor_state(connection, caller.actor).nonce

        done = retried(self._engine, work)
        if done is None:
            raise Problem("wrong-code")
        caller, place, nonce = done
        return {
            **caller.me(),
            "actor": caller.actor,
            "server": place.server,
            "access": self._access_token(place, caller.device),
            "nonce": nonce,
            "identity_key": self._config.identity_key.hex(),
            "epoch": place.epoch,
        }

    def _code_hash(self, code: str) -> str:
        tidy = code.upper().replace("-", "").replace(" ", "")
        return hmac.new(self._config.secret_key, b"code:" + tidy.encode(), hashlib.sha256).hexdigest()

    # -- tokens

    def token(self, assertion: str) -> Json:
        """An access token for an assertion; raises Problem `wrong-assertion`, `nonce-required` or `revoked`."""

        def work(connection: Connection) -> Json:
            place = here(connection)
            device, next_nonce = self._spend(connection, place, assertion)
            if device.status == "revoked":
                raise Problem("revoked")
            access = self._access_token(place, device.id)
            return {"access": access, "expires_in": self._config.token_seconds, "nonce": next_nonce}

        return retried(self._engine, work)

    def shut_out(self, assertion: str) -> Caller:
        """The revoked or retired device that hands over what is unsent; raises Problem as `token` does, or `not-revoked`."""

        def work(connection: Connection) -> Caller:
            device, _ = self._spend(connection, here(connection), assertion)
            caller = self._describe(connection, device)
            if not caller.disabled:
                raise Problem("not-revoked")
            return caller

        return retried(self._engine, work)

    def _spend(self, connection: Connection, place: Deployment, assertion: str) -> tuple[devices.DeviceRow, str]:
        """The device that signed an assertion, which serves once, and the nonce of the next one."""
        actor = _claimed_actor(assertion)
        device_id = actor and devices.device_of(connection, actor)
        device = devices.device(connection, device_id) if device_id else None
        if device is None:
            raise Problem("wrong-assertion")
        try:
            key = ECAlgorithm.from_jwk(device.public_key)
            # phones have wrong clocks: no time in the assertion counts, freshness comes from the nonce
            unclocked: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "require": ["iss", "aud", "nonce"]}
            claims = jwt.decode(assertion, key, algorithms=["ES256"], audience=place.server, options=unclocked)  # type: ignore[arg-type]
        except (jwt.InvalidTokenError, ValueError):
            raise Problem("wrong-assertion") from None
        state = devices.actor_state(connection, actor, lock=True)
        nonce = self._assertion_nonce(place, actor, state.assertions)
        if not isinstance(claims["nonce"], str) or not hmac.compare_digest(
            claims["nonce"].encode("utf-8", "replace"), nonce.encode()
        ):
            raise Problem("nonce-required", nonce=nonce)
        devices.spend_assertion(connection, actor, state.assertions)
        return device, self._assertion_nonce(place, actor, state.assertions + 1)

    def _assertion_nonce(self, place: Deployment, actor: str, number: int) -> str:
        text = f"assertion:{place.epoch}:{actor}:{number}".encode()
        return hmac.new(self._config.secret_key, text, hashlib.sha256).hexdigest()[:32]

    def _access_key(self, place: Deployment) -> bytes:
        """A new epoch has a new key: tokens given out before a restore serve no more."""
        return hmac.digest(self._config.secret_key, f"access:{place.epoch}".encode(), hashlib.sha256)

    def _access_token(self, place: Deployment, device_id: str) -> str:
        now = int(self._now().timestamp())
        claims = {"iss": place.server, "aud": AUDIENCE, "sub": device_id, "iat": now, "exp": now + self._config.token_seconds}
        key = self._access_key(place)
        return jwt.encode(claims, key, "HS256", headers={"kid": hashlib.sha256(key).hexdigest()[:8]})

    def new_actor(self, caller: Caller) -> Json:
        """A new identity for the same device and key; the old one serves no more for exchanges."""
        actor = new_actor_name()

        def work(connection: Connection) -> str:
            self.quotas.charge(connection, caller.device)
            mint = self._mint(here(connection), caller.device)
            return devices.add_actor(connection, caller.device, actor, mint, stamp(self._now()))

        return {"actor": actor, "nonce": retried(self._engine, work)}

    def _mint(self, place: Deployment, device_id: str) -> Callable[[int], str]:
        return lambda number: nonces.mint(self._config.secret_key, place.epoch, device_id, number)


def _claimed_actor(assertion: str) -> str:
    """The actor that an assertion says it is of; nothing is verified yet."""
    try:
        claimed = jwt.decode(assertion, options={"verify_signature": False}).get("iss")
    except (jwt.InvalidTokenError, ValueError):
        raise Problem("wrong-assertion") from None
    if not isinstance(claimed, str) or not ACTOR.fullmatch(claimed):
        raise Problem("wrong-assertion")
    return claimed


def new_actor_name() -> str:
    """A new actor id: 60 random bits."""
    return "".join(secrets.choice("0123456789abcdefghjkmnpqrstvwxyz") for _ in range(12))
