"""When a building will be finished by its pace, and until when a project's money lasts. Pure. Money in fen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .catalogue import Forecast

LIGHTS = ("red", "amber", "green")


@dataclass(frozen=True, slots=True)
class Building:
    """A building: flats, promised day, progress by day (per cent), workers, delivered flats; `quiet`: days without a new figure."""

    name: str
    flats: int = 0
    sold: int = 0
    promised: date | None = None
    progress: tuple[tuple[date, int], ...] = ()
    workers: int | None = None
    delivered: int = 0
    forecast: date | None = None
    """When it will be finished at the pace of late; None without one."""
    pace: float = 0.0
    """Per cent in thirty days."""
    late: int = 0
    """Days by which it will be late."""
    light: str = "green"
    quiet: int = 0

    @property
    def percent(self) -> int:
        """Works done."""
        return self.progress[-1][1] if self.progress else 0

    @property
    def handed_over(self) -> bool:
        """Whether all its flats were delivered."""
        return bool(self.flats) and self.delivered >= self.flats


def paced(progress: Sequence[tuple[date, int]], today: date, window: int) -> tuple[float, date | None]:
    """Per cent a day over the last `window` days of figures, and the day on which that reaches a hundred.

    The pace is what was done from the last figure before the window to the newest, over the days until today: silence slows it.
    """
    if not progress:
        return 0.0, None
    last = progress[-1][1]
    if last >= 100:
        return 0.0, next(d for d, p in progress if p >= 100)
    begin = today - timedelta(days=window)
    base = next((x for x in reversed(progress) if x[0] <= begin), progress[0])
    days = (today - base[0]).days
    if days <= 0 or last <= base[1]:
        return 0.0, None
    done = last - base[1]
    return done / days, today + timedelta(days=-(-(100 - last) * days // done))


def foreseen(b: Building, today: date, f: Forecast) -> Building:
    """The building with its forecast, lateness and light."""
    pace, end = paced(b.progress, today, f.window)
    done = b.handed_over
    late = 0
    if b.promised is not None and not done:
        late = ((end or today) - b.promised).days if end or today > b.promised else 0
    quiet = (today - b.progress[-1][0]).days if b.progress and b.percent < 100 else 0
    stuck = end is None and not done and b.percent < 100
    light = "green"
    if not done and b.promised is not None:
        if late > f.red_days or (stuck and b.promised <= today + timedelta(days=f.window)):
            light = "red"
        elif late > f.warn_days or stuck:
            light = "amber"
    return Building(
        b.name, b.flats, b.sold, b.promised, b.progress, b.workers, b.delivered, end, round(pace * 30, 1), max(late, 0), light, quiet,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Funds:
    """Money left to finish against money there will be. `short` is what lacks in all; `lasts` the day on which account and undrawn
    credit are used up at the pace of the works, None where they suffice or nothing is known."""

    needed: int = 0
    balance: int = 0
    undrawn: int = 0
    to_come: int = 0
    short: int = 0
    lasts: date | None = None

    @property
    def light(self) -> str:
        """Red where money lacks in all, amber where it runs out before more comes."""
        return "red" if self.short > 0 else "amber" if self.lasts else "green"


def funds(figures: Mapping[str, int], undrawn: int, end: date | None, today: date) -> Funds | None:
    """What is needed (to finish and arrears) against balance, undrawn credit and what buyers still pay; None where nothing was told."""
    if "to_finish" not in figures:
        return None
    needed = figures["to_finish"] + figures.get("arrears", 0)
    balance, to_come = figures.get("balance", 0), figures.get("to_collect", 0)
    short = max(needed - balance - undrawn - to_come, 0)
    lasts = None
    if end is not None and end > today and needed > balance + undrawn:
        lasts = today + timedelta(days=(end - today).days * (balance + undrawn) // needed)
    return Funds(needed, balance, undrawn, to_come, short, lasts)
