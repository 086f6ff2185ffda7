"""What is in service: versions of the champion on this machine, which one answers, and why."""

from churnlab.deployments.deployed import Deployments
from churnlab.deployments.record import Change, Deployment

__all__ = ["Change", "Deployment", "Deployments"]
