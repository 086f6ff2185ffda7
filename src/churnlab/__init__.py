"""Reproducible experiments for customer-churn prediction."""
