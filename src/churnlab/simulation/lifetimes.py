"""How sellers live: active, slow or gone, day by day, by a hazard that depends on who they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from churnlab.simulation.market import HORIZON_DAYS, Market
from churnlab.simulation.sellers import Sellers

NOT_YET, ACTIVE, SLOW, GONE = -1, 0, 1, 2
# Chance of leaving per day; larger sellers leave less, slower and newer ones more.
BASE_HAZARD = 0.0017
OF_SIZE, OF_SLOWNESS = -0.35, 0.45
NEW_SELLER, NEW_DAYS = 1.5, 40.0
# A slow seller sells so much less, leaves so much sooner, and changes back with this chance.
SLOW_RATE, SLOW_HAZARD = 0.12, 3.0
TO_SLOW, TO_ACTIVE = 1 / 90, 1 / 40
TOPIC = 1


@dataclass(frozen=True)
class Lives:
    """`activity`, shape (sellers, days): 1 while active, less while slow, 0 when not there.

    `states`, shape (sellers, truth days), are those with which the truth days begin.
    """

    activity: np.ndarray
    states: np.ndarray


def hazard(sellers: Sellers, state: np.ndarray, day: int) -> np.ndarray:
    """Return the chance to leave on `day` given the state before, shape (sellers,); 0 if gone."""
    there = (state == ACTIVE) | (state == SLOW)
    return np.where(there, _leaving(sellers, day) * _of_state(state), 0.0)


def _of_state(state: np.ndarray) -> np.ndarray:
    return np.where(state == SLOW, SLOW_HAZARD, 1.0)


def _leaving(sellers: Sellers, day: int) -> np.ndarray:
    """Return the chance of an active seller to leave on `day`, at most a third of certainty."""
    of_seller = BASE_HAZARD * np.exp(OF_SIZE * sellers.size + OF_SLOWNESS * sellers.slowness)
    new = 1.0 + NEW_SELLER * np.exp(-np.maximum(day - sellers.joined, 0) / NEW_DAYS)
    return np.minimum(of_seller * new, 1 / 3 / SLOW_HAZARD)


def live(market: Market, part: int, sellers: Sellers) -> Lives:
    """Return the lives of the sellers of a part."""
    rng = market.stream(part, TOPIC)
    state = np.where(sellers.joined < 0, ACTIVE, NOT_YET)
    activity = np.zeros((len(sellers), market.days), dtype=np.float32)
    truth_days = market.truth_days
    states = np.full((len(sellers), len(truth_days)), NOT_YET, dtype=np.int8)
    for day in range(market.days):
        if day in truth_days:
            states[:, truth_days.index(day)] = state
        leaves = rng.random(len(sellers)) < hazard(sellers, state, day)
        turns = rng.random(len(sellers))
        slows = (state == ACTIVE) & (turns < TO_SLOW)
        recovers = (state == SLOW) & (turns < TO_ACTIVE)
        state = np.where(slows, SLOW, np.where(recovers, ACTIVE, state))
        state = np.where(leaves, GONE, state)
        state[sellers.joined == day] = ACTIVE
        activity[:, day] = np.where(state == ACTIVE, 1.0, np.where(state == SLOW, SLOW_RATE, 0.0))
    return Lives(activity, states)


def no_sale_probability(
    sellers: Sellers, states: np.ndarray, sales: np.ndarray, day: int
) -> np.ndarray:
    """Return the probability of no sale on the 45 days from `day` on, shape (sellers,).

    Given the state at the beginning of the day, days are summed over from the last to the first:
    each begins with a change of state and goes on with Poisson sales.

    Args:
        sellers: who they are.
        states: at the beginning of the day, shape (sellers,).
        sales: the daily factor of the rates of sales with items, shape (days,).
        day: counted from the start.
    """
    active = np.ones(len(sellers))
    slow = np.ones(len(sellers))
    for later in range(day + HORIZON_DAYS - 1, day - 1, -1):
        expected = sellers.rate * sales[later]
        idle_active = np.exp(-expected) * active
        idle_slow = np.exp(-SLOW_RATE * expected) * slow
        leaves = _leaving(sellers, later)
        stays_slow = 1 - SLOW_HAZARD * leaves
        active = leaves + (1 - leaves) * ((1 - TO_SLOW) * idle_active + TO_SLOW * idle_slow)
        slow = 1 - stays_slow + stays_slow * (TO_ACTIVE * idle_active + (1 - TO_ACTIVE) * idle_slow)
    return np.where(states == ACTIVE, active, np.where(states == SLOW, slow, 1.0))
