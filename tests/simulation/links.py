"""Bad links: phones behind a line like EDGE that flaps, goes dead both ways or one way, and is cut; then it is well again.

Each place has a relay that passes on a little at a time after a while, and, where root may make one, a network namespace of
its own whose cable is pulled. Within three syncs and sixty seconds after the end of it every outbox MUST be empty.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from client_sdk import Client, HttpTransport
from tests.simulation.doctor import PIN, quick
from tests.simulation.networked import Networked
from tests.village import ANA, BEN, VILLAGE

ROUNDS, HEALED_WITHIN = 3, 60.0
PIECE, EDGE_SECONDS = 4096, 0.25  # bytes at once, and how long they are on the way: about 130 kbit a second, both ways
UP, DOWN = "up", "down"
NEWNET = 0x40000000  # CLONE_NEWNET


class Relay:
    """What stands between the phones of a place and the server."""

    def __init__(self, host: str, upstream: int, seconds: float) -> None:
        self._flowing = {way: asyncio.Event() for way in (UP, DOWN)}
        self._host, self._upstream, self._seconds = host, upstream, seconds
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait()

    def kill(self, *ways: str) -> None:
        """In these directions nothing passes from now on; in the others all does."""
        for way, flowing in self._flowing.items():
            self._loop.call_soon_threadsafe(flowing.clear if way in ways else flowing.set)

    def cut(self) -> None:
        """Every connection is gone at once."""
        self._loop.call_soon_threadsafe(lambda: [writer.transport.abort() for writer in self._open])

    def close(self) -> None:
        self.kill()
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._pass, self._host, 0))
        self.port = server.sockets[0].getsockname()[1]
        self.kill()
        self._ready.set()
        self._loop.run_forever()
        server.close()
        if left := asyncio.all_tasks(self._loop):
            self._loop.run_until_complete(asyncio.wait(left, timeout=5))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, to_there = await asyncio.open_connection("127.0.0.1", self._upstream)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, to_there}
        halves = [self._loop.create_task(self._pump(*ends)) for ends in ((reader, to_there, UP), (there, writer, DOWN))]
        try:
            await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for half in halves:
                half.cancel()
            for end in (writer, to_there):
                end.close()
                self._open.discard(end)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: str) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(PIECE):
                await asyncio.sleep(self._seconds)
                await self._flowing[way].wait()
                sink.write(piece)
                await sink.drain()


def namespaces() -> bool:
    """May this process make network namespaces?"""
    if os.geteuid() != 0 or not shutil.which("ip"):
        return False
    name = f"cunyi-try-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode == 0
    subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
    return made


@contextlib.contextmanager
def cable(number: int) -> Iterator[tuple[str, Callable[[], None], Callable[[bool], None]]]:
    """A namespace with a cable: the address of this end, a call that brings the thread there, one that plugs it in or out."""
    name, here, there, net = f"cunyi-{os.getpid()}-{number}", f"cy{number}a", f"cy{number}b", f"10.213.{number}"
    commands = [
        f"ip netns add {name}",
        f"ip link add {here} type veth peer name {there}",
        f"ip link set {there} netns {name}",
        f"ip addr add {net}.1/30 dev {here}",
        f"ip link set {here} up",
        f"ip -n {name} addr add {net}.2/30 dev {there}",
        f"ip -n {name} link set {there} up",
    ]

    def enter() -> None:
        with Path(f"/run/netns/{name}").open() as space:
            if ctypes.CDLL(None, use_errno=True).setns(space.fileno(), NEWNET):
                raise OSError(ctypes.get_errno(), "setns")

    def plug(well: bool) -> None:
        _ip(f"ip link set {here} {'up' if well else 'down'}")

    try:
        for command in commands:
            _ip(command)
        yield f"{net}.1", enter, plug
    finally:
        subprocess.run(["ip", "link", "del", here], capture_output=True, check=False)
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def _ip(command: str) -> None:
    subprocess.run(command.split(), check=True, capture_output=True)


@dataclass(frozen=True)
class Healed:
    """How a place came out of it: what is broken, "" when nothing; seconds and rounds from the healing to empty outboxes."""

    broken: str
    seconds: float
    rounds: int
    made: frozenset[tuple[str, int]]


def place(
    server: Networked, folder: Path, number: int, seed: int, seconds: float, *, root: bool, slow: float = EDGE_SECONDS
) -> Healed:
    """Two phones at one place while its line is bad for some seconds, and after it."""
    folder.mkdir()
    upstream = urlsplit(server.url).port or 80
    with contextlib.ExitStack() as stack:
        stack.enter_context(quick())
        host, enter, plug = stack.enter_context(cable(number)) if root else ("127.0.0.1", lambda: None, lambda _well: None)
        relay = stack.enter_context(contextlib.closing(Relay(host, upstream, slow)))
        url, dice = f"http://{host}:{relay.port}", random.Random(seed)
        codes = [server.code(person) for person in (ANA, BEN)]
        bad, well = threading.Barrier(3), threading.Event()
        flapping = threading.Thread(target=_flaps, args=(relay, plug, random.Random(f"flaps {seed}"), seconds, bad, well))
        with ThreadPoolExecutor(2) as doctors:
            flapping.start()
            seeds = [dice.randrange(1 << 30) for _ in codes]
            work = [
                doctors.submit(_doctor, enter, url, code, folder / f"{n}.db", random.Random(one), bad, well)
                for n, (code, one) in enumerate(zip(codes, seeds, strict=True))
            ]
            done = [one.result() for one in work]
        flapping.join()
    return Healed(
        "; ".join(one.broken for one in done if one.broken),
        max(one.seconds for one in done),
        max(one.rounds for one in done),
        frozenset().union(*(one.made for one in done)),
    )


def _flaps(
    relay: Relay,
    plug: Callable[[bool], None],
    dice: random.Random,
    seconds: float,
    bad: threading.Barrier,
    well: threading.Event,
) -> None:
    """From a millisecond to some seconds dead, and as long well; both ways, one way, the cable out, or everything cut."""
    bad.wait()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        kind = dice.choice(("both", UP, DOWN, "cable", "cut"))
        relay.kill(*{"both": (UP, DOWN), UP: (UP,), DOWN: (DOWN,)}.get(kind, ()))
        if kind == "cable":
            plug(False)
        if kind == "cut":
            relay.cut()
        time.sleep(min(seconds, 10 ** dice.uniform(-3, 0.7)))
        if kind == "cable":
            plug(True)
        relay.kill()
        time.sleep(10 ** dice.uniform(-3, -0.3))
    well.set()


def _doctor(
    enter: Callable[[], None],
    url: str,
    code: str,
    path: Path,
    dice: random.Random,
    bad: threading.Barrier,
    well: threading.Event,
) -> Healed:
    enter()
    line = HttpTransport(url, attempts=dice.choice((0, 0, 2)), backoff_seconds=0.1)
    with contextlib.closing(Client.enrol(url, code, path, pin=PIN, transport=line)) as phone:
        bad.wait()
        records: list[str] = []
        while not well.is_set():
            for _ in range(dice.randint(0, 3)):
                value = {"vitals": {"systolic_mmhg": dice.randint(90, 200)}, "note": {"text": "x" * dice.randint(0, 2000)}}
                if records and dice.random() < 0.5:
                    phone.edit(dice.choice(records), value)
                else:
                    records.append(phone.create("hypertension_visit", value, scope=VILLAGE))
            phone.sync()
            time.sleep(0.05)
        healed = time.monotonic()
        rounds = 0
        while rounds < ROUNDS:
            rounds, report = rounds + 1, phone.sync()
            if report.complete and not phone.status().outbox:
                break
        seconds, account = time.monotonic() - healed, phone._store.account()
        made = frozenset((account.actor, n) for n in range(1, account.counter + 1))
        broken = (
            "" if report.complete and not phone.status().outbox else f"{phone.status().outbox} edits wait: {report.reasons}"
        )
        if seconds > HEALED_WITHIN:
            broken += f" not well after {seconds:.0f} s"
        return Healed(broken, seconds, rounds, made)
