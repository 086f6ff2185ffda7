"""Features of the telecom study (MLC++ churn).

Four things decide this table: what the customer pays in all (each charge alone says little),
whether a voice-mail plan softens a large bill, the fourth call to customer service, and how an
international plan is used. The published charges are minutes times a tariff, so the bill is written
with minutes.
"""

from churnlab.features.symbols import Columns

# Price per minute; a test holds these against the published charges.
TARIFFS = {
    "total_day_minutes": 0.17,
    "total_eve_minutes": 0.085,
    "total_night_minutes": 0.045,
    "total_intl_minutes": 0.27,
}
MANY_SERVICE_CALLS = 4
KEPT = (
    "account_length",
    "number_vmail_messages",
    *TARIFFS,
    "total_intl_calls",
    "number_customer_service_calls",
)


def engineered(columns: Columns) -> Columns:
    """Return the engineered columns of the telecom study, row by row, with nothing fitted."""
    bill = sum(tariff * columns[minutes] for minutes, tariff in TARIFFS.items())
    voice_mail = columns["voice_mail_plan=yes"]
    international = columns["international_plan=yes"]
    international_calls = columns["total_intl_calls"]
    international_minutes = columns["total_intl_minutes"]
    many_calls = 1.0 * (columns["number_customer_service_calls"] >= MANY_SERVICE_CALLS)
    return {
        **{name: columns[name] for name in KEPT},
        "international_plan": international,
        "voice_mail_plan": voice_mail,
        "total_bill": bill,
        "bill_without_voice_mail": bill * (1.0 - voice_mail),
        "many_service_calls": many_calls,
        "many_service_calls_day_minutes": many_calls * columns["total_day_minutes"],
        "many_service_calls_bill": many_calls * bill,
        "international_plan_calls": international * international_calls,
        "international_plan_minutes": international * international_minutes,
        "international_plan_few_calls": international * (international_calls <= 2.0),
        "international_plan_long": international * (international_minutes > 13.1),
    }
