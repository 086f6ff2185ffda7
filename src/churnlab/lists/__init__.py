"""Lists of customers by risk as they were published: what analysts read and work through."""

from churnlab.lists.stored import ListName, Lists

__all__ = ["ListName", "Lists"]
