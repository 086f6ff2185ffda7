"""Features of the bank study.

Satisfaction Score, Point Earned, Card Type, HasCrCard, Tenure, EstimatedSalary and CreditScore
carry no signal that survives cross-validation and are left out. What is left is few columns with
strong interactions: age (churn rises to about 55, then falls), number of products (two is safe,
three and more is not), activity, balance, and German accounts.
"""

from churnlab.features.symbols import Columns


def engineered(columns: Columns) -> Columns:
    """Return the engineered columns of the bank study, row by row, with nothing fitted."""
    products = columns["NumOfProducts"]
    return {
        "Age": columns["Age"],
        "Balance": columns["Balance"],
        "NumOfProducts": products,
        "IsActiveMember": columns["IsActiveMember"],
        "Germany": columns["Geography=Germany"],
        "Spain": columns["Geography=Spain"],
        "Female": columns["Gender=Female"],
        "one_product": 1.0 * (products <= 1.0),
        "three_or_more_products": 1.0 * (products >= 3.0),
        "four_products": 1.0 * (products >= 4.0),
        "no_balance": 1.0 * (columns["Balance"] <= 0.0),
    }
