"""Signing in at a desk: what opens it, what ends it, and that nobody can be shut out by somebody else."""

import pyotp
import pytest
from argon2 import PasswordHasher

from server import archive
from server.access import WRONG_CODES_AN_HOUR
from server.accounts import passwords
from server.accounts.guessing import WRONG_BY_ADDRESS, WRONG_BY_BROWSER, WRONG_BY_PERSON, WRONG_CODES
from server.accounts.passwords import UnfitPasswordError
from server.problems import Problem
from server.store import directory
from sync.codec import stamp
from tests.server.phone import Phone
from tests.village import ANA, BEN, SUE, TOWNSHIP

PASSWORD, ANOTHER = "两棵枣树 in the yard", "every third hen is brown"
HOME, STRANGER = "10.0.0.1", "203.0.113.9"


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch):
    """Hundreds of guesses: argon2id with costs that nobody would choose."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


@pytest.fixture
def signing(village):
    """Sue has chosen her password with the code of the administrator."""
    signing = village.app.extensions["cunyi"].signing_in
    signing.choose_password(SUE, signing.new_code(SUE, "shell"), PASSWORD, HOME)
    return signing


def refused(ask):
    with pytest.raises(Problem) as problem:
        ask()
    return problem.value.kind.name


def opened(signing, person=SUE, password=PASSWORD, totp="", address=HOME, browser=None):
    return signing.open(person, password, totp, address, browser)


def guess(signing, times, person=SUE, address=STRANGER, browser=None):
    return [refused(lambda n=n: opened(signing, person, f"a wrong guess {n}", "", address, browser)) for n in range(times)]


def actions(village, person):
    return [row["action"] for row in village.rows("trail") if row["person"] == person]


# -- passwords ---------------------------------------------------------------------------------------------------------


def test_sue_signs_in_with_the_password_she_chose_and_no_other(village, signing):
    session = signing.session(opened(signing).cookie)
    assert session.person == SUE
    assert refused(lambda: opened(signing, password=ANOTHER)) == "wrong-password"
    assert refused(lambda: opened(signing, person=BEN)) == "wrong-password"  # has no account
    assert refused(lambda: opened(signing, person="p-nobody")) == "wrong-password"
    assert refused(lambda: opened(signing, person="'; --\0" * 50)) == "wrong-password"
    assert actions(village, SUE) == ["account.choose_password", "session.open", "session.refused"]


def test_no_password_and_no_cookie_can_be_read_in_the_database(village, signing):
    cookie = opened(signing).cookie
    kept = str([village.rows(table) for table in ("accounts", "desk_sessions", "trail", "attempts")])
    assert PASSWORD not in kept
    assert cookie not in kept
    assert village.rows("accounts")[0]["password"].startswith("$argon2id$")


def test_as_much_work_is_done_for_nobody_as_for_sue(village, signing, monkeypatch):
    asked, hasher = [], passwords._hasher

    class Watched:
        hash = hasher.hash

        def verify(self, kept, given):
            asked.append(kept.split("$")[1:4])  # algorithm, version, costs
            return hasher.verify(kept, given)

    monkeypatch.setattr(passwords, "_hasher", Watched())
    for person in (SUE, BEN, "p-nobody", "\0"):
        refused(lambda person=person: opened(signing, person=person, password="wrong wrong wrong"))
    assert len(asked) == 4
    assert asked == asked[:1] * 4


def test_the_same_password_typed_on_another_keyboard_opens(village, signing):
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in ANOTHER)  # full-width forms
    signing.choose_password(SUE, signing.new_code(SUE, "shell"), wide, HOME)
    assert opened(signing, password=ANOTHER)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "aaaaaaaaaaaaaaaa",
        "password2026",
        "Password1234567",
        "123456789012",
        "qwertyuiop12",
        "p-sue-and-more-words",
        "1" * 200,
    ],
)
def test_a_password_that_is_guessed_first_is_refused_and_spends_no_code(village, signing, password):
    code = signing.new_code(SUE, "shell")
    with pytest.raises(UnfitPasswordError) as unfit:
        signing.choose_password(SUE, code, password, HOME)
    assert unfit.value.zh
    assert unfit.value.en
    signing.choose_password(SUE, code, ANOTHER, HOME)
    assert opened(signing, password=ANOTHER)


def test_passwords_are_kept_at_no_less_than_the_costs_of_rfc_9106():
    costs = PasswordHasher()
    assert (costs.type.name, costs.time_cost, costs.memory_cost, costs.parallelism) == ("ID", 3, 64 * 1024, 4)


@pytest.mark.parametrize(
    "password", ["春眠不觉晓处处闻啼鸟夜来", "correct horse battery", "aaaaaaaa bbb cc dd ee f", "   spaces count   "]
)
def test_a_long_sentence_will_do_whatever_signs_it_has(password):
    passwords.judge(password, SUE, "苏")


def test_a_code_serves_once_for_its_person_and_for_some_hours(village, signing):
    code = signing.new_code(BEN, "shell")
    assert refused(lambda: signing.choose_password(SUE, code, ANOTHER, HOME)) == "wrong-code"
    signing.choose_password(BEN, code.lower().replace("-", " "), ANOTHER, HOME)
    assert refused(lambda: signing.choose_password(BEN, code, PASSWORD, HOME)) == "wrong-code"
    late = signing.new_code(BEN, "shell")
    village.later(hours=village.config.code_hours, seconds=1)
    assert refused(lambda: signing.choose_password(BEN, late, PASSWORD, HOME)) == "wrong-code"
    first, second = signing.new_code(BEN, "shell"), signing.new_code(BEN, "shell")
    assert refused(lambda: signing.choose_password(BEN, first, PASSWORD, HOME)) == "wrong-code"
    signing.choose_password(BEN, second, PASSWORD, HOME)


def test_a_code_that_was_not_needed_serves_no_more_when_sue_has_changed_her_password(village, signing):
    code = signing.new_code(SUE, "shell")  # somebody else finds the slip of paper
    signing.change_password(SUE, PASSWORD, ANOTHER)
    assert refused(lambda: signing.choose_password(SUE, code, "a third one of somebody else", STRANGER)) == "wrong-code"
    assert opened(signing, password=ANOTHER)


def test_a_code_for_a_password_enrols_no_phone_and_the_other_way_round(village, signing):
    with pytest.raises(Exception, match="wrong-code"):
        Phone(village.client()).enrol(signing.new_code(BEN, "shell"))
    assert refused(lambda: signing.choose_password(BEN, village.access.new_code(BEN), ANOTHER, HOME)) == "wrong-code"


def test_nobody_makes_a_code_for_who_is_not_there(village, signing):
    village.person(BEN, active=False)
    for person in (BEN, "p-nobody"):
        with pytest.raises(LookupError):
            signing.new_code(person, "shell")


def test_a_stranger_who_types_passwords_without_a_code_learns_not_who_is_there(village, signing):
    def told(person, new):
        try:
            signing.choose_password(person, "AAAAA-AAAAA", new, STRANGER)
        except UnfitPasswordError as unfit:
            return unfit.en
        except Problem as problem:
            return problem.kind.name
        raise AssertionError

    village.person(SUE, name="苏小芸")
    signing.new_code(SUE, "shell")
    for new in ("short", "{person} and some more words", "苏小芸 and some more words", "two hens and a dog"):
        answers = [told(person, new.format(person=person)) for person in (SUE, BEN, "p-nobody")]
        assert answers == answers[:1] * 3, new
    for person in (SUE, "p-nobody"):
        again = [told(person, "p-and some more words") for _ in range(WRONG_BY_PERSON)]
        assert again[-1] == "too-many-attempts"
    assert told(SUE, "short") == told("p-nobody", "short") == "too-many-attempts"


def test_a_password_with_the_own_chinese_name_in_it_is_refused_when_the_code_is_right_and_leaves_it_unspent(village, signing):
    village.person(SUE, name="苏芸")
    code = signing.new_code(SUE, "shell")
    for _ in range(WRONG_BY_PERSON + 1):  # none of these is a guess
        with pytest.raises(UnfitPasswordError, match="name"):
            signing.choose_password(SUE, code, "这是苏芸自己的一个密码没错", HOME)
    signing.choose_password(SUE, code, ANOTHER, HOME)
    assert opened(signing, password=ANOTHER)
    with pytest.raises(UnfitPasswordError, match="name"):
        signing.change_password(SUE, ANOTHER, "苏芸的另一个很长的密码呀呀")


# -- sessions ----------------------------------------------------------------------------------------------------------


def test_a_session_ends_when_sue_does_nothing_for_half_an_hour_and_goes_on_while_she_works(village, signing):
    cookie = opened(signing).cookie
    for _ in range(4):
        village.later(minutes=29)
        assert signing.session(cookie)
    village.later(minutes=30, seconds=1)
    assert signing.session(cookie) is None


def test_a_session_ends_after_a_working_day_however_busy_sue_is(village, signing):
    cookie = opened(signing).cookie
    for _ in range(12 * 3 - 1):
        village.later(minutes=20)
        assert signing.session(cookie)
    village.later(minutes=20)
    assert signing.session(cookie) is None


def test_a_cookie_that_was_made_up_opens_nothing(village, signing):
    opened(signing)
    for cookie in (None, "", "x", "0" * 43, "a" * 5000, "\0", "é", village.rows("desk_sessions")[0]["hash"]):
        assert signing.session(cookie) is None


def test_who_signs_out_is_out_here_and_still_in_elsewhere(village, signing):
    here, there = opened(signing).cookie, opened(signing).cookie
    signing.close(here)
    assert signing.session(here) is None
    assert signing.session(there)
    signing.close(here)
    signing.close("made up")
    assert actions(village, SUE)[-1] == "session.close"


def test_a_browser_has_one_session_and_the_one_that_is_left_behind_ends(village, signing):
    signing.choose_password(BEN, signing.new_code(BEN, "shell"), ANOTHER, HOME)
    elsewhere, first = opened(signing).cookie, opened(signing).cookie
    again = signing.open(SUE, PASSWORD, "", HOME, None, first).cookie
    assert signing.session(first) is None
    assert refused(lambda: signing.open(BEN, PASSWORD, "", HOME, None, again)) == "wrong-password"
    assert signing.session(again)  # who did not get in ends nothing
    bens = signing.open(BEN, ANOTHER, "", HOME, None, again).cookie
    assert signing.session(again) is None
    assert signing.session(bens).person == BEN
    assert signing.session(elsewhere).person == SUE
    assert signing.open(SUE, PASSWORD, "", HOME, None, "made up")
    told = [action for action in actions(village, SUE) if action.startswith("session.")]
    assert told == ["session.open"] * 2 + ["session.close", "session.open", "session.close", "session.open"]


def test_another_password_ends_every_session(village, signing):
    here, there = opened(signing).cookie, opened(signing).cookie
    assert refused(lambda: signing.change_password(SUE, ANOTHER, "a password that is new")) == "wrong-password"
    assert signing.session(here)
    signing.change_password(SUE, PASSWORD, ANOTHER)
    assert signing.session(here) is signing.session(there) is None
    assert refused(lambda: opened(signing)) == "wrong-password"
    assert opened(signing, password=ANOTHER)


def test_who_leaves_is_signed_out_at_once_and_cannot_come_back(village, signing):
    cookie = opened(signing).cookie
    village.person(SUE, active=False)
    assert signing.session(cookie) is None
    assert refused(lambda: opened(signing)) == "wrong-password"
    village.person(SUE, active=True)
    assert signing.session(cookie) is None
    assert opened(signing)


@pytest.mark.parametrize("change", [{"role": "village_doctor"}, {"area": TOWNSHIP[:6]}])
def test_who_gets_another_role_or_place_signs_in_anew(village, signing, change):
    cookie = opened(signing).cookie
    village.person(SUE, name="Susanne")
    assert signing.session(cookie)
    village.person(SUE, **change)
    assert signing.session(cookie) is None


def test_a_restore_ends_every_session_and_code(village, signing, tmp_path):
    cookie, code = opened(signing).cookie, signing.new_code(BEN, "shell")
    file = tmp_path / "kept.cunyi"
    archive.backup(village.engine, file, village.time)
    now, key = stamp(village.time), village.config.identity_key
    archive.restore(village.engine, file, True, now, now, key, village.journal.entries)
    assert signing.session(cookie) is None
    assert refused(lambda: signing.choose_password(BEN, code, ANOTHER, HOME)) == "wrong-code"
    assert opened(signing)


# -- the second factor -------------------------------------------------------------------------------------------------


@pytest.fixture
def authenticator(village, signing):
    """Sue has set up a second factor a minute ago: what shows its present code."""
    session = signing.session(opened(signing).cookie)
    address = signing.totp_begin(session)
    app = pyotp.parse_uri(address)
    assert signing.totp_confirm(session, PASSWORD, app.at(village.time))
    village.later(minutes=1)
    return lambda **by: app.at(village.time.timestamp() + by.get("seconds", 0))


def test_a_second_factor_is_asked_for_and_its_codes_serve_once(village, signing, authenticator):
    assert refused(lambda: opened(signing)) == "totp-required"
    code = authenticator()
    assert opened(signing, totp=f" {code[:3]} {code[3:]} ")
    assert refused(lambda: opened(signing, totp=code)) == "totp-required"  # seen over her shoulder
    assert refused(lambda: opened(signing, totp="000000" if code != "000000" else "111111")) == "totp-required"
    village.later(seconds=30)
    assert opened(signing, totp=authenticator(seconds=30))  # the phone's clock is half a minute ahead
    assert refused(lambda: opened(signing, totp=authenticator())) == "totp-required"  # older than one that was used
    assert refused(lambda: opened(signing, totp=authenticator(seconds=90))) == "totp-required"
    assert refused(lambda: opened(signing, password=ANOTHER, totp=authenticator(seconds=30))) == "wrong-password"


def test_a_second_factor_that_is_not_confirmed_is_not_asked_for(village, signing):
    session = signing.session(opened(signing).cookie)
    assert signing.totp_begin(session) == signing.totp_begin(session)
    assert not signing.totp_confirm(session, PASSWORD, "12345")
    assert not signing.uses_totp(SUE)
    assert opened(signing)


def test_the_secret_of_a_second_factor_cannot_be_read_in_the_database(village, signing):
    session = signing.session(opened(signing).cookie)
    app = pyotp.parse_uri(signing.totp_begin(session))
    assert signing.totp_confirm(session, PASSWORD, app.at(village.time))
    assert app.secret not in str([village.rows(table) for table in ("accounts", "desk_sessions", "trail")])


def test_a_lost_authenticator_is_dropped_by_sue_with_her_password_or_by_the_administrator(village, signing, authenticator):
    assert refused(lambda: signing.totp_stop(SUE, ANOTHER)) == "wrong-password"
    signing.totp_stop(SUE, PASSWORD)
    session = signing.session(opened(signing).cookie)
    app = pyotp.parse_uri(signing.totp_begin(session))
    assert signing.totp_confirm(session, PASSWORD, app.at(village.time))
    signing.totp_drop(SUE, BEN)
    assert opened(signing)
    assert actions(village, BEN) == ["account.totp_off"]


def test_what_is_offered_after_a_second_factor_was_stopped_is_another_one(village, signing):
    session = signing.session(opened(signing).cookie)
    seen = set()
    for _ in range(3):
        app = pyotp.parse_uri(signing.totp_begin(session))
        seen.add(app.secret)
        assert signing.totp_confirm(session, PASSWORD, app.at(village.time))
        signing.totp_stop(SUE, PASSWORD)
    assert len(seen) == 3


def test_a_desk_that_was_left_open_is_not_enough_to_set_up_a_second_factor_or_another(village, signing):
    session = signing.session(opened(signing).cookie)
    app = pyotp.parse_uri(signing.totp_begin(session))
    assert refused(lambda: signing.totp_confirm(session, ANOTHER, app.at(village.time))) == "wrong-password"
    assert not signing.uses_totp(SUE)
    assert signing.totp_confirm(session, PASSWORD, app.at(village.time))
    other = pyotp.parse_uri(signing.totp_begin(session))
    assert not signing.totp_confirm(session, PASSWORD, other.at(village.time))  # the one in use has to be stopped first


def test_nobody_drops_the_own_second_factor_or_makes_the_own_code_without_the_password(village, signing, authenticator):
    assert refused(lambda: signing.totp_drop(SUE, SUE)) == "not-allowed"
    assert refused(lambda: signing.new_code(SUE, SUE)) == "not-allowed"
    assert signing.uses_totp(SUE)


# -- guessing ----------------------------------------------------------------------------------------------------------


def test_guessing_at_one_person_is_stopped_for_an_hour(village, signing):
    assert set(guess(signing, WRONG_BY_PERSON)) == {"wrong-password"}
    with pytest.raises(Problem) as problem:
        opened(signing, address=STRANGER)  # the right one, at last
    assert problem.value.kind.name == "too-many-attempts"
    assert 0 < int(problem.value.headers["Retry-After"]) <= 3600
    village.later(hours=1)
    assert opened(signing, address=STRANGER)


def test_guessing_at_many_people_is_stopped_too(village, signing):
    told = [name for n in range(WRONG_BY_ADDRESS + 5) for name in guess(signing, 1, f"p-guessed-{n}")]
    assert told == ["wrong-password"] * WRONG_BY_ADDRESS + ["too-many-attempts"] * 5


def test_a_stranger_cannot_shut_sue_out_of_her_own_browser_nor_out_of_another_place(village, signing):
    known = opened(signing).browser_cookie
    for address in (STRANGER, HOME):
        guess(signing, WRONG_BY_ADDRESS + 5, address=address)
        guess(signing, WRONG_BY_ADDRESS + 5, address=address, browser="made up")
    assert opened(signing, browser=known, address=HOME)
    assert opened(signing, browser=known, address=STRANGER)
    assert opened(signing, address="10.9.9.9")
    assert refused(lambda: opened(signing, address=HOME)) == "too-many-attempts"


def test_strangers_who_guess_from_the_same_address_keep_nobody_from_choosing_a_password_with_a_right_code(village, signing):
    code = signing.new_code(BEN, "shell")
    guess(signing, WRONG_BY_ADDRESS + 5, BEN, HOME)
    guess(signing, WRONG_BY_ADDRESS + 5, "p-nobody", HOME)
    assert refused(lambda: signing.choose_password(BEN, "AAAAA-AAAAA", ANOTHER, HOME)) == "too-many-attempts"
    signing.choose_password(BEN, code, ANOTHER, HOME)
    assert refused(lambda: signing.choose_password(BEN, code, PASSWORD, HOME)) == "too-many-attempts"  # it is spent
    assert opened(signing, BEN, ANOTHER, address="10.9.9.9")


def test_a_stolen_browser_cookie_does_not_open_the_door_to_endless_guessing(village, signing):
    known = opened(signing).browser_cookie
    told = guess(signing, WRONG_BY_BROWSER + 2, browser=known)
    assert told == ["wrong-password"] * WRONG_BY_BROWSER + ["too-many-attempts"] * 2
    assert opened(signing)  # without it, from her own address


def test_a_browser_is_known_for_those_who_signed_in_there_until_they_change_the_password(village, signing):
    signing.choose_password(BEN, signing.new_code(BEN, "shell"), ANOTHER, HOME)
    shared = opened(signing, BEN, ANOTHER, browser=opened(signing).browser_cookie).browser_cookie
    guess(signing, WRONG_BY_PERSON, SUE, HOME)
    guess(signing, WRONG_BY_PERSON, BEN, HOME)
    assert opened(signing, browser=shared)
    assert opened(signing, BEN, ANOTHER, browser=shared)
    village.later(seconds=1)
    signing.change_password(SUE, PASSWORD, "a password that is new")
    assert refused(lambda: opened(signing, SUE, "a password that is new", browser=shared)) == "too-many-attempts"
    assert opened(signing, BEN, ANOTHER, browser=shared)


def test_who_knows_the_password_cannot_try_second_factors_for_ever(village, signing, authenticator):
    def attempt(n):
        return refused(lambda: opened(signing, totp="12345", address=f"198.51.100.{n}"))

    told = [attempt(n) for n in range(WRONG_CODES + 2)]
    assert told == ["totp-required"] * WRONG_CODES + ["too-many-attempts"] * 2


def test_guessing_at_the_desk_stops_no_phone(village, signing):
    guess(signing, WRONG_BY_ADDRESS + 5, ANA, "127.0.0.1")
    ana = village.phone(ANA)  # enrols from the same address
    assert ana.sync()["receipts"] == []
    assert WRONG_CODES_AN_HOUR < WRONG_BY_ADDRESS


def test_at_a_desk_that_is_open_the_present_password_cannot_be_guessed_either(village, signing):
    cookie = opened(signing).cookie
    for _ in range(WRONG_BY_PERSON):
        assert refused(lambda: signing.change_password(SUE, ANOTHER, "a password that is new")) == "wrong-password"
    assert refused(lambda: signing.change_password(SUE, PASSWORD, "a password that is new")) == "too-many-attempts"
    assert signing.session(cookie)


def test_a_wrong_guess_stands_in_the_trail_of_the_person_it_was_about(village, signing):
    guess(signing, 1)
    [row] = [row for row in village.rows("trail") if row["action"] == "session.refused"]
    assert row["person"] == SUE
    assert STRANGER in row["detail"]


def test_an_account_needs_a_person_in_the_register(village, signing):
    with pytest.raises(LookupError):
        signing.new_code("p-nobody", "shell")
    village.write(lambda c: directory.put_workplaces(c, ANA, []))
    signing.choose_password(ANA, signing.new_code(ANA, "shell"), ANOTHER, HOME)
    assert signing.session(opened(signing, ANA, ANOTHER).cookie).person == ANA
