"""What a phone ought to show: every standing made from all of its records, and the forms of the stories about it."""

from client_sdk.view import composed, look
from sync.links import LINKED, link_of, persons
from sync.record import shown
from sync.scopes import village_of
from sync.standing import Known, standing
from sync.standing.answer import LATER, pressing


class Afresh:
    """The standings of a phone on a day from all its records, whatever is kept and whichever records are picked out."""

    def __init__(self, phone, on=None):
        self.on, store, waiting = on or phone._now().date(), phone._store, phone._waiting()
        held = {one.record.id: one for one in store.base()}
        self.known, self.residents = [], {}
        for name in sorted(held.keys() | waiting):
            one, edits = held.get(name), waiting.get(name, [])
            record = composed(one, edits, phone._estimate())[0]
            self.known.append(Known(record, tuple(look(one, edits, self.on, phone._estimate()).issues)))
            if record.type == "resident":
                self.residents[name] = record

    def of(self, resident):
        """By the records and the links of the resident's village alone: there a person is counted."""
        village = self.residents[resident].scope
        here = [k for k in self.known if village_of(k.record.scope) == village]
        links = [one for k in here if k.record.type == "same_person" and (one := link_of(k.record))]
        living = {name for name, record in self.residents.items() if village_of(record.scope) == village}
        same = persons((one.duplicate, one.same_as) for one in links if one.state == LINKED and one.pair <= living)
        survivor = same.get(resident, resident)
        cluster = {resident, *(one for one, stands in same.items() if stands == survivor)}
        living = [r for name, r in self.residents.items() if name in cluster and r.scope == village]
        homes = {(shown(r).get("household") or {}).get("household") for r in living}
        known = [k for k in here if (k.record.id if k.record.type == "resident" else k.record.subject) in cluster | homes]
        known += [k for k in here if k not in known and names(k.record) & cluster]
        mine = survivor == resident
        also = cluster - {resident} if mine else ()
        return standing(resident, known, self.on, also=also, same_as=None if mine else survivor).wire()

    def due(self):
        found = []
        for name, record in self.residents.items():
            called = (shown(record).get("identity") or {}).get("name", "")
            found += [{"resident": name, "name": called, "scope": record.scope, **item} for item in self.of(name)["due"]]
        return sorted((i for i in found if i["urgency"] != LATER), key=lambda item: (*pressing(item), item["resident"]))


def names(record):
    """Whom a visit at home names, by whatever anybody wrote who was not contradicted."""
    said = [edit.sections.get("visit") or {} for edit in record.edits if record.type == "home_visit"]
    return {who for visit in said for who in visit.get("residents", ())}


def resident(name="王秀兰", born="1950-03-04", home=None, **sections):
    at_home = {"household": {"household": home, "relation_to_head": "head"}} if home else {}
    return {"identity": {"name": name, "sex": "female", "birth_date": born}, **at_home, **sections}


def register(disease="hypertension", opened_on="2026-01-05", **status):
    return {
        "registration": {"disease": disease, "opened_on": opened_on, "confirmed_on": opened_on, "found_by": "outpatient"},
        "status": {"status": "managed", **status},
    }


def visit(day="2026-11-10", systolic=150, way="clinic", **sections):
    return {"visit": {"visited_on": day, "way": way, "doctor": "p-ana"}, "vitals": pressure(systolic), **sections}


def pressure(systolic):
    return {"systolic_mmhg": systolic, "diastolic_mmhg": 85}


def at_home(*residents, day="2026-10-01"):
    return {"visit": {"visited_on": day, "residents": list(residents), "household_times": 1, "person_times": len(residents)}}


def patient(phone, name="王秀兰", **parts):
    """A resident under management."""
    who = phone.create("resident", resident(name, **parts))
    phone.create("chronic_register", register(), subject=who)
    return who
