"""The practice carrier: one parcel a reference, moved by the clock, and by what it is told."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from tacit.checkout.types.carrier import CarrierUnreachable, Parcel, ParcelAnswer, ParcelState
from tacit.connectors.practice_carrier import books
from tacit.connectors.practice_carrier.adapter import PracticeCarrier
from tacit.core.address import Address

THURSDAY = datetime(2026, 6, 4, 15, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TO = Address("Ana Berg", "Hafenweg 3", "", "20457", "Hamburg", "DE")
AT_ONCE = 8


class Clock:
    def __init__(self) -> None:
        self.now = THURSDAY

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def carrier(tmp_path: Path, clock: Clock) -> PracticeCarrier:
    return PracticeCarrier(tmp_path / "carrier.sqlite", now=clock)


def parcel(reference: str = "one") -> Parcel:
    return Parcel(reference, THURSDAY, TO, 1)


def looked_up(carrier: PracticeCarrier, tracking: str) -> ParcelAnswer:
    found = carrier.look_up(tracking)
    assert found is not None
    return found


def test_a_parcel_moves_by_the_clock_over_working_days(carrier: PracticeCarrier, clock: Clock) -> None:
    taken = carrier.hand_over(parcel())
    monday = date(2026, 6, 8)
    assert (taken.state, taken.expected) == (ParcelState.HANDED_OVER, monday)
    moments = {
        THURSDAY + 3 * HOUR: ParcelState.HANDED_OVER,
        THURSDAY + 4 * HOUR: ParcelState.ON_ITS_WAY,
        datetime(2026, 6, 8, 10, 59, tzinfo=UTC): ParcelState.ON_ITS_WAY,
        datetime(2026, 6, 8, 11, 0, tzinfo=UTC): ParcelState.DELIVERED,
    }
    for moment, state in moments.items():
        clock.now = moment
        assert looked_up(carrier, taken.tracking).state is state
    last = looked_up(carrier, taken.tracking)
    assert [event.state for event in last.events] == list(dict.fromkeys(moments.values()))
    assert last.events[-1].at == datetime(2026, 6, 8, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("what", "state", "expected"),
    [
        ("deliver", ParcelState.DELIVERED, date(2026, 6, 4)),
        ("delay", ParcelState.DELAYED, date(2026, 6, 11)),
        ("lose", ParcelState.LOST, None),
    ],
)
def test_it_does_what_it_is_told(
    carrier: PracticeCarrier, clock: Clock, what: str, state: ParcelState, expected: date | None
) -> None:
    taken = carrier.hand_over(parcel())
    clock.now += HOUR
    assert carrier.tell(taken.tracking, what)
    after = looked_up(carrier, taken.tracking)
    assert (after.state, after.expected) == (state, expected)
    assert after.events[-1].at == clock.now


def test_a_delayed_parcel_arrives_later_and_a_lost_one_never(carrier: PracticeCarrier, clock: Clock) -> None:
    late, lost = (carrier.hand_over(parcel(name)).tracking for name in ("late", "lost"))
    clock.now += HOUR
    assert carrier.tell(late, "delay")
    assert carrier.tell(lost, "lose")
    clock.now = datetime(2026, 6, 11, 11, tzinfo=UTC)
    assert looked_up(carrier, late).state is ParcelState.DELIVERED
    clock.now += 365 * DAY
    assert looked_up(carrier, lost).state is ParcelState.LOST


def test_what_has_arrived_cannot_be_lost(carrier: PracticeCarrier, clock: Clock) -> None:
    taken = carrier.hand_over(parcel())
    clock.now += 30 * DAY
    assert not carrier.tell(taken.tracking, "lose")
    assert looked_up(carrier, taken.tracking).state is ParcelState.DELIVERED
    assert not carrier.tell("PP0000000000", "lose")
    with pytest.raises(ValueError, match="burn"):
        carrier.tell(taken.tracking, "burn")


def test_unknown_parcels_are_unknown(carrier: PracticeCarrier) -> None:
    assert carrier.find("one") is None
    assert carrier.look_up("PP1") is None
    taken = carrier.hand_over(parcel())
    assert carrier.find("one") == looked_up(carrier, taken.tracking)


def handed_over_at_once(file: Path) -> int:
    """How many parcels there are after several threads handed over the same one."""
    carrier = PracticeCarrier(file, now=lambda: THURSDAY)
    barrier = Barrier(AT_ONCE)

    def hand_over(_turn: int) -> str:
        barrier.wait()
        return carrier.hand_over(parcel()).tracking

    with ThreadPoolExecutor(AT_ONCE) as pool:
        codes = set(pool.map(hand_over, range(AT_ONCE)))
    with sqlite3.connect(file) as connection:
        count = int(connection.execute("SELECT count(*) FROM parcels").fetchone()[0])
    connection.close()
    assert len(codes) == 1 or count > 1
    return count


def test_the_same_reference_is_one_parcel(tmp_path: Path) -> None:
    assert handed_over_at_once(tmp_path / "carrier.sqlite") == 1


def test_the_control_without_the_key_makes_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loose = books._SCHEMA.replace("reference TEXT PRIMARY KEY", "reference TEXT").replace("WITHOUT ROWID", "")
    monkeypatch.setattr(books, "_SCHEMA", loose)
    monkeypatch.setattr(books, "_TAKE", books._TAKE.partition(" ON CONFLICT")[0])
    assert handed_over_at_once(tmp_path / "carrier.sqlite") == AT_ONCE


def test_another_process_sees_the_same_parcels(carrier: PracticeCarrier, tmp_path: Path) -> None:
    taken = carrier.hand_over(parcel())
    script = (
        "import sys; from pathlib import Path; from datetime import UTC, datetime\n"
        "from tacit.connectors.practice_carrier.adapter import PracticeCarrier\n"
        "carrier = PracticeCarrier(Path(sys.argv[1]), now=lambda: datetime(2026, 6, 4, 16, tzinfo=UTC))\n"
        "print(carrier.tell(sys.argv[2], 'lose'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "carrier.sqlite"), taken.tracking],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "True\n", done.stderr
    carrier_later = PracticeCarrier(tmp_path / "carrier.sqlite", now=lambda: THURSDAY + 2 * HOUR)
    assert looked_up(carrier_later, taken.tracking).state is ParcelState.LOST


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be one " * 40, None])
def test_a_file_that_cannot_be_used_is_no_answer(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "carrier.sqlite"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    carrier = PracticeCarrier(file, now=lambda: THURSDAY)
    for ask in (lambda: carrier.hand_over(parcel()), lambda: carrier.find("x"), lambda: carrier.look_up("x")):
        with pytest.raises(CarrierUnreachable, match=r"carrier\.sqlite"):
            ask()
