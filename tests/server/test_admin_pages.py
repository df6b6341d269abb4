"""The pages of an administrator, and the doors before all pages, as people use them."""

import datetime as dt
import html
import json
import re
import urllib.parse

import pyotp
import pytest

from server.dashboard.signing_pages import qr
from server.problems import Problem
from server.store import directory, standards
from server.store.engine import reading
from tests.server.asking import Asker
from tests.server.phone import Phone, RefusedError, vitals
from tests.village import ANA, BEN, CAM, LEA, OTHER, SUE, TOWNSHIP, VILLAGE

ADI, AUDREY = "p-adi", "p-audrey"
PASSWORD = "every third hen is brown"
ITEM = {
    "name": "年度健康体检",
    "nature": "basic",
    "times_per_year": "1",
    "due_rule": "once_in_term",
    "fulfilled_by": ["health_exam"],
}
PACKAGE = {
    "package.code": "S-1",
    "package.name": "基础服务包",
    "package.tier": "basic",
    "package.organization": "o-hospital",
    "package.price_yuan_per_year": "0.00",
    "package.valid_from": "2026-01-01",
    "seen": "{}",
}


@pytest.fixture
def office(village):
    """Adi administers the register, Audrey reads the trail."""
    rows = [{"id": p, "name": p[2:].title(), "role": r, "organisation": None, "area": None, "active": True} for p, r in
            ((ADI, "administrator"), (AUDREY, "auditor"))]  # fmt: skip
    village.write(lambda c: directory.put_people(c, rows))
    hospital = {"id": "o-hospital", "name": "石门乡卫生院", "kind": "township_hospital", "area": TOWNSHIP, "parent": None}
    village.write(lambda c: directory.put_organisations(c, [hospital]))
    return village


def at_desk(village, person):
    """Somebody who is signed in."""
    asker = Asker(person, frozenset(), village.client(), None)
    asker.sign_in(village)
    return asker


@pytest.fixture
def adi(office):
    return at_desk(office, ADI)


def page(asker, path, **query):
    answer = asker.ask("GET", f"/dashboard{path}", query)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def send(asker, path, expected=303, /, **form):
    answer = asker.ask("POST", f"/dashboard{path}", {}, form)
    assert answer.status_code == expected, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def told(village, action):
    """What the trail says of changes of a kind."""
    return [(row["person"], json.loads(row["detail"])) for row in village.rows("trail") if row["action"] == action]


def person_form(village, person, **changed):
    with reading(village.engine) as connection:
        row = directory.roster(connection)[person]
    form = {name: row[name] or "" for name in ("name", "role", "organisation", "area")}
    return form | {"active": "yes", "villages": sorted(row["villages"])} | changed


# -- signing in, as a browser does it ----------------------------------------------------------------------------------


class Browser:
    """A window that nobody has signed in at."""

    def __init__(self, village):
        self.client = village.client()

    def post(self, path, headers=None, **form):
        return self.client.post(f"/dashboard{path}", data=form, headers=headers or {})

    def get(self, path):
        return self.client.get(f"/dashboard{path}")

    def csrf(self):
        return re.search(r'name="csrf" value="([^"]+)"', self.get("/account").get_data(as_text=True))[1]


def test_the_administrator_gives_a_code_and_sue_chooses_her_password_signs_in_and_out(office, adi):
    code = re.search(r"<code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", send(adi, f"/admin/people/{SUE}/password", 200))[1]
    window = Browser(office)
    assert window.get("/account").headers["Location"] == "/dashboard/login?next=/dashboard/account"
    assert window.post("/password", person=SUE, code=code, new="short", again="short").status_code == 422
    assert window.post("/password", person=SUE, code=code, new=PASSWORD, again=PASSWORD + "!").status_code == 422
    assert window.post("/password", person=SUE, code=code, new=PASSWORD, again=PASSWORD).status_code == 303
    assert window.post("/login", person=SUE, password="wrong wrong wrong").status_code == 401
    there = window.post("/login", person=SUE, password=PASSWORD, next="/dashboard/account")
    assert (there.status_code, there.headers["Location"]) == (303, "/dashboard/account")
    assert "Sue" in window.get("/account").get_data(as_text=True)
    assert window.post("/logout", csrf=window.csrf()).status_code == 303
    assert window.get("/account").status_code == 303


def test_the_cookies_are_kept_from_scripts_from_other_sites_and_from_plain_http(office):
    signing = office.app.extensions["cunyi"].signing_in
    signing.choose_password(SUE, signing.new_code(SUE, ADI), PASSWORD, "")
    answer = Browser(office).client.post(
        "/dashboard/login", data={"person": SUE, "password": PASSWORD}, base_url="https://cunyi.example"
    )
    cookies = answer.headers.getlist("Set-Cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["cunyi_session", "cunyi_browser"]
    for cookie in cookies:
        assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/dashboard/"} <= set(cookie.split("; "))
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "onward",
    ["https://evil.example/", "//evil.example/dashboard/", "/dashboard/\\evil", "/v1/me", "javascript:x", "/dashboard"],
)
def test_a_link_from_elsewhere_sends_nobody_elsewhere_after_signing_in(office, onward):
    signing = office.app.extensions["cunyi"].signing_in
    signing.choose_password(SUE, signing.new_code(SUE, ADI), PASSWORD, "")
    answer = Browser(office).post("/login", person=SUE, password=PASSWORD, next=onward)
    assert answer.headers["Location"] == "/dashboard/"


def test_a_form_on_another_site_signs_nobody_in_and_changes_nothing(office, adi):
    signing = office.app.extensions["cunyi"].signing_in
    signing.choose_password(SUE, signing.new_code(SUE, ADI), PASSWORD, "")
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):
        answer = Browser(office).post("/login", headers, person=SUE, password=PASSWORD)
        assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (400, [])
    before = office.rows("people")
    for token in ("", "made up", adi.csrf[:-1]):
        adi.csrf = token
        send(adi, f"/admin/people/{ANA}", 400, **person_form(office, ANA, name="Mallory"))
    assert office.rows("people") == before


def test_sue_sets_up_a_second_factor_from_the_qr_code_and_stops_using_it(office):
    signing = office.app.extensions["cunyi"].signing_in
    signing.choose_password(SUE, signing.new_code(SUE, ADI), PASSWORD, "")
    window = Browser(office)
    window.post("/login", person=SUE, password=PASSWORD)
    shown = window.get("/account").get_data(as_text=True)
    picture = urllib.parse.unquote(re.search(r'src="(data:image/svg[^"]+)"', shown)[1])
    assert "<svg" in picture
    assert "style=" not in picture
    app = pyotp.TOTP(re.search(r"<code>([A-Z2-7]{32})</code>", shown)[1])
    assert window.post("/account/totp", csrf=window.csrf(), password=PASSWORD, totp="12345").status_code == 422
    assert window.post("/account/totp", csrf=window.csrf(), totp=app.at(office.time)).status_code == 422
    form = {"password": PASSWORD, "totp": app.at(office.time)}
    assert window.post("/account/totp", csrf=window.csrf(), **form).status_code == 303
    office.later(minutes=1)
    other = Browser(office)
    assert other.post("/login", person=SUE, password=PASSWORD).status_code == 401
    assert other.post("/login", person=SUE, password=PASSWORD, totp=app.at(office.time)).status_code == 303
    assert window.post("/account/totp/stop", csrf=window.csrf(), password="wrong wrong wrong").status_code == 422
    assert window.post("/account/totp/stop", csrf=window.csrf(), password=PASSWORD).status_code == 303
    assert Browser(office).post("/login", person=SUE, password=PASSWORD).status_code == 303


def test_sue_changes_her_password_and_is_signed_out_everywhere(office):
    signing = office.app.extensions["cunyi"].signing_in
    signing.choose_password(SUE, signing.new_code(SUE, ADI), PASSWORD, "")
    here, there = Browser(office), Browser(office)
    for window in (here, there):
        window.post("/login", person=SUE, password=PASSWORD)
    form = {"old": PASSWORD, "new": "a quiet afternoon by the river", "again": "a quiet afternoon by the river"}
    assert here.post("/account/password", csrf=here.csrf(), **{**form, "old": "x"}).status_code == 422
    assert here.post("/account/password", csrf=here.csrf(), **form).status_code == 303
    assert here.get("/account").status_code == there.get("/account").status_code == 303
    assert here.post("/login", person=SUE, password=form["new"]).status_code == 303


# -- who may be here ---------------------------------------------------------------------------------------------------


def admin_addresses(village):
    rules = [
        rule for rule in village.app.url_map.iter_rules() if rule.rule.startswith(("/dashboard/admin", "/dashboard/trail"))
    ]
    known = {"person": ANA, "team": "t-1", "device": "d-1", "record": "x", "township": TOWNSHIP, "name": "late_days"}
    for rule in rules:
        path = re.sub(r"<(\w+)>", lambda found: known[found[1]], rule.rule)
        yield from ((method, path) for method in sorted(rule.methods - {"HEAD", "OPTIONS"}))


def test_no_doctor_leader_or_supervisor_opens_a_page_of_the_administrator(office):
    office.person(CAM, role="county_supervisor", area=TOWNSHIP[:6])
    addresses = list(admin_addresses(office))
    assert len(addresses) > 25
    before = {
        table: office.rows(table)
        for table in ("people", "teams", "areas", "grants", "standards", "accounts", "enrolment_codes")
    }
    for person in (ANA, LEA, SUE, CAM):
        asker = at_desk(office, person)
        for method, path in addresses:
            answer = asker.ask(method, path, {}, {} if method == "POST" else None)
            assert (path, answer.status_code) == (path, 403)
    for person, below in ((ADI, "/dashboard/trail"), (AUDREY, "/dashboard/admin")):
        asker = at_desk(office, person)
        for method, path in addresses:
            if path.startswith(below):
                assert asker.ask(method, path, {}, {} if method == "POST" else None).status_code == 403
    assert {table: office.rows(table) for table in before} == before


def test_an_administrator_sees_no_health_record(office, adi):
    view = office.access.view(ADI)
    assert not view.scopes
    for path in ("/areas/" + VILLAGE, "/devices", "/queue"):
        assert adi.ask("GET", f"/dashboard{path}", {}).status_code in (403, 404)


# -- people ------------------------------------------------------------------------------------------------------------


def test_a_new_doctor_is_added_gets_a_code_with_a_qr_code_and_enrols(office, adi):
    form = {
        "id": "p-dan",
        "name": "丹",
        "role": "village_doctor",
        "organisation": "",
        "area": "",
        "active": "yes",
        "villages": [OTHER],
    }
    send(adi, "/admin/people/new", **form)
    send(adi, "/admin/people/new", 422, **form)  # the id is taken now
    shown = send(adi, "/admin/people/p-dan/code", 200)
    code = re.search(r"<code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", shown)[1]
    typed = re.search(r"<code>cunyi field enrol ([^<]+)</code>", shown)[1]
    assert typed == f"http://localhost {code}"
    picture, says = re.search(r'<img src="(data:image/svg[^"]+)"[^>]* alt="([^"]+)"', shown).groups()
    link = f"http://localhost/app/#enrol={code}"
    assert html.unescape(picture) == qr(link)  # any camera opens the app with the code in it
    assert says.endswith(link)
    assert office.client().get(link.partition("#")[0]).status_code == 200
    assert code not in page(adi, "/admin/codes")
    assert "丹" in page(adi, "/admin/codes")
    dan = Phone(office.client()).enrol(code)
    assert dan.scopes == {OTHER: {"write": True}, TOWNSHIP: {"write": False}}
    with pytest.raises(RefusedError):
        Phone(office.client()).enrol(code)
    after = {"id": "p-dan", "name": "丹", "role": "village_doctor", "organisation": None, "area": None, "active": True}
    assert told(office, "person.add") == [
        (ADI, {"person": "p-dan", "before": dict.fromkeys(["active", "id", "name", "role", "villages"]),
               "after": {name: value for name, value in (after | {"villages": [OTHER]}).items() if value is not None}})
    ]  # fmt: skip
    assert told(office, "device.code") == [(ADI, {"person": "p-dan"})]


def test_a_doctor_who_moves_to_another_village_has_its_records_and_no_longer_the_others(office, adi, ana):
    record = ana.save(vitals(150))
    ana.sync()
    send(adi, f"/admin/people/{ANA}", **person_form(office, ANA, villages=[OTHER]))
    assert list(ana.sync()["scopes"]) == [OTHER, TOWNSHIP]
    assert ana.get(f"/v1/scopes/{VILLAGE}/digest").status_code == 404
    assert record in {row["record"] for row in office.rows("records")}
    assert told(office, "person.change") == [
        (ADI, {"person": ANA, "before": {"villages": [VILLAGE]}, "after": {"villages": [OTHER]}})
    ]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 51}, "name"),
        ({"role": "king"}, "role"),
        ({"role": "township_supervisor", "area": ""}, "area"),
        ({"role": "township_supervisor", "area": TOWNSHIP[:6]}, "area"),
        ({"role": "county_supervisor", "area": TOWNSHIP}, "area"),
        ({"role": "county_supervisor", "area": "999999"}, "area"),
        ({"villages": ["411499009999"]}, "villages"),
        ({"villages": [TOWNSHIP]}, "villages"),
        ({"organisation": "o-nowhere"}, "organisation"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_changes_nothing(office, adi, changed, field):
    before = [office.rows(table) for table in ("people", "workplaces")]
    shown = send(adi, f"/admin/people/{ANA}", 422, **person_form(office, ANA, **changed))
    assert f'id="f-{field}"' in shown
    assert [office.rows(table) for table in ("people", "workplaces")] == before
    assert told(office, "person.change") == []


def test_who_leaves_is_out_and_their_phone_may_only_hand_over(office, adi, ana):
    sue = at_desk(office, SUE)
    for person in (SUE, ANA):
        form = person_form(office, person)
        send(adi, f"/admin/people/{person}", **{name: value for name, value in form.items() if name != "active"})
    assert sue.ask("GET", "/dashboard/account", {}).status_code == 303
    assert ana.sync()["scopes"] == {}
    send(adi, f"/admin/people/{ANA}/code", 404)
    assert "已离岗" in page(adi, "/admin")


def test_an_administrator_cannot_shut_themselves_out(office, adi):
    send(adi, f"/admin/people/{ADI}", 422, **person_form(office, ADI, role="auditor"))
    send(adi, f"/admin/people/{ADI}", 422, **{k: v for k, v in person_form(office, ADI).items() if k != "active"})
    page(adi, "/admin")


def test_somebody_signed_in_on_a_computer_of_the_hospital_is_signed_out_from_afar(office, adi):
    sue = at_desk(office, SUE)
    send(adi, f"/admin/people/{SUE}/out")
    assert sue.ask("GET", "/dashboard/account", {}).status_code == 303
    assert told(office, "session.end") == [(ADI, {"person": SUE, "sessions": 1})]


def test_people_are_found_by_name_and_sorted(office, adi):
    assert "Ben" not in page(adi, "/admin", text="ana")
    rows = re.findall(r'href="/dashboard/admin/people/(p-[a-z]+)"', page(adi, "/admin", sort="-name"))
    assert rows == [SUE, LEA, CAM, BEN, AUDREY, ANA, ADI]


def test_there_is_no_page_about_nobody(adi):
    for path in (
        "/admin/people/p-nobody",
        "/admin/teams/t-9",
        "/admin/devices/d-9",
        "/admin/packages/x",
        "/admin/standards/x",
        "/admin/packages/new/999",
    ):
        assert adi.ask("GET", f"/dashboard{path}", {}).status_code == 404
        assert adi.ask("POST", f"/dashboard{path}", {}, PACKAGE | {"since": "2026-01-01"}).status_code == 404


# -- phones ------------------------------------------------------------------------------------------------------------


def test_a_stolen_phone_is_shut_out_when_the_administrator_is_sure(office, adi, ana):
    device = office.device_of(ana)
    assert ANA in page(adi, f"/admin/devices/{device}")
    send(adi, f"/admin/devices/{device}", 422, status="revoked")
    send(adi, f"/admin/devices/{device}", 422, status="sold", sure="yes")
    ana.sync()
    send(adi, f"/admin/devices/{device}", status="revoked", sure="yes")
    with pytest.raises(RefusedError) as refused:
        ana.sync()
    assert refused.value.problem["type"] == "/problems/revoked"
    what = {"device": device, "person": ANA, "before": {"status": "active"}, "after": {"status": "revoked"}}
    assert told(office, "device.status") == [(ADI, what)]


def test_a_phone_that_was_revoked_stays_so(office, adi, ana):
    device = office.device_of(ana)
    send(adi, f"/admin/devices/{device}", status="revoked", sure="yes")
    send(adi, f"/admin/devices/{device}", 422, status="retired", sure="yes")
    assert [row["status"] for row in office.rows("devices")] == ["revoked"]
    assert len(told(office, "device.status")) == 1


def test_an_administrator_changes_the_own_sign_in_only_where_the_password_is_asked_for(office, adi):
    own = page(adi, f"/admin/people/{ADI}")
    assert "/dashboard/account" in own
    assert f"/admin/people/{ADI}/password" not in own
    send(adi, f"/admin/people/{ADI}/password", 403)
    send(adi, f"/admin/people/{ADI}/totp", 403)
    assert told(office, "account.code") == told(office, "account.totp_off") == []
    assert f"/admin/people/{SUE}/password" in page(adi, f"/admin/people/{SUE}")


def test_a_new_person_gets_no_id_that_other_names_have_no_room_for(office, adi):
    form = {"name": "Long", "role": "team_member", "active": "yes", "villages": [VILLAGE]}
    assert "50" in send(adi, "/admin/people/new", 422, id="p-" + "a" * 49, **form)
    send(adi, "/admin/people/new", id="p-" + "a" * 48, **form)


def test_who_has_a_longer_id_from_before_is_changed_as_ever_and_sees_pages(office, adi):
    long = "p-" + "a" * 62
    row = {"id": long, "name": "Long", "role": "township_supervisor", "organisation": None, "area": TOWNSHIP, "active": True}
    office.write(lambda c: directory.put_people(c, [row]))
    send(adi, f"/admin/people/{long}", **person_form(office, long, name="Longer"))
    assert "柳树村" in page(at_desk(office, long), f"/areas/{TOWNSHIP}")
    assert "总览" in page(at_desk(office, AUDREY), "/trail", person=long, action="look")
    assert all(len(row["scope"]) <= 64 for row in office.rows("scopes"))
    assert office.faults() == []


# -- teams, places, grants ---------------------------------------------------------------------------------------------


def test_a_team_gets_another_member_and_another_village(office, adi):
    office.write(lambda c: directory.put_areas(c, [{"code": f"{TOWNSHIP}203", "name": "杏花村"}]))
    office.person(BEN, role="team_member")
    ben = office.phone(BEN)
    send(adi, "/admin/teams/t-1", name="一队", organisation="o-hospital", leader=LEA, villages=[OTHER, f"{TOWNSHIP}203"])
    send(adi, "/admin/teams/t-1/members", 422, person=SUE, duty="nurse")
    send(adi, "/admin/teams/t-1/members", person=BEN, duty="nurse")
    assert set(ben.sync()["scopes"]) == {VILLAGE, OTHER, f"{TOWNSHIP}203", TOWNSHIP}
    send(adi, f"/admin/teams/t-1/members/{BEN}/leave")
    assert set(ben.sync()["scopes"]) == {VILLAGE, TOWNSHIP}
    send(adi, f"/admin/teams/t-1/members/{BEN}/leave", 404)
    assert "2026-11-21 – 2026-11-21" in page(adi, "/admin/teams/t-1")
    changes = [told(office, action)[0][1] for action in ("team.change", "team.join", "team.leave")]
    assert changes[0]["after"] == {"organisation": "o-hospital", "villages": [OTHER, f"{TOWNSHIP}203"]}
    assert changes[1]["after"]["duty"] == "nurse"
    assert (changes[2]["before"], changes[2]["after"]["until"]) == ({"person": None, "team": None, "until": None}, "2026-11-21")


def test_a_second_team_is_added_once_and_only_a_leader_leads_it(office, adi):
    form = {"id": "t-2", "name": "二队", "organisation": "", "leader": ANA, "villages": [VILLAGE]}
    send(adi, "/admin/teams/new", 422, **form)
    send(adi, "/admin/teams/new", **form | {"leader": LEA})
    send(adi, "/admin/teams/new", 422, **form | {"leader": LEA, "name": "三队"})
    assert [row["name"] for row in office.rows("teams")] == ["一队", "二队"]


def test_a_village_is_added_below_its_township_and_named_anew(office, adi):
    send(adi, "/admin/places", 422, what="area", code="411499009201", name="无名村")  # its township is not there
    send(adi, "/admin/places", 422, what="area", code="41149900", name="半个村")
    send(adi, "/admin/places", what="area", code="411499009", name="白水乡")
    send(adi, "/admin/places", what="area", code="411499009201", name="无名村")
    send(adi, "/admin/places", what="area", code="411499009201", name="有名村")
    assert "有名村" in page(adi, "/admin/places")
    what = {"area": "411499009201", "before": {"name": "无名村"}, "after": {"name": "有名村"}}
    assert told(office, "area.change") == [(ADI, what)]
    send(
        adi,
        "/admin/places",
        what="organisation",
        id="o-clinic",
        name="有名村卫生室",
        kind="village_clinic",
        area="411499009201",
    )
    send(adi, "/admin/places", 422, what="organisation", id="o-x", name="x", kind="bank", area=VILLAGE)
    assert "有名村卫生室" in page(adi, "/admin/places")


def test_a_programme_is_granted_for_some_days_and_withdrawn(office, adi, ana):
    form = {"person": ANA, "programme": "tb", "since": "2026-11-21", "until": "2026-11-25"}
    for odd in ({"until": "2026-11-21"}, {"since": ""}, {"since": "soon"}, {"programme": "hiv"}, {"person": "p-nobody"}):
        send(adi, "/admin/grants", 422, **form | odd)
    send(adi, "/admin/grants", **form)
    assert f"{VILLAGE}:tb" in ana.sync()["scopes"]
    assert "2026-11-25" in page(adi, "/admin/grants")
    send(adi, "/admin/grants/withdraw", person=ANA, programme="tb")
    assert f"{VILLAGE}:tb" not in ana.sync()["scopes"]
    send(adi, "/admin/grants/withdraw", 404, person=ANA, programme="tb")
    assert [told(office, action)[0][1]["programme"] for action in ("grant.give", "grant.withdraw")] == ["tb", "tb"]


# -- packages and standards --------------------------------------------------------------------------------------------


def item(key, **parts):
    return {f"item/{key}.{name}": value for name, value in (ITEM | parts).items()}


def only_package(village):
    [row] = [row for row in village.rows("records") if row["type"] == "service_package"]
    return row


def seen_of(village):
    return only_package(village)["seen"]


def test_a_package_is_offered_changed_and_reaches_the_phones(office, adi, ana):
    send(adi, f"/admin/packages/new/{TOWNSHIP}", **PACKAGE, **item("+"), key="exam")
    ana.sync()
    record = only_package(office)["record"]
    assert ana.shows(record)["item/exam"]["times_per_year"] == 1
    assert "基础服务包" in page(adi, "/admin/packages")
    again = PACKAGE | {"seen": seen_of(office), "items": ["exam"]} | item("exam", times_per_year="2")
    send(adi, f"/admin/packages/{record}", **again, **item("+", name="健康教育"), key="education")
    ana.sync()
    assert ana.shows(record)["item/exam"]["times_per_year"] == 2
    assert ana.shows(record)["item/education"]["name"] == "健康教育"
    dropped = PACKAGE | {"seen": seen_of(office), "items": ["exam", "education"], "drop": "education"}
    send(adi, f"/admin/packages/{record}", **dropped, **item("exam", times_per_year="2"), **item("education", name="健康教育"))
    ana.sync()
    assert ana.shows(record).get("item/education") is None
    assert {row["body"].count(f'"author":"{ADI}"') for row in office.rows("edits")} == {1}
    assert [detail["sections"] for _, detail in told(office, "package.change")] == [
        ["item/education", "item/exam"],
        ["item/education"],
    ]
    assert office.faults() == []


def test_a_form_that_was_bent_is_refused_and_nothing_breaks(adi):
    for seen in ("[" * 100_000, "{", "[]", '{"a": "b"}'):
        form = PACKAGE | {"seen": seen}
        assert adi.ask("POST", f"/dashboard/admin/packages/new/{TOWNSHIP}", {}, form).status_code == 422


def test_a_package_that_is_wrong_is_not_saved_and_one_that_is_unusual_only_when_adi_is_sure(office, adi):
    new = f"/admin/packages/new/{TOWNSHIP}"
    for odd in (
        {"package.name": ""},
        {"package.price_yuan_per_year": "cheap"},
        {"package.valid_to": "2025-01-01"},
        {"item/+.times_per_year": "0"},
        {"item/+.due_rule": "every_n_months"},  # of which months?
        {"item/+.name": ""},  # then there is no item at all
    ):
        assert 'role="alert"' in send(adi, new, 422, **{**PACKAGE, **item("+"), "key": "exam", "sure": "yes", **odd})
    send(adi, new, 422, **{**PACKAGE, **item("+"), "key": "Not A Key"})
    rare = {**PACKAGE, **item("+", times_per_year="300"), "key": "exam"}
    assert 'name="sure"' in send(adi, new, 422, **rare)
    assert [row for row in office.rows("records") if row["type"] == "service_package"] == []
    send(adi, new, **rare, sure="yes")
    assert only_package(office)


def test_two_administrators_who_change_one_package_do_not_overwrite_each_other(office, adi):
    send(adi, f"/admin/packages/new/{TOWNSHIP}", **PACKAGE, **item("+"), key="exam")
    record, seen = only_package(office)["record"], seen_of(office)
    form = PACKAGE | {"seen": seen, "items": ["exam"]}
    send(adi, f"/admin/packages/{record}", **form, **item("exam", times_per_year="2"))
    kept = only_package(office)
    send(adi, f"/admin/packages/{record}", 409, **form, **item("exam", times_per_year="3"))
    send(adi, f"/admin/packages/{record}", 422, **form | {"seen": "[]"}, **item("exam", times_per_year="3"))
    assert only_package(office) == kept


def test_a_package_is_no_way_to_write_something_else(office, adi, ana):
    record = ana.save(vitals(150))
    ana.sync()
    assert adi.ask("GET", f"/dashboard/admin/packages/{record}", {}).status_code == 404
    assert adi.ask("POST", f"/dashboard/admin/packages/{record}", {}, PACKAGE | item("+")).status_code == 404
    assert adi.ask("POST", f"/dashboard/admin/packages/new/{VILLAGE}", {}, PACKAGE | item("+")).status_code == 404


def standard(village, day):
    with reading(village.engine) as connection:
        return standards.standards_on(connection, dt.date.fromisoformat(day))


def test_a_target_holds_from_its_day_on_and_what_was_before_can_still_be_told(office, adi):
    code = next(name for name in ("target.sign_rate", "target.hypertension_standard") if name in standards.standards.STANDARDS)
    before = standard(office, "2026-11-21").target(code.partition(".")[2])
    send(adi, f"/admin/standards/{code}", value="82.5", since="2026-12-01")
    send(adi, f"/admin/standards/{code}", 422, value="182", since="2026-12-01")
    send(adi, f"/admin/standards/{code}", 422, value="82.5", since="tomorrow")
    assert standard(office, "2026-11-30").target(code.partition(".")[2]) == before
    assert str(standard(office, "2026-12-01").target(code.partition(".")[2])) == "0.825"
    assert "82.5%" in page(adi, f"/admin/standards/{code}")
    [(who, what)] = told(office, "standard.set")
    assert (who, what["after"], what["since"]) == (ADI, {"value": "0.825"}, "2026-12-01")


def test_a_number_a_list_of_groups_and_a_checklist_are_set_by_their_forms(office, adi):
    send(adi, "/admin/standards/late_days", value="3", since="2026-11-21")
    send(adi, "/admin/standards/late_days", 422, value="many", since="2026-11-21")
    send(adi, "/admin/standards/key_groups", value=["elder_65", "disabled"], since="2026-11-21")
    send(adi, "/admin/standards/key_groups", 422, value=["tuberculosis"], since="2026-11-21")
    form = {"code.0": "exam", "zh.0": "一次体检", "en.0": "An examination", "rule.0": "examined"}
    send(adi, "/admin/standards/eight_ones", **form, since="2026-11-21")
    send(adi, "/admin/standards/eight_ones", 422, **form | {"rule.0": "guessed"}, since="2026-11-21")
    now = standard(office, "2026-11-21")
    assert (now.late_days, now.key_groups, [one.rule for one in now.eight_ones]) == (3, ("elder_65", "disabled"), ["examined"])
    for name in standards.standards.STANDARDS:
        assert name in page(adi, f"/admin/standards/{name}")


# -- the trail ---------------------------------------------------------------------------------------------------------


def test_audrey_reads_who_did_what_page_by_page_and_takes_it_along_as_excel(office, adi):
    page(adi, "/admin")
    send(adi, f"/admin/people/{ANA}", **person_form(office, ANA, name="安娜"))
    audrey = at_desk(office, AUDREY)
    shown = page(audrey, "/trail", action="person")
    assert "安娜" in shown
    assert "administer.people" not in shown
    assert "person.change" not in page(audrey, "/trail", person=SUE)
    assert "person.change" not in page(audrey, "/trail", until="2026-11-21")
    assert "person.change" in page(audrey, "/trail", since="2026-11-21", until="2026-11-22")
    for _ in range(101):
        page(audrey, "/account")
    onward = re.search(r'href="(/dashboard/trail\?[^"]*before=[^"]*)"', page(audrey, "/trail", person=AUDREY))[1]
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(onward.replace("&amp;", "&")).query))
    assert "account.look" in page(audrey, "/trail", **query)
    assert audrey.ask("GET", "/dashboard/trail", {"format": "xlsx"}).data[:2] == b"PK"
    for odd in ({"before": "x"}, {"since": "x"}):
        assert audrey.ask("GET", "/dashboard/trail", odd).status_code == 422
    assert office.faults() == []


def test_a_page_whose_visit_cannot_be_written_down_is_not_shown(office, adi, monkeypatch):
    from server.store import trail

    def full(*_, **__):
        raise Problem("unavailable")

    monkeypatch.setattr(trail, "write", full)
    answer = adi.ask("GET", "/dashboard/admin", {})
    assert answer.status_code == 503
    assert "Ana" not in answer.get_data(as_text=True)
