"""Budget: how much may be asked of teachers in one run, in dollars, tokens or time."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

from ...errors import BudgetSpent, DeskgymError, TeacherUnavailable
from .ledger import Spent
from .prices import AS_OF, Price

__all__ = ["Budget"]

_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([kM]?)\s*(|USD|tokens|s|min|h)")
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_SCALE = {"": 1, "k": 1000, "M": 1_000_000}


@dataclass(frozen=True)
class Budget:
    """Limits of a run; None is no limit. Dollars and tokens count what the run has spent before, time does not."""

    usd: float | None = None
    tokens: float | None = None
    seconds: float | None = None
    begun: float = field(default_factory=time.time)

    @classmethod
    def parse(cls, text: str) -> Budget:
        """Read "5" (dollars), "2Mtokens", "90min", or several of them set apart by commas; "" sets no limits.

        Raises:
            DeskgymError: it is none of them.
        """
        limits: dict[str, float] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            found = _PART.fullmatch(part.removeprefix("$"))
            if not found or (found[2] and found[3] != "tokens"):
                raise DeskgymError(f"a budget is written 5 (dollars), 2Mtokens, 90min or 5,90min, not {text!r}")
            amount, unit = float(found[1]) * _SCALE[found[2]], found[3]
            if unit in _SECONDS:
                limits["seconds"] = amount * _SECONDS[unit]
            else:
                limits["tokens" if unit == "tokens" else "usd"] = amount
        return cls(**limits)

    def check_price(self, model: str, price: Price | None) -> None:
        """Refuse a limit in dollars where dollars cannot be counted.

        Raises:
            TeacherUnavailable: the model has no known price.
        """
        if self.usd is not None and price is None:
            raise TeacherUnavailable(
                f"the price of {model} is not known (list of {AS_OF}), so that a budget in dollars cannot be kept:"
                " name it in the file of DESKGYM_PRICES, or set the budget in tokens"
            )

    def check_counted(self, model: str, counted: bool) -> None:
        """Refuse a limit that cannot be kept because a service does not count.

        Raises:
            TeacherUnavailable: it does not, and there is a limit in dollars or tokens.
        """
        if not counted and (self.usd is not None or self.tokens is not None):
            raise TeacherUnavailable(f"the service of {model} counts no tokens, so that only time can be its budget")

    def check(self, spent: Spent) -> None:
        """Whether one more question may be asked.

        Raises:
            BudgetSpent: a limit is reached.
        """
        if self.usd is not None and spent.usd >= self.usd:
            raise BudgetSpent(f"the budget of ${self.usd:g} is spent (${spent.usd:.2f}); go on with a larger --budget")
        if self.tokens is not None and spent.tokens >= self.tokens:
            raise BudgetSpent(
                f"the budget of {self.tokens:,.0f} tokens is spent ({spent.tokens:,}); go on with a larger --budget"
            )
        if self.seconds is not None and time.time() - self.begun >= self.seconds:
            raise BudgetSpent(f"the budget of {self.seconds:g} seconds is spent; the same command goes on")
