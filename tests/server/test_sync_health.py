"""Who has not synced, who holds unsent edits, who is refused and why: at /metrics and at 设备与同步."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from server.store.tables import records
from tests.server.asking import Asker
from tests.server.phone import RefusedError, vitals
from tests.village import SUE


def metrics(village):
    """By name, as a monitor reads them."""
    text = village.client().get("/metrics").get_data(as_text=True)
    return {name: int(value) for name, _, value in (line.rpartition(" ") for line in text.splitlines())}


def page(village):
    """What Sue reads at 设备与同步."""
    sue = Asker(SUE, frozenset(), village.client(), None)
    sue.sign_in(village)
    return sue.client.get("/dashboard/devices").text


def test_a_monitor_sees_who_is_silent_and_who_holds_unsent_edits(village, ana, ben):
    for phone in (ana, ben):
        phone.sync()
    ben.save(vitals(150))
    ben.save(vitals(151))
    ben.sync([], outbox=2)
    assert metrics(village)['cunyi_devices_silent{days="7"}'] == 0
    village.later(days=8)
    ana.renew().sync()
    seen = metrics(village)
    assert (seen['cunyi_devices_silent{days="7"}'], seen["cunyi_devices_with_unsent_edits"]) == (1, 1)
    assert (seen["cunyi_unsent_edits"], seen["cunyi_devices_refused"]) == (2, 0)


def test_who_is_refused_is_named_with_the_reason_until_the_phone_syncs_again(village, ana, ben):
    ana.sync()
    ben.sync()
    assert ana.post("/v1/sync", b"{").status_code == 400
    assert metrics(village)["cunyi_devices_refused"] == 1
    assert "数据在途中损坏" in page(village)
    with pytest.raises(RefusedError) as refused:
        ben.send(ben.request(nonce="0" * 32))
    assert refused.value.status == 409
    assert metrics(village)["cunyi_devices_refused"] == 2
    assert "手机数据是旧的副本" in page(village)
    ana.sync()
    ben.sync()
    assert metrics(village)["cunyi_devices_refused"] == 0
    assert "数据在途中损坏" not in page(village)


def test_damage_stands_at_the_head_of_the_page_without_a_word_of_whom_it_is_about(village, ana):
    assert "数据自检" not in page(village)
    hit = ana.save(vitals(150))
    ana.sync()
    village.write(lambda c: c.execute(update(records).where(records.c.record == hit).values(edits="[]")))
    village.exchange.soundness.look_at_everything()
    assert "1 条档案已冻结" in page(village)
    assert hit not in page(village)
    assert metrics(village)["cunyi_records_frozen"] == 1
    village.exchange.soundness.mend(hit)
    assert "数据自检" not in page(village)
