"""Handing chairs over to a colleague: begun by the one, accepted chair by chair by the other, and ended.

Whoever comes here locks the hand-over first, then watch rows in their fixed order, then the session.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from clinic import audit
from clinic.access import MAY, Act, Principal, check
from clinic.models import Clinic, Membership
from clinic.refusals import Invalid, NotAllowed, NotFound
from sessions import ledger_queries
from vitals import hand_over as rules
from vitals.covering import HandingOver
from vitals.flag_changes import FlagChange
from vitals.hand_over import Begun, DrugCount, End, Place
from vitals.models import HandOver, HandOverChair, Watch
from vitals.panel import Panel, decode
from vitals.services import acts, claims
from vitals.services.flag_rows import the_rules
from vitals.services.panels import change_panels
from vitals.services.shift_times import times_of

NOT_ACCEPTED = "hand-over not accepted"


def begin(*, by: Principal, to_id: UUID, at: datetime) -> tuple[HandOver, bool]:
    """Offer all one's chairs to a colleague. Begun twice to the same one, it is one.

    returns: the hand-over, and whether it is new.
    raises:  AccessDenied; NotFound for nobody of the clinic; Invalid for oneself or a role without care;
             NotAllowed without chairs, while another is open, or while one covers a colleague's chair.
    """
    check(by, Act.HAND_OVER)
    from_id = _person(by)
    to = _colleague(by, to_id)
    held = _open_of(by.clinic_id, from_id)
    if held is not None:
        return _same(held, to_id), False
    panels = _panels(by.clinic_id)
    _check_covers_nobody(panels, from_id)
    own = [panel for panel in panels if panel.nurse_id == from_id]
    if not own:
        raise NotAllowed("You have no chair to hand over.", missing=["a chair that is yours"])
    try:
        with transaction.atomic():
            row = _begun(by, from_id, to, own, at)
    except IntegrityError as error:
        held = _open_of(by.clinic_id, from_id)
        if "hand_over_open_once" not in str(error) or held is None:
            raise
        return _same(held, to_id), False
    return row, True


def _begun(by: Principal, from_id: UUID, to: Membership, own: Sequence[Panel], at: datetime) -> HandOver:
    row = HandOver.objects.create(
        clinic_id=by.clinic_id,
        from_user_id=from_id,
        from_name=by.name,
        to_user_id=to.user_id,
        to_name=to.user.shown_name(),
        station=by.station,
        began_at=at,
        ends_by=at + timedelta(minutes=times_of(by.clinic_id).hand_over_min),
    )
    HandOverChair.objects.bulk_create(
        HandOverChair(hand_over=row, session_id=panel.session, position=position, chair=_chair(panel))
        for position, panel in enumerate(own)
    )
    offered = HandingOver(id=row.id, to=row.to_name, to_id=row.to_user_id, began_at=at)

    def offer(panel: Panel) -> Sequence[FlagChange]:
        panel.hand_over = offered
        return ()

    change_panels([panel.session for panel in own], offer, at=at)
    _audit(row, by, Act.HAND_OVER, to=str(row.to_user_id), sessions=[str(panel.session) for panel in own])
    return row


def accept(*, by: Principal, hand_over_id: UUID, session_id: UUID, seen: str | None, at: datetime) -> None:
    """Take one chair over: the session's nurse, the flags in hand, and an entry in its record.

    seen: the name of the chair that was looked at; None: the one it had when the hand-over began.
    raises: AccessDenied; NotFound; NotAllowed when somebody else asks, when it is too late, or when the
            patient sits elsewhere by now.
    """
    check(by, Act.HAND_OVER)
    to_id = _person(by)
    with transaction.atomic():
        row = _locked(by.clinic_id, hand_over_id)
        chair = row.chairs.filter(session_id=session_id).first()
        if chair is None:
            raise NotFound
        watch = Watch.objects.select_for_update().get(pk=session_id)
        place = _place(row, chair, decode(watch.panel), is_open=watch.is_open)
        refused = rules.why_not_accept(begun(row), place, user_id=to_id, station=by.station, seen=seen)
        if refused is not None:
            raise NotAllowed(refused)

        def take(panel: Panel) -> Sequence[FlagChange]:
            panel.hand_over = None
            return rules.pass_claims(
                panel,
                from_id=row.from_user_id,
                from_name=row.from_name,
                to_id=to_id,
                to_name=by.name,
                at=at,
            )

        passed = change_panels([session_id], take, at=at)
        acts.act(
            by=by,
            session_id=session_id,
            name="hand-over",
            at=at,
            recorded_at=at,
            details={
                "hand_over": str(row.id),
                "from": row.from_name,
                "from_id": str(row.from_user_id),
                "flags": len(passed.get(session_id, ())),
            },
        )
        chair.accepted_at = at
        chair.save(update_fields=["accepted_at"])


def finish(*, by: Principal, hand_over_id: UUID, no_drugs: str, at: datetime) -> HandOver:
    """End it, by either of the two. What was not accepted stays, and its flags in hand ask again.

    no_drugs: why there is no controlled drug to count; taken only where the register holds none.
    raises: AccessDenied; NotFound; NotAllowed for others, twice, or while a count is missing.
    """
    check(by, Act.HAND_OVER)
    with transaction.atomic():
        row = _locked(by.clinic_id, hand_over_id)
        refused = rules.why_not_finish(begun(row), user_id=by.user_id)
        if refused is not None:
            raise NotAllowed(refused)
        row.no_drugs = _check_count(row, no_drugs.strip())
        _end(row, End.FINISHED, by=by, at=at)
    return row


def cancel(*, by: Principal, hand_over_id: UUID, at: datetime) -> HandOver:
    """Take the offer back, before any chair was accepted: everything stays as it was.

    raises: AccessDenied; NotFound; NotAllowed for others, twice, or once a chair was accepted.
    """
    check(by, Act.HAND_OVER)
    with transaction.atomic():
        row = _locked(by.clinic_id, hand_over_id)
        accepted = row.chairs.filter(accepted_at__isnull=False).count()
        refused = rules.why_not_cancel(begun(row), user_id=by.user_id, accepted=accepted)
        if refused is not None:
            raise NotAllowed(refused)
        _end(row, End.CANCELLED, by=by, at=at)
    return row


def end_overdue(*, at: datetime) -> int:
    """End the hand-overs that nobody finished in time, for ``manage.py watch``. Returns how many."""
    ended = 0
    while True:
        with transaction.atomic():
            row = (
                HandOver.objects.select_for_update(skip_locked=True)
                .filter(ended_at__isnull=True, ends_by__lte=at)
                .order_by("ends_by")
                .first()
            )
            if row is None:
                return ended
            _end(row, End.TIMED_OUT, by=the_rules(row.clinic_id), at=at)
        ended += 1


def begun(row: HandOver) -> Begun:
    """A hand-over as the rules look at it."""
    return Begun(
        from_id=row.from_user_id,
        from_name=row.from_name,
        to_id=row.to_user_id,
        to_name=row.to_name,
        station=row.station,
        ended=_ended_words(row),
    )


def _ended_words(row: HandOver) -> str:
    if row.ended_at is None:
        return ""
    by = "" if row.end == End.TIMED_OUT else f" by {row.ended_by}"
    return f"This hand-over {_past(row.end)} at {_clock(row.clinic_id, row.ended_at)}{by}."


def _past(end: str) -> str:
    return "timed out" if end == End.TIMED_OUT else f"was {end}"


def _place(row: HandOver, chair: HandOverChair, panel: Panel, *, is_open: bool) -> Place:
    accepted = _clock(row.clinic_id, chair.accepted_at) if chair.accepted_at else ""
    return Place(
        offered=chair.chair,
        chair=_chair(panel),
        accepted=accepted,
        is_open=is_open,
        nurse_id=panel.nurse_id,
        nurse=panel.nurse or "",
    )


def _end(row: HandOver, end: End, *, by: Principal, at: datetime) -> None:
    """Close the row; unless it was cancelled, what its nurse still has in hand asks for somebody again."""
    left = list(row.chairs.filter(accepted_at__isnull=True))
    elsewhere: list[UUID] = []
    if end is not End.CANCELLED:
        elsewhere = [flag.session_id for flag in claims.held_by(row.clinic_id, row.from_user_id)]

    def let_go(panel: Panel) -> Sequence[FlagChange] | None:
        was_offered = panel.hand_over is not None and panel.hand_over.id == row.id
        if was_offered:
            panel.hand_over = None
        if end is End.CANCELLED:
            return () if was_offered else None
        reopened = rules.reopen_claims(panel, {row.from_user_id}, at=at, cause=NOT_ACCEPTED)
        return reopened if reopened or was_offered else None

    changed = change_panels({*(chair.session_id for chair in left), *elsewhere}, let_go, at=at)
    for chair in left:
        chair.reopened = len(changed.get(chair.session_id, ()))
    HandOverChair.objects.bulk_update(left, ["reopened"])
    row.ended_at, row.ended_by, row.end = at, by.name, end.value
    row.save(update_fields=["ended_at", "ended_by", "end", "no_drugs"])
    _audit(
        row,
        by,
        f"hand-over-{end.value.replace(' ', '-')}",
        not_accepted=[str(chair.session_id) for chair in left],
        reopened=sum(len(happened) for happened in changed.values()),
        no_drugs=row.no_drugs,
    )


def drug_count(clinic_id: int, since: datetime) -> DrugCount:
    """What was counted of the register from this moment on, and what it holds that was not."""
    counted = ledger_queries.counted_since(clinic_id, since)
    held = [one.item for one in ledger_queries.holdings(clinic_id)]
    return DrugCount(len(counted), tuple(item.label for item in held if item.id not in counted))


def _check_count(row: HandOver, no_drugs: str) -> str:
    """The reason to keep, empty where drugs were counted. raises: NotAllowed naming what was not counted."""
    count = drug_count(row.clinic_id, row.began_at)
    if count.is_done:
        return ""
    if not count.asks_why_none:
        since = _clock(row.clinic_id, row.began_at)
        raise NotAllowed(
            f"The controlled drugs are counted with every hand-over, from {since} on.",
            missing=[f"a count of {label}" for label in count.uncounted],
        )
    if not no_drugs:
        raise NotAllowed(
            "The register holds no controlled drug. Say why there is nothing to count.",
            field="no_drugs",
        )
    return no_drugs


def _check_covers_nobody(panels: Iterable[Panel], user_id: UUID) -> None:
    """Who stands in for a colleague would leave that chair to nobody."""
    for panel in panels:
        if panel.cover is not None and panel.cover.taken_by_id == user_id:
            chair = _chair(panel)
            raise NotAllowed(
                f"You cover {rules.named(chair).lower()} for {panel.cover.asked_by}: end that cover first.",
                missing=[f"the end of your cover at chair {chair}"],
            )


def _panels(clinic_id: int) -> list[Panel]:
    """The panels of the clinic's open sessions, by chair in the clinic's order."""
    rows = Watch.objects.filter(clinic_id=clinic_id, is_open=True).order_by("chair__position", "session_id")
    return [decode(text) for text in rows.values_list("panel", flat=True)]


def _chair(panel: Panel) -> str:
    return panel.chair.name if panel.chair else ""


def _person(by: Principal) -> UUID:
    assert by.user_id is not None, "only people's roles are named for a hand-over"  # noqa: S101
    return by.user_id


def _colleague(by: Principal, to_id: UUID) -> Membership:
    found = (
        Membership.objects.select_related("user")
        .filter(clinic_id=by.clinic_id, user_id=to_id, ended_at__isnull=True, user__is_active=True)
        .first()
    )
    if found is None:
        raise NotFound
    if to_id == by.user_id:
        raise Invalid("Chairs are handed over to a colleague, not to oneself.", field="to")
    if found.role not in {role.value for role in MAY[Act.HAND_OVER]}:
        raise Invalid(f"{found.user.shown_name()} gives no care here: choose a nurse.", field="to")
    return found


def _open_of(clinic_id: int, user_id: UUID) -> HandOver | None:
    return HandOver.objects.filter(clinic_id=clinic_id, from_user_id=user_id, ended_at__isnull=True).first()


def _same(held: HandOver, to_id: UUID) -> HandOver:
    """The one that is open, when it is to the same colleague. raises: NotAllowed."""
    if held.to_user_id == to_id:
        return held
    since = _clock(held.clinic_id, held.began_at)
    raise NotAllowed(
        f"You began a hand-over to {held.to_name} at {since}: finish or cancel it first.",
        missing=["the end of the one that is open"],
    )


def _locked(clinic_id: int, hand_over_id: UUID) -> HandOver:
    row = HandOver.objects.select_for_update().filter(clinic_id=clinic_id, pk=hand_over_id).first()
    if row is None:
        raise NotFound
    return row


def _clock(clinic_id: int, at: datetime) -> str:
    return f"{at.astimezone(Clinic.objects.get(pk=clinic_id).zone):%H:%M}"


def _audit(row: HandOver, by: Principal, act: str, **details: Any) -> None:
    audit.record([audit.Entry(by=by, act=act, subject="hand-over", subject_id=str(row.id), details=details)])
