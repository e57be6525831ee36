"""Reads for the hand-over page: what is offered, by whom to whom, and how each chair stands now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from clinic.access import MAY, Act, Principal
from clinic.models import Membership
from clinic.refusals import NotFound
from sessions import dosing, ledger_queries, symptoms
from sessions import queries as treatments
from sessions.dosing import Dose
from sessions.ledger import Movement
from sessions.models import Session
from sessions.services import wording
from vitals import hand_over as rules
from vitals.hand_over import DrugCount
from vitals.models import Flag, HandOver, HandOverChair, Watch
from vitals.panel import Panel, decode
from vitals.services import claims
from vitals.services.hand_over import begun, drug_count

# what ended is shown for as long as somebody may come back to it in the same shift
ENDED_SINCE = timedelta(hours=12)
AT_MOST = 20
SIGNED_IN_WITHIN = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class ChairView:
    """One chair as the incoming nurse has to know it. ``symptoms``: those not gone, in words."""

    session: Session
    panel: Panel
    is_open: bool
    dose: Dose
    symptoms: Sequence[str]


@dataclass(frozen=True, slots=True)
class OfferedChair:
    """A chair of a hand-over: what was offered, what became of it, and how it stands now."""

    offered: HandOverChair
    now: ChairView


@dataclass(frozen=True, slots=True)
class HandOverView:
    """A hand-over as its page shows it to one person.

    last_count: of a controlled drug, whenever it was.
    elsewhere:  flags the outgoing nurse has in hand at chairs that are not hers.
    """

    row: HandOver
    chairs: Sequence[OfferedChair]
    drugs: DrugCount
    last_count: Movement | None
    elsewhere: Sequence[Flag]
    why_not_finish: str | None
    why_not_cancel: str | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody to hand over to. ``here``: signed in lately, or has a chair."""

    user_id: UUID
    name: str
    role: str
    here: bool


def hand_overs(by: Principal, *, at: datetime) -> list[HandOverView]:
    """The clinic's open hand-overs, and what ended lately, newest first."""
    rows = HandOver.objects.filter(clinic_id=by.clinic_id).order_by("-began_at")
    recent = [row for row in rows[:AT_MOST] if row.ended_at is None or row.ended_at > at - ENDED_SINCE]
    return [_view(row, by) for row in recent]


def hand_over(by: Principal, hand_over_id: UUID) -> HandOverView:
    """One hand-over of the clinic. raises: NotFound."""
    row = HandOver.objects.filter(clinic_id=by.clinic_id, pk=hand_over_id).first()
    if row is None:
        raise NotFound
    return _view(row, by)


def offered_to(by: Principal) -> int:
    """How many chairs wait for this person to accept them."""
    return HandOverChair.objects.filter(
        hand_over__clinic_id=by.clinic_id,
        hand_over__to_user_id=by.user_id,
        hand_over__ended_at__isnull=True,
        accepted_at__isnull=True,
    ).count()


def own_chairs(by: Principal) -> list[ChairView]:
    """The chairs that this person would hand over now, in the clinic's order."""
    return chairs(
        Watch.objects.filter(clinic_id=by.clinic_id, is_open=True, session__nurse_id=by.user_id)
        .order_by("chair__position", "session_id")
        .values_list("session_id", flat=True)
    )


def colleagues(by: Principal, *, real_now: datetime) -> list[Colleague]:
    """Everybody else who gives care in the clinic: first those who are here, by name.

    real_now: sign-in runs on the wall's clock, whatever a demo shows.
    """
    rows = Membership.objects.select_related("user").filter(
        clinic_id=by.clinic_id,
        ended_at__isnull=True,
        user__is_active=True,
        role__in=[role.value for role in MAY[Act.HAND_OVER]],
    )
    with_chairs = set(
        Watch.objects.filter(clinic_id=by.clinic_id, is_open=True).values_list("session__nurse_id", flat=True)
    )
    found = [
        Colleague(
            row.user_id,
            row.user.shown_name(),
            row.get_role_display(),
            row.user_id in with_chairs
            or (row.user.last_login is not None and row.user.last_login > real_now - SIGNED_IN_WITHIN),
        )
        for row in rows
        if row.user_id != by.user_id
    ]
    return sorted(found, key=lambda one: (not one.here, one.name))


def _view(row: HandOver, by: Principal) -> HandOverView:
    offered = list(row.chairs.order_by("position"))
    now = {view.session.id: view for view in chairs([chair.session_id for chair in offered])}
    accepted = sum(1 for chair in offered if chair.accepted_at)
    own = {chair.session_id for chair in offered}
    held = claims.held_by(row.clinic_id, row.from_user_id) if row.ended_at is None else []
    return HandOverView(
        row=row,
        chairs=[OfferedChair(chair, now[chair.session_id]) for chair in offered],
        drugs=drug_count(row.clinic_id, row.began_at),
        last_count=ledger_queries.last_count(row.clinic_id),
        elsewhere=[flag for flag in held if flag.session_id not in own],
        why_not_finish=rules.why_not_finish(begun(row), user_id=by.user_id),
        why_not_cancel=rules.why_not_cancel(begun(row), user_id=by.user_id, accepted=accepted),
    )


def chairs(session_ids: Iterable[UUID]) -> list[ChairView]:
    """How these sessions stand, in the order given. The caller has chosen them within the clinic."""
    wanted = list(session_ids)
    watches = Watch.objects.select_related("session__patient", "session__protocol", "session__chair").in_bulk(
        wanted
    )
    return [_chair(watches[id_]) for id_ in wanted]


def _chair(watch: Watch) -> ChairView:
    session = watch.session
    entries = treatments.entries(session.id)
    chips = wording.chips(session.clinic_id)
    return ChairView(
        session=session,
        panel=decode(watch.panel),
        is_open=watch.is_open,
        dose=dosing.dose_of(entries, treatments.rules_of(session.protocol_id)),
        symptoms=[
            ", ".join(filter(None, (symptoms.words_of(one.code, chips), one.severity)))
            for one in symptoms.episodes(entries)
            if one.is_open
        ],
    )
