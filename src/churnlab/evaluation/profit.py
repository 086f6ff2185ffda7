"""Expected maximum profit of a retention campaign (Verbraken, Verbeke & Baesens, 2013)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

from churnlab.evaluation.ranking import Ranking, both_classes, checked


@dataclass(frozen=True)
class Campaign:
    """What a retention campaign costs and brings; defaults are those of the 2013 paper.

    Attributes:
        alpha, beta: shape of the Beta distribution of the share of churners who accept the offer.
        clv: customer lifetime value, in a currency.
        incentive_cost: cost of the offer when it is accepted (`d`), in the same currency.
        contact_cost: cost of contacting one customer (`f`), in the same currency.
    """

    alpha: float = 6.0
    beta: float = 14.0
    clv: float = 200.0
    incentive_cost: float = 10.0
    contact_cost: float = 1.0

    @property
    def delta(self) -> float:
        """Incentive cost as a share of the lifetime value."""
        return self.incentive_cost / self.clv

    @property
    def phi(self) -> float:
        """Contact cost as a share of the lifetime value."""
        return self.contact_cost / self.clv


PAPER = Campaign()


def empc(y: np.ndarray, p: np.ndarray, campaign: Campaign = PAPER) -> float:
    """Return the expected maximum profit per customer, in the currency of the campaign.

    At each acceptance rate the campaign contacts the most profitable top of the ranking; the
    profit is averaged over the Beta distribution of that rate (Verbraken et al., 2013, eq. 12).

    Args:
        y: 0/1, shape (n,).
        p: churn probabilities, shape (n,); only their order matters.
        campaign: costs and benefits.
    """
    y, p = checked(y, p)
    both_classes(y)
    churners, stayers = Ranking.of(y, p).cumulated(np.ones((1, len(y))))
    return float(expected_maximum_profit(churners, stayers, campaign)[0])


def expected_maximum_profit(
    churners: np.ndarray, stayers: np.ndarray, campaign: Campaign = PAPER
) -> np.ndarray:
    """Return the EMPC of each resample, shape (resamples,).

    Args:
        churners, stayers: cumulated counts by descending score, shape (resamples, distinct).
        campaign: costs and benefits.
    """
    corners = _hull_corners(churners, stayers)
    rows = np.repeat(np.arange(len(churners)), [len(found) for found in corners])
    places = np.concatenate(corners)
    total = churners[rows, -1] + stayers[rows, -1]
    # Position -1 is the origin, where nobody is contacted.
    reached = places >= 0
    true = np.where(reached, churners[rows, places], 0.0) / total
    false = np.where(reached, stayers[rows, places], 0.0) / total
    profits = _profit_of_corners(true, false, reached, campaign)
    return np.add.reduceat(profits, np.flatnonzero(~reached))


def _hull_corners(churners: np.ndarray, stayers: np.ndarray) -> list[np.ndarray]:
    """Return the positions of the corners of each ROC convex hull, led by -1 for the origin.

    The hull of a ROC curve is the isotonic regression of the labels on the scores (Fawcett &
    Niculescu-Mizil, 2007), for which SciPy has a compiled routine.
    """
    from scipy.optimize import isotonic_regression

    sizes = np.diff(churners + stayers, axis=1, prepend=0.0)
    drawn = sizes > 0
    rates = np.diff(churners, axis=1, prepend=0.0) / np.where(drawn, sizes, 1.0)
    corners = []
    for size, rate, present in zip(sizes, rates, drawn, strict=True):
        places = present.nonzero()[0]
        fit = isotonic_regression(rate[places], weights=size[places], increasing=False)
        corners.append(np.concatenate([[-1], places[fit.blocks[1:] - 1]]))
    return corners


def _profit_of_corners(
    churners: np.ndarray, stayers: np.ndarray, reached: np.ndarray, campaign: Campaign
) -> np.ndarray:
    """Integrate each corner's profit over the acceptance rates at which it is the best one.

    Args:
        churners, stayers: shares of all rows, shape (corners of all resamples,).
        reached: False at the origin that starts each resample, same shape.
        campaign: costs and benefits.
    """
    gained, lost = 1 - campaign.delta, campaign.delta + campaign.phi
    more_churners = np.diff(churners, prepend=0.0)
    more_stayers = np.diff(stayers, prepend=0.0)
    # Where no churner is gained, no acceptance rate below 1 pays for going further down.
    best_from = np.where(reached, 1.0, 0.0)
    found = reached & (more_churners > 0)
    price = lost * more_stayers[found] / more_churners[found] + campaign.phi
    # An incentive worth the whole customer pays at no rate.
    best_from[found] = np.minimum(price / gained, 1.0) if gained > 0 else 1.0
    chance = _until_next(betainc(campaign.alpha, campaign.beta, best_from), reached)
    mean = campaign.alpha / (campaign.alpha + campaign.beta)
    accepted = mean * _until_next(betainc(campaign.alpha + 1, campaign.beta, best_from), reached)
    cost = campaign.phi * churners + lost * stayers
    return campaign.clv * (gained * churners * accepted - cost * chance)


def _until_next(cumulated: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """Return the probability between each corner and the next one of its resample, else 1."""
    following = np.append(cumulated[1:], 1.0)
    last = np.append(~reached[1:], True)
    return np.where(last, 1.0, following) - cumulated
