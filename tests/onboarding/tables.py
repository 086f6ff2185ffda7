"""Small made-up tables with a known signal, to be written as a person would bring them."""

import numpy as np
import pandas as pd
from scipy.special import expit


def customers(rows=240, seed=0):
    """Numbers, a category and a customer number; calls make a churner."""
    draw = np.random.default_rng(seed)
    calls = draw.poisson(2.0, rows)
    churned = draw.random(rows) < expit(1.2 * calls - 3.5)
    return pd.DataFrame(
        {
            "customer_id": np.arange(5000, 5000 + rows),
            "tenure": draw.integers(0, 72, rows),
            "calls": calls,
            "fee": draw.normal(50.0, 9.0, rows).round(2),
            "plan": draw.choice(["basic", "family", "premium"], rows),
            "churned": np.where(churned, "yes", "no"),
        }
    )


def difficult(rows=600, seed=0):
    """All that a real table has: gaps, codes, dates, a leak, a constant, free text, names."""
    draw = np.random.default_rng(seed)
    frame = customers(rows, seed)
    drawn = pd.Timestamp("2024-01-31") + pd.to_timedelta(draw.integers(0, 10, rows) * 7, unit="D")
    joined = drawn - pd.to_timedelta(draw.integers(11, 900, rows), unit="D")
    left = (frame["churned"] == "yes").to_numpy()
    gaps = draw.random(rows)
    extra = pd.DataFrame(
        {
            "drawn": drawn.strftime("%Y-%m-%d"),
            "joined": np.where(gaps < 0.1, "", joined.strftime("%d/%m/%Y")),
            "income": np.where(gaps > 0.8, "NA", draw.lognormal(8, 0.4, rows).round().astype(str)),
            "city": [f"city {number}" for number in draw.zipf(1.2, rows) % 400],
            "exit_reason": np.where(left, "moved", ""),
            "currency": "EUR",
            "e_mail": [f"c{number}@example.org" for number in range(rows)],
            "remark": [f"called on day {k} about the bill no {k * 7}" for k in range(rows)],
        }
    )
    return pd.concat([frame.drop(columns="churned"), extra, frame[["churned"]]], axis=1)


def written(frame, path):
    frame.to_csv(path, index=False, lineterminator="\n")
    return path
