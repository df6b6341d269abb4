"""Settings: keys made once and for their owner only, and every wrong setting named."""

import multiprocessing
import stat
import threading

import pytest

from server.config import SETTINGS, Config, ConfigError
from server.store.deployment import WrongKeyError, establish
from server.store.engine import retried

GIVEN = {"CUNYI_SECRET_KEY": "s" * 32, "CUNYI_IDENTITY_KEY": "ab" * 32, "CUNYI_SEALING_KEY": "cd" * 32}


def config(data_dir, **given):
    return Config.from_environment({"CUNYI_DATA_DIR": str(data_dir), **given})


def test_a_first_start_makes_keys_that_only_the_owner_can_read_and_keeps_them(tmp_path):
    first = config(tmp_path / "var")
    assert sorted(path.name for path in (tmp_path / "var").iterdir()) == ["identity.key", "sealing.key", "secret.key"]
    for path in (tmp_path / "var").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    second = config(tmp_path / "var")
    assert (first.secret_key, first.identity_key, first.sealing_key) == (
        second.secret_key,
        second.identity_key,
        second.sealing_key,
    )
    assert first.sealing_key != first.identity_key
    assert len(first.identity_key) == 32
    assert len(first.secret_key) == 64
    assert config(tmp_path / "elsewhere").secret_key != first.secret_key


def _keys(folder, queue):
    made = config(folder)
    queue.put((made.secret_key, made.identity_key))


def test_processes_that_start_together_use_one_key(tmp_path):
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    starts = [context.Process(target=_keys, args=(tmp_path / "var", queue)) for _ in range(6)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert len({queue.get() for _ in starts}) == 1
    assert len(list((tmp_path / "var").iterdir())) == 3


def test_threads_that_start_together_use_one_key(tmp_path):
    found = []
    threads = [threading.Thread(target=lambda: found.append(config(tmp_path / "var"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({(made.secret_key, made.identity_key) for made in found}) == 1


def test_keys_that_are_given_are_used_and_no_file_is_made(tmp_path):
    made = config(tmp_path, **GIVEN)
    assert (made.secret_key, made.identity_key) == (b"s" * 32, b"\xab" * 32)
    assert list(tmp_path.iterdir()) == []


WRONG = {
    "CUNYI_SECRET_KEY": ["short", "x" * 31],
    "CUNYI_IDENTITY_KEY": ["xyz", "ab" * 31, "ab" * 33, "é" * 64, "zz" * 32],
    "CUNYI_SEALING_KEY": ["xyz", "ab" * 31, "ab" * 33, "é" * 64, "zz" * 32],
    "CUNYI_DATABASE_URL": [
        "nonsense",
        "mysql://h/d",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://h:port/d",
        "://",
        "oracle+x://",
    ],
    "CUNYI_TIME_ZONE": ["Mars/Base", "../etc/passwd", "/etc/passwd", "Asia", "\0"],
    "CUNYI_TOKEN_SECONDS": ["0", "-1", "3601", "x", "1.5", "1e2"],
    "CUNYI_CODE_HOURS": ["0", "721", "soon"],
    "CUNYI_HEALING_DAYS": ["0", "367", "²"],
    "CUNYI_DESK_IDLE_MINUTES": ["0", "1441", "half an hour"],
    "CUNYI_DESK_HOURS": ["0", "169", "all day"],
    "CUNYI_DEVICE_DAY_REQUESTS": ["0", "99", "many"],
    "CUNYI_DEVICE_DAY_MIB": ["7", "-1", "1GB"],
    "CUNYI_DEPOSIT_DAYS": ["0", "399", "never"],
    "CUNYI_TRAIL_DAYS": ["182", "-1", "ever"],
    "CUNYI_WORKERS": ["0", "65", "many"],
    "CUNYI_PROXIES": ["-1", "6", "x"],
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_named(tmp_path, name):
    for value in WRONG[name]:
        with pytest.raises(ConfigError, match=name):
            config(tmp_path, **{**GIVEN, name: value})


def test_every_setting_can_be_wrong_but_the_folder():
    assert {setting.name for setting in SETTINGS} == {*WRONG, "CUNYI_DATA_DIR"}


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError, match="CUNYI_DATA_DIR"):
        config(tmp_path / "file" / "var")


@pytest.mark.parametrize("name", ["secret.key", "identity.key", "sealing.key"])
def test_a_key_file_that_is_empty_or_cut_is_not_used(tmp_path, name):
    config(tmp_path)
    for content in ("", "abc", "\n"):
        (tmp_path / name).write_text(content)
        with pytest.raises(ConfigError, match=name):
            config(tmp_path)


def test_empty_settings_are_as_if_they_were_not_given(tmp_path):
    made = config(tmp_path, **{setting.name: " " for setting in SETTINGS if setting.name != "CUNYI_DATA_DIR"})
    assert (made.token_seconds, made.code_hours, made.healing_days, made.workers, made.proxies) == (900, 72, 14, None, 0)
    assert made.time_zone.key == "Asia/Shanghai"
    assert made.embedded
    assert made.database_url.database == str(tmp_path / "cunyi.db")


def test_a_postgres_url_is_taken_as_people_write_it(tmp_path):
    for text in ("postgresql://u:p@h/d", "postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"):
        made = config(tmp_path, **GIVEN, CUNYI_DATABASE_URL=text)
        assert (made.database_url.drivername, made.embedded) == ("postgresql+psycopg", False)


def test_a_database_made_with_another_identity_key_is_not_served(engine):
    with pytest.raises(WrongKeyError, match="CUNYI_IDENTITY_KEY"):
        retried(engine, lambda c: establish(c, bytes(32)))
