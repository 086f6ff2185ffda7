import numpy as np
import pandas as pd

from churnlab.champions.reasons import reasons, typical_values

ROWS = pd.DataFrame(
    {"Age": [42.0, 60.0], "Balance": [12345.6, np.nan], "Geography": ["Germany", "Spain"]}
)
TYPICAL = {"Age": 36.0, "Balance": 0.125}


def test_reasons_say_what_raises_the_risk_most_and_what_is_usual(bank):
    amounts = pd.DataFrame({"Age": [0.5, -1.0], "Balance": [-0.1, 0.25], "Geography": [1.25, 0.0]})
    found = reasons(amounts, ROWS, 2, bank, TYPICAL)
    age, balance, country = (
        bank.columns[name].description for name in ("Age", "Balance", "Geography")
    )
    assert found.to_dict(orient="records") == [
        {
            "reason_1": f"{country}: Germany",
            "contribution_1": 1.25,
            "reason_2": f"{age}: 42 (usual: 36)",
            "contribution_2": 0.5,
        },
        # Nothing else raises the risk of the second customer: no reason is made up.
        {
            "reason_1": f"{balance}: not known (usual: 0.125)",
            "contribution_1": 0.25,
            "reason_2": "",
            "contribution_2": 0.0,
        },
    ]


def test_large_amounts_are_written_as_people_do(bank):
    amounts = pd.DataFrame({"Balance": [1.0]})
    found = reasons(amounts, ROWS.head(1), 1, bank, {})
    assert found["reason_1"].tolist() == [f"{bank.columns['Balance'].description}: 12,346"]


def test_more_reasons_than_columns_are_not_asked_for(bank):
    found = reasons(pd.DataFrame({"Age": [1.0]}), ROWS.head(1), 5, bank, TYPICAL)
    assert list(found.columns) == ["reason_1", "contribution_1"]


def test_what_is_usual_is_the_median_of_the_rows_given(bank):
    assert typical_values(ROWS, bank) == {"Age": 51.0, "Balance": 12345.6}
