"""What becomes of three conditions of one session, as a model a person can hold in mind.

It is written from the rules' own page and shares no line with the product. Times in seconds. A condition is a
vital and the values at which it is medium or high, at once or by the next measurement.
"""

from dataclasses import dataclass, field

RANK = {"": 0, "medium": 1, "high": 2}


@dataclass(frozen=True)
class Limits:
    """sign: +1 where high values are outside. once: high at once. high, medium: by a second measurement."""

    sign: int
    once: float
    high: float | None
    medium: float
    inside_by: float
    worse_by: float
    recheck: int

    def level(self, value, *, at_once=False):
        def beyond(limit):
            return limit is not None and self.sign * (value - limit) >= 0

        if beyond(self.once):
            return "high"
        if at_once:
            return ""
        return "high" if beyond(self.high) else "medium" if beyond(self.medium) else ""

    def holds(self, value, level):
        """Not yet far enough inside the limit that the flag was raised by."""
        limit = (
            self.once
            if level == "high" and self.high is None
            else self.high
            if level == "high"
            else self.medium
        )
        return self.sign * (value - limit) > -self.inside_by


@dataclass
class Condition:
    """The one flag of a condition, or none: ``state`` is empty then."""

    limits: Limits
    state: str = ""
    level: str = ""
    was_high: bool = False
    high_taken: bool = False
    taken_at: float = 0
    newest: tuple[float, float] | None = None
    # level → (when the measurement that counts was taken, when it is raised without another)
    waiting: dict[str, tuple[float, float]] = field(default_factory=dict)
    paused_until: float | None = None
    raised_by: float = 0
    story: list[tuple[str, str]] = field(default_factory=list)

    def _becomes(self, state, level):
        if (state, level) != (self.state, self.level) and (self.state, state) != ("", ""):
            self.story.append((state, level))
        self.state, self.level = ("", "") if state == "resolved" else (state, level)
        if state == "resolved":
            self.was_high = self.high_taken = False
            self.waiting, self.paused_until = {}, None

    def _raise(self, level):
        self.waiting = {name: one for name, one in self.waiting.items() if RANK[name] > RANK[level]}
        if level == "high" or not self.was_high:
            self.high_taken = False
        self.was_high |= level == "high"
        self.paused_until = None
        self._becomes("active", level)

    def measured(self, at, value):
        """A live measurement, newer than the one before."""
        again = self.newest is not None and at == self.newest[0]
        self.newest = (at, value)
        self._follow(at, value, counts=not again)

    def limits_are(self, limits, at):
        """Other limits from now on: the newest value is held against them, and is no other measurement."""
        self.limits = limits
        if self.newest is not None:
            self._follow(at, self.newest[1], counts=None)

    def _follow(self, at, value, *, counts):
        has = self.level if self.state not in {"", "pending", "latched"} else ""
        reached = ""
        for level in ("medium", "high"):
            if RANK[self.limits.level(value)] < RANK[level]:
                self.waiting.pop(level, None)
            elif RANK[level] <= RANK[has] or RANK[self.limits.level(value, at_once=True)] >= RANK[level]:
                self.waiting.pop(level, None)
                reached = level
            elif level in self.waiting and counts is None:
                continue
            elif level not in self.waiting or at - self.waiting[level][0] > 1200:
                self.waiting[level] = (at, at + self.limits.recheck + 120)
            elif counts and at - self.waiting[level][0] >= 60:
                del self.waiting[level]
                reached = level
        if RANK[reached] > RANK[has] or (self.state == "latched" and reached):
            self._raise(reached)
        elif has and RANK[reached] < RANK[has]:
            self._ease(value, reached)
        elif (
            self.state == "acknowledged"
            and self.limits.sign * (value - self.taken_at) >= self.limits.worse_by
        ):
            self._raise(reached)
        elif self.state in {"", "pending"} and not has:
            level = max(self.waiting, key=RANK.__getitem__, default="")
            if level:
                self._becomes("pending", level)
            elif self.state:
                self._becomes("resolved", self.level)

    def _is_worse(self, value):
        return self.limits.sign * (value - self.taken_at) >= self.limits.worse_by

    def _ease(self, value, reached):
        if self.limits.inside_by and self.limits.holds(value, self.level):
            return
        if reached:
            self._becomes(self.state, reached)
        elif self.was_high and not self.high_taken:
            self.waiting, self.paused_until = {}, None
            self._becomes("latched", "high")
        else:
            self._becomes("resolved", self.level)

    def passes(self, at):
        """Time has come to here, with the watch at work."""
        if self.paused_until is not None and self.paused_until <= at:
            self._raise(self.level)
        late = [level for level, (_, unless) in self.waiting.items() if unless <= at]
        if late:
            self._raise(max(late, key=RANK.__getitem__))

    def taken(self, value):
        self.taken_at, self.high_taken, self.paused_until = value, True, None
        if self.state == "latched" and self.waiting:
            # seen; and outside again, which waits for its second measurement
            self.was_high = self.high_taken = False
            self._becomes("pending", max(self.waiting, key=RANK.__getitem__))
        else:
            self._becomes("resolved" if self.state == "latched" else "acknowledged", self.level)

    def paused(self, until):
        self.paused_until = until
        self._becomes("audio_paused", self.level)

    def reopened(self):
        self._becomes("active", self.level)
