"""The least that the processor takes in one payment, by currency (Stripe: minimum charge amounts)."""

LEAST_MINOR = {
    "AUD": 50,
    "BRL": 50,
    "CAD": 50,
    "CHF": 50,
    "DKK": 250,
    "EUR": 50,
    "GBP": 30,
    "JPY": 50,
    "MXN": 1000,
    "NOK": 300,
    "NZD": 50,
    "PLN": 200,
    "SEK": 300,
    "SGD": 50,
    "USD": 50,
}


def least_minor(currency: str) -> int:
    """Return the least that can be paid in a currency, in minor units; 1 where the processor names none."""
    return LEAST_MINOR.get(currency, 1)
