"""What there is to say of the time of a session: what fits into it, and how well plans held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from SAIMCore.campaign.time_plan import TimePlan

if TYPE_CHECKING:
    from SAIMCore.campaign.queue import QueueRow

__all__ = ["minutes_text", "told_plans", "what_fits", "what_was_held"]

# From so many minutes on nobody asks for tenths.
WHOLE_MINUTES = 10
# So many sessions are told of in sentences; tables have them all.
TOLD = 5


def minutes_text(minutes: float) -> str:
    """A time in minutes, as exact as it matters."""
    return f"{minutes:.0f} min" if minutes >= WHOLE_MINUTES else f"{minutes:.1f} min"


def what_fits(rows: Sequence[QueueRow], minutes: float | None, spent: float) -> str:
    """How far a session of so many ``minutes`` goes, ``spent`` of which are over.

    rows: the queue, with what fits marked (see ``in_order``). "" where its time is not limited.
    """
    pool = [row for row in rows if row.in_pool]
    if minutes is None or not pool:
        return ""
    if any(row.within_budget is None for row in pool):
        return "which series fit cannot be said before some were annotated"
    fitting = [row.minutes_left or 0.0 for row in pool if row.within_budget]
    left = max(0.0, minutes - spent)
    time = f"the {minutes_text(left)} left" if spent else minutes_text(minutes)
    if sum(fitting) > left:
        # A session begins with one series in any case.
        return f"no series fits into {time}; the first one takes about {minutes_text(fitting[0])}"
    count = f"{len(fitting)} of {len(pool)} series {'fits' if len(fitting) == 1 else 'fit'}"
    needed = f", taking about {minutes_text(sum(fitting))}" if fitting else ""
    return f"{count} into {time}{needed}"


def told_plans(plans: Sequence[TimePlan]) -> list[str]:
    """A sentence for each of the latest sessions, the latest one first."""
    return [
        # Nobody reads the seconds of a time.
        f"{plan.began[:16].replace('T', ' ')} (UTC), {plan.order}: {what_was_held(plan)}"
        for plan in plans[: -TOLD - 1 : -1]
    ]


def what_was_held(plan: TimePlan | None) -> str:
    """How well ``plan`` held: what was accepted of it, and what that took.

    "" as long as nothing was done under it.
    """
    if plan is None or not plan.begun:
        return ""
    planned, accepted = plan.planned, [entry for entry in plan.planned if entry.accepted]
    sentence = (
        f"{len(accepted)} of {len(planned)} planned series accepted after "
        f"{minutes_text(plan.measured_minutes)} of {minutes_text(plan.minutes)}"
    )
    others = len(plan.accepted) - len(accepted)
    if others:
        sentence += f", and {others} that {'was' if others == 1 else 'were'} not planned"
    held = plan.held
    if held is None:
        return sentence
    predicted, measured = held
    sentence += f"; expected {minutes_text(predicted)}, took {minutes_text(measured)}"
    if not predicted:
        return sentence
    off = round(100 * (measured / predicted - 1))
    verdict = f"{abs(off)} % {'more' if off > 0 else 'less'}" if off else "as planned"
    return f"{sentence} ({verdict})"
