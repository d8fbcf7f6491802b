"""What a look at the servers found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was looked at: where, whether it is good, and a sentence."""

    where: str
    good: bool
    text: str

    def __str__(self) -> str:
        return f"{'good' if self.good else 'MEND'}  {self.where}: {self.text}"
