"""What a simulated marketplace is asked to be, and how it is cut into parts that fit memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from churnlab.errors import ChurnlabError

START = date(2017, 1, 1)
HORIZON_DAYS = 45
# A part of the sellers is simulated at once; these bound what it holds in memory.
PART_ORDERS = 150_000
PART_CELLS = 2_000_000
PART_SELLERS = 4_000
# A seller cannot be cut; the largest has some thirty times the orders of the mean one.
SELLER_ORDERS = 30_000
# Orders per seller where nobody says how many; near that of the published tables.
ORDERS_PER_SELLER = 20.0


@dataclass(frozen=True)
class Market:
    """A marketplace of `sellers` over `months`; `orders` is how many are expected in all.

    Raises:
        ChurnlabError: a number is not positive, too few months to judge any date, or too many
            orders of each seller to be held in memory.
    """

    sellers: int
    months: int
    seed: int
    orders: int | None = None
    start: date = START

    def __post_init__(self) -> None:
        for name, least in (("sellers", 1), ("months", 3), ("seed", 0)):
            if getattr(self, name) < least:
                raise ChurnlabError(
                    f"simulate: {name}: {getattr(self, name)} is too few; give {least} or more"
                )
        if self.orders is not None and self.orders < 1:
            raise ChurnlabError(f"simulate: orders: {self.orders} is too few; give 1 or more")
        if self.orders is not None and self.orders > SELLER_ORDERS * self.sellers:
            least = -(-self.orders // SELLER_ORDERS)
            raise ChurnlabError(
                f"simulate: sellers: {self.sellers} is too few for {self.orders:,} orders; "
                f"one seller is held in memory as a whole, so give {least:,} sellers or more"
            )

    @property
    def end(self) -> date:
        """The first day that is not simulated."""
        months = self.start.month - 1 + self.months
        return date(self.start.year + months // 12, months % 12 + 1, 1)

    @property
    def days(self) -> int:
        """The number of simulated days."""
        return (self.end - self.start).days

    @property
    def truth_days(self) -> list[int]:
        """First days of months, counted from the start, whose horizon is simulated in full."""
        firsts = [d for d in range(1, self.days) if (self.start + timedelta(days=d)).day == 1]
        return [day for day in firsts if day + HORIZON_DAYS <= self.days]

    @property
    def parts(self) -> list[int]:
        """The number of sellers of each part."""
        each = (self.orders or self.sellers * ORDERS_PER_SELLER) / self.sellers
        most = min(PART_ORDERS / each, PART_CELLS / self.days, PART_SELLERS)
        size = max(1, int(most))
        full, rest = divmod(self.sellers, size)
        return [size] * full + ([rest] if rest else [])

    @property
    def scale(self) -> float:
        """How much busier sellers are than published ones, before the exact scaling."""
        return 1.0 if self.orders is None else self.orders / (self.sellers * ORDERS_PER_SELLER)

    def stream(self, part: int, topic: int) -> np.random.Generator:
        """Return the random numbers of one topic of one part; none depends on another."""
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence([self.seed, part, topic]))
        )
