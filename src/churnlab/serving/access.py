"""Which role may do what: the one table that every endpoint is held against."""

from __future__ import annotations

ACCESS: dict[str, tuple[str, ...]] = {
    "predict": ("scorer", "analyst"),
    "lookup": ("scorer", "analyst"),
    "model": ("scorer", "analyst", "operator", "privacy_officer"),
    "page": ("analyst", "operator", "privacy_officer"),
    "history": ("operator", "privacy_officer"),
    "operate": ("operator",),
    "metrics": ("operator", "monitor"),
}
ROLES = ("scorer", "analyst", "operator", "privacy_officer", "monitor")


def may(role: str, action: str) -> bool:
    """Whether a role may do an action."""
    return role in ACCESS[action]
