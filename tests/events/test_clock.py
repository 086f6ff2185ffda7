"""Local hours that a change of the clock leaves out or repeats, against the zone's own data."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from churnlab.events.clock import gaps, overlaps

FIRST, LAST = date(2016, 9, 1), date(2018, 12, 31)


def test_summer_time_in_sao_paulo_begins_at_midnight_of_these_sundays():
    found = gaps("America/Sao_Paulo", FIRST, LAST)

    assert [(g.start, g.length) for g in found] == [
        (datetime(2016, 10, 16), timedelta(hours=1)),
        (datetime(2017, 10, 15), timedelta(hours=1)),
        (datetime(2018, 11, 4), timedelta(hours=1)),
    ]


def test_its_end_repeats_the_last_hour_of_these_saturdays():
    found = overlaps("America/Sao_Paulo", FIRST, LAST)

    assert [(o.start, o.end) for o in found] == [
        (datetime(2017, 2, 18, 23), datetime(2017, 2, 19)),
        (datetime(2018, 2, 17, 23), datetime(2018, 2, 18)),
    ]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_a_local_time_in_a_gap_does_not_survive_a_way_through_utc(zone):
    local, utc = ZoneInfo(zone), ZoneInfo("UTC")
    missing = gaps(zone, FIRST, LAST)
    moment, found = datetime(2016, 9, 1), []
    while moment.date() <= LAST:
        back = moment.replace(tzinfo=local).astimezone(utc).astimezone(local)
        if back.replace(tzinfo=None) != moment:
            found.append(moment)
        moment += timedelta(minutes=15)

    assert found
    assert all(any(gap.start <= x < gap.end for gap in missing) for x in found)
    assert sum(gap.length // timedelta(minutes=15) for gap in missing) == len(found)


def test_a_zone_without_summer_time_has_neither():
    assert gaps("America/Sao_Paulo", date(2021, 1, 1), date(2023, 12, 31)) == []
    assert overlaps("UTC", FIRST, LAST) == []
