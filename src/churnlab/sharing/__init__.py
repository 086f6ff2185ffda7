"""Giving results to others through a DVC remote, and knowing that the remote's copy is whole."""

from churnlab.sharing.objects import Damage, damaged, repair
from churnlab.sharing.remote import Remote, opened
from churnlab.sharing.runs import Shared, share

__all__ = ["Damage", "Remote", "Shared", "damaged", "opened", "repair", "share"]
