"""Features of the bank study.

Satisfaction Score, Point Earned, Card Type and HasCrCard carry no signal here and are left out.
What is left is few columns with strong interactions: age (churn rises to about 55, then falls),
number of products (two is safe, three and more is not), activity, and German accounts.
"""

from churnlab.features.symbols import Columns


def engineered(columns: Columns) -> Columns:
    """Return the engineered columns of the bank study, row by row, with nothing fitted."""
    age = columns["Age"]
    active = columns["IsActiveMember"]
    products = columns["NumOfProducts"]
    balance = columns["Balance"]
    return {
        "CreditScore": columns["CreditScore"],
        "Age": age,
        "Tenure": columns["Tenure"],
        "Balance": balance,
        "NumOfProducts": products,
        "IsActiveMember": active,
        "EstimatedSalary": columns["EstimatedSalary"],
        "Germany": columns["Geography=Germany"],
        "Spain": columns["Geography=Spain"],
        "Male": columns["Gender=Male"],
        "no_balance": 1.0 * (balance <= 0.0),
        "two_products": 1.0 * (products == 2.0),
        "three_or_more_products": 1.0 * (products >= 3.0),
        "active_age": active * age,
    }
