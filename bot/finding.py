"""What a look at a platform or at this installation found, one line each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One line for the operator. `state` is 'ok', 'off' or 'PROBLEM'."""

    state: str
    text: str

    def __str__(self) -> str:
        return f"{self.state:<8} {self.text}"
