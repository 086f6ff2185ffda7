import numpy as np
from scipy.special import expit, logit

from champions.fitted import BLENDS, FRESH, blended, pipeline, single


def test_a_single_model_predicts_what_its_pipeline_does():
    np.testing.assert_array_equal(
        single("rf").predict(FRESH), pipeline("rf").predict_proba(FRESH)[:, 1]
    )


def test_a_blend_is_the_calibrated_mean_of_its_models_log_odds():
    mean = sum(
        weight * logit(np.clip(pipeline(name).predict_proba(FRESH)[:, 1], 1e-3, 1 - 1e-3))
        for name, weight in BLENDS["platt"].weights.items()
    )
    np.testing.assert_allclose(blended("platt").predict(FRESH), expit(1.3 * mean - 0.4), atol=1e-7)


def test_log_odds_are_those_of_the_prediction():
    champion = single("xgb")
    np.testing.assert_allclose(expit(champion.log_odds(FRESH)), champion.predict(FRESH), atol=1e-9)
