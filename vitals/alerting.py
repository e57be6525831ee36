"""Reads of what leaves the house for a flag; each begins with the clinic."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings as django_settings
from django.db.models import Count, QuerySet

from clinic import queries as ground
from clinic.models import Clinic, Membership, MembershipRole
from clinic.refusals import NotFound
from sessions import day, day_queries
from sessions import queries as treatments
from vitals import covering
from vitals.limits import Audience
from vitals.models import AlertingSwitch, AlertTarget, LimitSet, Notification, Watch
from vitals.notices import OUTSIDE, Channel, State
from vitals.panel import decode
from vitals.services.limit_sets import current_limit_set_id

SHOWN = 200
# only who gives care may have notifications of their own
CARE = (MembershipRole.NURSE, MembershipRole.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Switch:
    """How a channel of a clinic was last switched, by whom, and the warning that was accepted."""

    is_on: bool
    at: datetime
    by_name: str
    warning: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What a clinic switched on, and whether it counts.

    unsigned: limits in use that nobody has signed. While there is one, nothing rings and nothing leaves.
    """

    switches: Mapping[Channel, Switch]
    unsigned: tuple[str, ...] = ()

    def is_on(self, channel: Channel) -> bool:
        """True when the channel is switched on; `allows` says whether it may be used."""
        switch = self.switches.get(channel)
        return switch is not None and switch.is_on

    def allows(self, channel: Channel) -> bool:
        return self.is_on(channel) and not self.unsigned

    @property
    def sound_allowed(self) -> bool:
        return self.allows(Channel.SOUND)

    @property
    def outside(self) -> tuple[Channel, ...]:
        """The channels by which something may leave the house now."""
        return tuple(channel for channel in OUTSIDE if self.allows(channel))


def settings(clinic_id: int) -> Settings:
    """How the clinic's alerting stands now."""
    rows = AlertingSwitch.objects.filter(clinic_id=clinic_id).order_by("channel", "-id").distinct("channel")
    switches = {Channel(row.channel): Switch(row.is_on, row.at, row.by_name, row.warning) for row in rows}
    any_on = any(switch.is_on for switch in switches.values())
    return Settings(switches, unsigned(clinic_id) if any_on else ())


def unsigned(clinic_id: int) -> tuple[str, ...]:
    """The limits in use that nobody has signed, in words; one for each protocol without any."""
    found = []
    for protocol in treatments.current_protocols(clinic_id):
        try:
            row = LimitSet.objects.get(pk=current_limit_set_id(clinic_id, protocol.code))
        except LookupError:
            found.append(f"{protocol.name}: there are no limits")
            continue
        if row.reviewed_on is None:
            found.append(f"{protocol.name}: version {row.version} of the limits is signed by nobody")
    return tuple(found)


def runs_on_signed_limits(session_id: UUID) -> bool:
    """A session keeps the limits it began with, and those may be older than the first signature."""
    return Watch.objects.filter(session_id=session_id, limit_set__reviewed_on__isnull=False).exists()


# --- who is told


def targets(
    clinic_id: int, audience: Audience, *, session_id: UUID, channels: Collection[Channel], at: datetime
) -> list[AlertTarget]:
    """Where a notification for this audience goes now. Every webhook is told of everything.

    A supervisor on duty who has nowhere to be reached is stood in for by all supervisors.
    """
    live = _live_targets(clinic_id).filter(channel__in=channels)
    personal = _of_people(live, _people(clinic_id, audience, session_id, at))
    if audience is Audience.ON_DUTY and not personal:
        personal = _of_people(live, _people(clinic_id, Audience.SUPERVISORS, session_id, at))
    return [*personal, *live.filter(channel=Channel.WEBHOOK)]


def _live_targets(clinic_id: int) -> QuerySet[AlertTarget]:
    return AlertTarget.objects.filter(clinic_id=clinic_id, ended_at__isnull=True).order_by("added_at", "id")


def _of_people(live: QuerySet[AlertTarget], people: Collection[UUID]) -> list[AlertTarget]:
    return list(live.filter(user__in=people))


def _people(clinic_id: int, audience: Audience, session_id: UUID, at: datetime) -> set[UUID]:
    giving_care = _giving_care(clinic_id)
    if audience is Audience.SUPERVISORS:
        return set(giving_care.filter(role=MembershipRole.SUPERVISOR).values_list("user_id", flat=True))
    if audience is Audience.NURSE:
        watch = Watch.objects.filter(clinic_id=clinic_id, pk=session_id).first()
        panel = decode(watch.panel) if watch else None
        # who covers the chair is asked in the nurse's place
        asked = covering.asked_id(panel.nurse_id, panel.cover) if panel else None
        return set(giving_care.filter(user=asked).values_list("user_id", flat=True)) if asked else set()
    on_site = prescriber_on_site(clinic_id, at)
    return set(giving_care.filter(user=on_site).values_list("user_id", flat=True)) if on_site else set()


def _giving_care(clinic_id: int) -> QuerySet[Membership]:
    return Membership.objects.filter(
        clinic_id=clinic_id, ended_at__isnull=True, role__in=CARE, user__is_active=True
    )


def may_be_told(target: AlertTarget) -> bool:
    """False for somebody who no longer gives care in the clinic."""
    return target.user_id is None or _giving_care(target.clinic_id).filter(user=target.user_id).exists()


def prescriber_on_site(clinic_id: int, at: datetime) -> UUID | None:
    """Who today's newest opening of the day names as the prescriber on site; None when it names nobody."""
    clinic = Clinic.objects.get(pk=clinic_id)
    opened = day.day_state(day_queries.entries(clinic_id, day_queries.day_of(clinic, at).day), ()).opened
    said = opened.items.get(day.PRESCRIBER_ON_SITE, {}) if opened else {}
    return UUID(said["who"]) if said.get("who") else None


# --- what staff see


@dataclass(frozen=True, slots=True)
class TargetView:
    """Where notifications go. ``address`` is empty for a browser: its address is a key to it."""

    id: UUID
    channel: Channel
    name: str
    address: str
    user_id: UUID | None
    added_at: datetime
    added_by: str


def target_views(clinic_id: int) -> list[TargetView]:
    """Every live target of the clinic."""
    return [target_view(row) for row in _live_targets(clinic_id)]


def target_view(row: AlertTarget) -> TargetView:
    return TargetView(
        id=row.id,
        channel=Channel(row.channel),
        name=row.name,
        address="" if row.channel == Channel.PUSH else row.address,
        user_id=row.user_id,
        added_at=row.added_at,
        added_by=row.added_by,
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """One who gives care, and by what they are reached; by nothing when empty."""

    user_id: UUID
    name: str
    role: str
    channels: tuple[Channel, ...]


def reach(clinic_id: int, views: Sequence[TargetView]) -> list[Reach]:
    """Everybody who gives care in the clinic, and by what they are reached; supervisors first."""
    by_person: dict[UUID, set[Channel]] = defaultdict(set)
    for view in views:
        if view.user_id is not None:
            by_person[view.user_id].add(view.channel)
    care = {role.label for role in CARE}
    supervisor = MembershipRole.SUPERVISOR.label
    found = [
        Reach(
            one.user_id,
            one.name,
            one.role,
            tuple(channel for channel in OUTSIDE if channel in by_person[one.user_id]),
        )
        for one in ground.members(clinic_id)
        if one.role in care
    ]
    return sorted(found, key=lambda one: (one.role != supervisor, one.name))


@dataclass(frozen=True, slots=True)
class NotificationView:
    """One notification as staff see it: to whom, by what, for which flag, and how it stands."""

    id: UUID
    state: State
    channel: Channel
    to: str
    flag_id: UUID | None
    session_id: UUID | None
    chair: str
    priority: str
    step: int
    cause: str
    at: datetime
    made_at: datetime
    due_at: datetime
    settled_at: datetime | None
    attempts: int
    trouble: str

    @property
    def is_dead(self) -> bool:
        return self.state is State.DEAD

    @property
    def is_test(self) -> bool:
        return self.flag_id is None


def notifications(clinic_id: int, *states: State, at_most: int = SHOWN) -> list[NotificationView]:
    """The newest of the clinic's notifications, of these states or of all."""
    rows = Notification.objects.filter(clinic_id=clinic_id)
    if states:
        rows = rows.filter(state__in=states)
    rows = rows.select_related("target__user", "session__chair").order_by("-made_at", "id")
    return [_view(row) for row in rows[:at_most]]


def notification(clinic_id: int, notification_id: UUID) -> NotificationView:
    """One notification of the clinic. raises: NotFound."""
    rows = Notification.objects.filter(clinic_id=clinic_id, pk=notification_id)
    row = rows.select_related("target__user", "session__chair").first()
    if row is None:
        raise NotFound
    return _view(row)


def counts(clinic_id: int) -> Mapping[State, int]:
    """How many notifications the clinic has waiting, and how many are dead."""
    rows = Notification.objects.filter(clinic_id=clinic_id, state__in=[State.WAITING, State.DEAD])
    counted = {State(row["state"]): row["many"] for row in rows.values("state").annotate(many=Count("id"))}
    return {state: counted.get(state, 0) for state in (State.WAITING, State.DEAD)}


def _view(row: Notification) -> NotificationView:
    user, session = row.target.user, row.session
    return NotificationView(
        id=row.id,
        state=State(row.state),
        channel=Channel(row.target.channel),
        to=user.shown_name() if user else row.target.name,
        flag_id=row.flag_id,
        session_id=row.session_id,
        chair=session.chair.name if session and session.chair else "",
        priority=row.priority,
        step=row.step,
        cause=row.cause,
        at=row.at,
        made_at=row.made_at,
        due_at=row.due_at,
        settled_at=row.settled_at,
        attempts=row.attempts,
        trouble=row.trouble,
    )


def mail_is_printed() -> bool:
    """True where no mail server is named: e-mails are printed by the worker and reach nobody."""
    return str(django_settings.EMAIL_BACKEND).endswith(("console.EmailBackend", "dummy.EmailBackend"))
