"""A plan of visits: which places on which day by which team. Pure.

Distances in metres along great circles times DETOUR, times in minutes, places as longitude and latitude in degrees.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil, cos, hypot, radians
from random import Random
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from bihuan.engines.geo import Place
from bihuan.kernel.domain.lots import by_lot

DETOUR = 1.3
"""Streets against the straight line."""
METRES_A_DEGREE = 111_195
LEGAL, LOT, RISK = "legal", "lot", "risk"
Progress = Callable[[int], bool]
"""Told how many better plans were found so far, at each; False stops the search with the best so far."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place to visit. `last`: the last day (0-based) on which a legal period can still be kept, negative when it is over
    already, None when it ends after the plan. `weight`: how much depends on it. `area`: for the fair share."""

    key: str
    place: Place
    last: int | None = None
    weight: int = 1
    area: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to plan with: teams a day, days, minutes of a day, minutes of a visit, km/h, where teams start and end,
    hundredths of the visits drawn by lot, and the public seed of that lot."""

    teams: int
    days: int
    base: Place
    minutes: int = 360
    visit: int = 40
    speed: int = 25
    share: int = 20
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """A planned visit; `order` counts from 0 within the team's day."""

    key: str
    day: int
    team: int
    order: int
    why: str


@dataclass(frozen=True)
class Plan:
    """The visits, the metres travelled, and the keys of legal visits for which there was no room."""

    visits: tuple[Visit, ...]
    metres: int
    missed: tuple[str, ...]
    drawn: tuple[str, ...] = field(default=())
    """Keys drawn by lot, in the order of the lot; anyone draws them again with the seed."""


def distance(a: Place, b: Place) -> int:
    """Metres by street, nearly: the plane suffices within a district."""
    x = (a[0] - b[0]) * cos(radians((a[1] + b[1]) / 2))
    return round(hypot(x, a[1] - b[1]) * METRES_A_DEGREE * DETOUR)


def capacity(work: Work) -> int:
    """How many visits fit at most, were there no way between them."""
    return work.teams * work.days * (work.minutes // work.visit)


def choose(sites: Sequence[Site], work: Work) -> tuple[dict[str, str], list[str], set[str]]:
    """Which sites are worth a visit and why, somewhat more than fit; those drawn by lot; and those that make up the fair share
    of their area.

    1. every site whose legal period ends within the plan, then those whose period is over already, the longest first;
    2. by lot, a share of what fits, from all others;
    3. by weight, area after area in proportion to its sites, so that none is forgotten.
    """
    most = capacity(work)
    legal = sorted((s for s in sites if _legal(s, work)), key=lambda s: (_over(s), s.last, -s.weight, s.key))
    chosen = {s.key: LEGAL for s in legal[:most]}
    rest = [s for s in sites if s.key not in chosen]
    drawn = by_lot((s.key for s in rest), work.seed)[: ceil(most * work.share / 100)] if work.share else []
    chosen |= dict.fromkeys(drawn, LOT)
    areas: dict[str, list[Site]] = defaultdict(list)
    for s in sorted((s for s in rest if s.key not in chosen), key=lambda s: (-s.weight, s.key)):
        areas[s.area].append(s)
    have = Counter(s.area for s in sites if s.key in chosen)
    size = Counter(s.area for s in sites)
    room = ceil(most * 1.1) - len(chosen)
    fair: set[str] = set()
    while room > 0 and any(areas.values()):
        # the area whose share is served least comes next
        area = min((a for a, left in areas.items() if left), key=lambda a: (have[a] / size[a], a))
        key = areas[area].pop(0).key
        chosen[key] = RISK
        if have[area] < FITS * most * size[area] / len(sites):
            fair.add(key)
        have[area] += 1
        room -= 1
    return chosen, drawn, fair


def _legal(site: Site, work: Work) -> bool:
    return site.last is not None and site.last < work.days


def _over(site: Site) -> bool:
    return site.last is not None and site.last < 0


def _rank(site: Site, why: str) -> int:
    """What gives way to what: risk to lot, lot to periods that are over, those to periods that can still be kept."""
    return {RISK: 0, LOT: 1, LEGAL: 2 if _over(site) else 3}[why]


def plan(sites: Sequence[Site], work: Work, seconds: float = 15, progress: Progress | None = None) -> Plan:
    """Plan the visits: a first answer at once, better ones until `seconds` are over or `progress` says stop.

    No legal visit is left out while one that is not legal stands in a tour it could take the place of.
    """
    chosen, drawn, fair = choose(sites, work)
    picked = [s for s in sites if s.key in chosen]
    tours = _search(picked, chosen, fair, work, seconds, progress) if picked else []
    _make_room(tours, picked, chosen, work)
    placed = {s.key for t in tours for s in t}
    visits = tuple(
        Visit(s.key, v // work.teams, v % work.teams, i, chosen[s.key])
        for v, tour in enumerate(tours)
        for i, s in enumerate(tour)
    )
    legal = [s.key for s in sites if s.last is not None and s.last < work.days]
    return Plan(
        visits, sum(length(t, work.base) for t in tours), tuple(k for k in legal if k not in placed), tuple(drawn)
    )


def length(tour: Sequence[Site], base: Place) -> int:
    """Metres of a tour from the base and back."""
    line = [base, *(s.place for s in tour), base]
    return sum(distance(a, b) for a, b in itertools.pairwise(line)) if tour else 0


def minutes(tour: Sequence[Site], work: Work) -> float:
    """How long a tour takes."""
    return len(tour) * work.visit + length(tour, work.base) * 60 / (work.speed * 1000)


def _days(site: Site, work: Work) -> range:
    """The days on which a site may be visited: before its period is over, or as soon as it can be."""
    if site.last is None or site.last >= work.days or site.last < 0:
        return range(work.days)
    return range(site.last + 1)


def _search(
    picked: list[Site], chosen: dict[str, str], fair: set[str], work: Work, seconds: float, progress: Progress | None
) -> list[list[Site]]:
    """The tours, day by day and team by team.

    1. periods that end soonest first: day after day, those that must be visited then or on the two days after, packed tightly;
    2. from there all visits and all days at once.
    """
    tours: list[list[Site]] = []
    room = work.teams * work.minutes // (work.visit + 10)
    spent = 0.0
    left = [s for s in picked if chosen[s.key] == LEGAL and not _over(s)]
    for day in range(work.days):
        near = [s for s in left if s.last is not None and day <= s.last <= day + 2]
        urgent = {s.key: 4 if s.last == day else 1 for s in near}
        # a day that may be too full gets more thought
        short = seconds / (5 if sum(s.last == day for s in near) > room * 0.8 else 15)
        spent += short
        found = _solve(near, [range(work.teams)] * len(near), work.teams, urgent, work, short, None, None)
        tours += found
        left = [s for s in left if s.key not in {x.key for t in found for x in t}]
    vehicles = work.teams * work.days
    allowed = [_allowed(s, work) for s in picked]
    value = {s.key: _value(s, chosen[s.key]) + (FAIR if s.key in fair else 0) for s in picked}
    return _solve(picked, allowed, vehicles, value, work, max(seconds / 4, seconds - spent), tours, progress)


def _value(site: Site, why: str) -> int:
    """What a visit is worth, in units of WORTH."""
    return {RISK: site.weight, LOT: 20, LEGAL: 250 if _over(site) else 500}[why]


FAIR = 10
"""What it is worth besides when it makes up the fair share of its area."""
FITS = 0.7
"""The part of the visits without travel that usually fits with it."""
WORTH = 300_000
"""Metres that one unit of value may cost."""


def _solve(
    sites: list[Site], allowed: Sequence[range], vehicles: int, value: dict[str, int], work: Work, seconds: float,
    start: list[list[Site]] | None, progress: Progress | None,
) -> list[list[Site]]:  # fmt: skip
    """One routing problem: the tours of `vehicles` vehicles, from `start` where there is one."""
    if not sites:
        return [[] for _ in range(vehicles)]
    places = [work.base, *(s.place for s in sites)]
    table = [[distance(a, b) for b in places] for a in places]
    manager = pywrapcp.RoutingIndexManager(len(places), vehicles, 0)
    model = pywrapcp.RoutingModel(manager)
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(table))
    pace = work.speed * 1000
    # tenths of a minute, rounded up, so that whole tours never take longer than they seem
    spent = [[-(-d * 600 // pace) + (work.visit * 10 if i else 0) for d in row] for i, row in enumerate(table)]
    model.AddDimension(model.RegisterTransitMatrix(spent), 0, work.minutes * 10, True, "time")
    for i, site in enumerate(sites, 1):
        index = manager.NodeToIndex(i)
        model.AddDisjunction([index], value[site.key] * WORTH)
        if len(allowed[i - 1]) < vehicles:
            model.VehicleVar(index).RemoveValues(range(len(allowed[i - 1]), vehicles))
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(int(seconds * 1000))
    if progress is not None:
        _watch(model, progress)
    model.CloseModelWithParameters(parameters)
    first = None
    if start is not None:
        number = {s.key: i for i, s in enumerate(sites, 1)}
        first = model.ReadAssignmentFromRoutes([[number[s.key] for s in tour] for tour in start], True)
    solution = (
        model.SolveFromAssignmentWithParameters(first, parameters) if first else model.SolveWithParameters(parameters)
    )
    if solution is None:
        return start or [[] for _ in range(vehicles)]
    return [_tour(model, manager, solution, v, sites) for v in range(vehicles)]


def _watch(model: Any, progress: Progress) -> None:
    best, found = [1 << 62], [0]

    def met() -> None:
        value = model.CostVar().Max()
        if value < best[0]:
            best[0], found[0] = value, found[0] + 1
            if not progress(found[0]):
                model.solver().FinishCurrentSearch()

    model.AddAtSolutionCallback(met)


def _tour(model: Any, manager: Any, solution: Any, vehicle: int, picked: list[Site]) -> list[Site]:
    found, index = [], solution.Value(model.NextVar(model.Start(vehicle)))
    while not model.IsEnd(index):
        found.append(picked[manager.IndexToNode(index) - 1])
        index = solution.Value(model.NextVar(index))
    return found


def _make_room(tours: list[list[Site]], picked: list[Site], chosen: dict[str, str], work: Work) -> None:
    """Put legal visits that found no room where lesser ones stand, or where one stands that can go elsewhere."""
    placed = {s.key for t in tours for s in t}
    lacking = [s for s in picked if chosen[s.key] == LEGAL and s.key not in placed]
    for site in sorted(lacking, key=lambda s: (-_rank(s, LEGAL), s.last, s.key)):
        if not _put(tours, site, chosen, work):
            _shift(tours, site, chosen, work)


def _allowed(site: Site, work: Work) -> range:
    """The tours in which a site may stand."""
    return range(len(_days(site, work)) * work.teams)


def _put(tours: list[list[Site]], site: Site, chosen: dict[str, str], work: Work) -> bool:
    """Put a site into the tour that grows least, dropping lesser ones where it must; whether there was room."""
    found = [(tour, v) for v in _allowed(site, work) if (tour := _with(tours[v], site, chosen, work)) is not None]
    if not found:
        return False
    tour, v = min(
        found, key=lambda f: (len(tours[f[1]]) - len(f[0]), length(f[0], work.base) - length(tours[f[1]], work.base))
    )
    tours[v] = tour
    return True


def _shift(tours: list[list[Site]], site: Site, chosen: dict[str, str], work: Work) -> bool:
    """Put a site in the place of one that can go to another tour; whether one could."""
    for v in _allowed(site, work):
        for other in list(tours[v]):
            rest = [s for s in tours[v] if s is not other]
            tour = _with(rest, site, chosen, work)
            if tour is None:
                continue
            before, tours[v] = tours[v], tour
            if _put(tours, other, chosen, work):
                return True
            tours[v] = before
    return False


def _with(tour: list[Site], site: Site, chosen: dict[str, str], work: Work) -> list[Site] | None:
    """The tour with a site at its best place, lesser ones dropped as far as needed; None when only its equals are left."""
    rest, mine = list(tour), _rank(site, chosen[site.key])
    while True:
        best = min(([*rest[:i], site, *rest[i:]] for i in range(len(rest) + 1)), key=lambda t: length(t, work.base))
        if minutes(best, work) <= work.minutes:
            return best
        free = [s for s in rest if _rank(s, chosen[s.key]) < mine]
        if not free:
            return None
        rest.remove(min(free, key=lambda s: (_rank(s, chosen[s.key]), s.weight, s.key)))


def greedy(sites: Sequence[Site], work: Work, random: Random) -> int:
    """Metres of a plain plan for the same visits: always to the nearest that is left, among the nearest three by chance. The
    measure that a plan is held against."""
    left = list(sites)
    total = 0
    while left:
        here = work.base
        tour: list[Site] = []
        while left:
            near = sorted(left, key=lambda s: distance(here, s.place))[:3]
            site = random.choice(near)
            if tour and minutes([*tour, site], work) > work.minutes:
                break
            tour.append(site)
            left.remove(site)
            here = site.place
        total += length(tour, work.base)
    return total
