"""Finding the records that differ, and deciding whose state stands."""

import uuid

from client_sdk import healing
from client_sdk.exchange import Held
from sync.codec import record_to_wire
from sync.digest import of_hashes, prefix_of, record_hash
from sync.record import merge
from tests.client_sdk.peer import a_record


def ids(n):
    return [str(uuid.uuid5(uuid.NAMESPACE_OID, str(k))) for k in range(n)]


def node(hashes, prefix=""):
    below = {d: healing.below(prefix + d, hashes) for d in healing.HEX}
    children = {d: of_hashes(some.values()).wire() for d, some in below.items() if some}
    return {**of_hashes(healing.below(prefix, hashes).values()).wire(), "children": children}


def walk(mine, theirs):
    """Fetched and lacking records, and how many digests were asked for."""
    fetched, lacking, asked, prefixes = set(), set(), 0, [""]
    while prefixes:
        prefix = prefixes.pop()
        asked += 1
        step = healing.step(prefix, node(theirs, prefix), mine)
        prefixes += step.closer
        lacking |= step.lacking
        for longer in step.fetch:
            there = healing.below(longer, theirs)
            fetched |= there.keys()
            lacking |= healing.below(longer, mine).keys() - there.keys()
    return fetched, lacking, asked


def test_equal_scopes_cost_one_look():
    same = {name: n for n, name in enumerate(ids(1000))}
    assert walk(same, same) == (set(), set(), 1)
    assert walk({}, {}) == (set(), set(), 1)


def test_one_record_of_thousands_is_found_in_a_few_looks():
    every = {name: n for n, name in enumerate(ids(6000))}
    odd = ids(6000)[4321]
    fetched, lacking, asked = walk({**every, odd: 7}, every)
    assert odd in fetched
    assert len(fetched) <= healing.FETCH_AT_MOST
    assert (lacking, asked <= 4) == (set(), True)


def test_what_only_one_side_has_is_found():
    every = {name: n for n, name in enumerate(ids(3000))}
    mine, theirs = dict(every), dict(every)
    for name in ids(3000)[:5]:
        del mine[name]
    for name in ids(3000)[5:9]:
        del theirs[name]
    fetched, lacking, _ = walk(mine, theirs)
    assert set(ids(3000)[:5]) <= fetched
    assert lacking == set(ids(3000)[5:9])
    assert walk({}, every)[0] == every.keys()
    assert walk(every, {})[1] == every.keys()


def repaired(mine, theirs):
    here = {record.id: record_hash(record) for record in mine}
    return healing.repair(here, {r.id: Held(r) for r in mine}, [record_to_wire(r) for r in theirs])


def test_the_servers_state_stands_where_it_has_seen_everything():
    one = ids(1)[0]
    damaged, whole = a_record(one, {"vitals": {"n": 9}}), a_record(one, {"vitals": {"n": 1}})
    repair = repaired([damaged], [whole])
    assert (repair.put[one].record, repair.lacking) == (whole, frozenset())
    assert repaired([], [whole]).put[one].record == whole


def test_what_the_server_lacks_is_owed_and_what_both_have_is_joined():
    one, two = ids(2)
    ours, theirs = a_record(one, {"vitals": {}}, actor="colleague1"), a_record(one, {"tests": {}}, actor="colleague2")
    only = a_record(two, {"vitals": {}})
    repair = repaired([ours, only], [theirs])
    assert repair.put[one].record == merge(ours, theirs)
    assert repair.lacking == {one, two}
    ahead = merge(ours, theirs)
    assert repaired([ahead], [theirs]) == healing.Repair({}, frozenset({one}))


def test_prefixes_ignore_hyphens():
    name = "01970000-abcd-7000-8000-000000000001"
    assert prefix_of(name, 10) == "01970000ab"
    assert healing.below("01970000ab", {name: 1}) == {name: 1}
