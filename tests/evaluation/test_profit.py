import numpy as np
import pytest
from empulse.metrics import empc_score
from hypothesis import given, settings
from scipy.stats import beta

from churnlab.evaluation.metrics import roc_auc
from churnlab.evaluation.profit import PAPER, Campaign, empc

from .samples import judged, simulated


def by_quadrature(y, p, campaign, steps=20_000):
    """The definition itself: the best threshold's profit, averaged over acceptance rates."""
    rates = (np.arange(steps) + 0.5) / steps
    best = np.zeros(steps)
    for limit in np.unique(p):
        churners = np.mean((p >= limit) & (y == 1))
        stayers = np.mean((p >= limit) & (y == 0))
        kept = campaign.clv * rates * churners - campaign.incentive_cost * rates * churners
        spent = campaign.contact_cost * (churners + stayers) + campaign.incentive_cost * stayers
        best = np.maximum(best, kept - spent)
    return np.mean(best * beta(campaign.alpha, campaign.beta).pdf(rates))


def test_profit_is_that_of_its_defining_integral():
    y, p = simulated(1, rows=300)
    for campaign in (PAPER, Campaign(3, 7, 120, 25, 4), Campaign(clv=12)):
        expected = by_quadrature(y, p, campaign)
        assert empc(y, p, campaign) == pytest.approx(expected, abs=1e-5)


@settings(max_examples=60)
@given(judged())
def test_profit_agrees_with_empulse(sample):
    y, p = sample
    assert empc(y, p) == pytest.approx(float(empc_score(y, p)), abs=1e-9)


def test_other_costs_agree_with_empulse():
    y, p = simulated(2, rows=500)
    costs = {"alpha": 4, "beta": 9, "clv": 90, "incentive_cost": 20, "contact_cost": 3}
    assert empc(y, p, Campaign(**costs)) == pytest.approx(float(empc_score(y, p, **costs)))


@pytest.mark.parametrize("incentive_cost", [9, 10, 25])
def test_a_campaign_that_never_pays_earns_nothing(incentive_cost):
    y, p = simulated(3)
    campaign = Campaign(clv=10, incentive_cost=incentive_cost, contact_cost=5)
    assert empc(y, p, campaign) == pytest.approx(0.0)


def test_a_perfect_ranking_earns_the_most_and_one_score_for_all_no_less_than_nothing():
    y, p = simulated(4)
    perfect = empc(y, y * 0.9)
    assert roc_auc(y, p) < 1
    assert 0 <= empc(y, np.full(len(y), 0.5)) < empc(y, p) < perfect
