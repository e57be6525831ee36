"""Reads of the check-ins after a session, as the supervisor's page and the API show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic.models import Patient
from clinic.refusals import NotFound
from sessions import follow_up
from sessions.follow_up import NEEDS_SOMEONE, Standing
from sessions.models import FollowUp, FollowUpAnswer, FollowUpReview

# what was closed longer ago than this is read on the course, not on the page
SHOWN_FOR = timedelta(days=14)
AT_MOST = 500


@dataclass(frozen=True, slots=True)
class FollowUpView:
    """One check-in with its answer and the reviews of it, newest first."""

    row: FollowUp
    standing: Standing
    answer: FollowUpAnswer | None
    reviews: tuple[FollowUpReview, ...]

    @property
    def patient(self) -> Patient:
        return self.row.session.patient

    @property
    def words(self) -> str:
        return follow_up.BY_KIND[self.row.kind].words

    @property
    def answers(self) -> list[tuple[str, str]]:
        return follow_up.in_words(self.answer.answers) if self.answer else []

    @property
    def needs_someone(self) -> bool:
        return self.standing in NEEDS_SOMEONE

    @property
    def is_open(self) -> bool:
        """True until it is answered without a worry, or reviewed."""
        return self.standing not in {Standing.ANSWERED, Standing.REVIEWED}

    @property
    def can_be_sent_again(self) -> bool:
        return self.answer is None and self.standing in {
            Standing.OVERDUE,
            Standing.UNREACHED,
            Standing.WAITING,
        }

    @property
    def look(self) -> str:
        """The state whose colour, icon and edge it takes on a screen."""
        if self.standing is Standing.WORRYING:
            return "high" if self.answer and self.answer.answers.get(follow_up.HARM) else "medium"
        return "technical" if self.needs_someone else "plain"


def follow_ups(clinic_id: int, *, at: datetime) -> list[FollowUpView]:
    """The clinic's check-ins of late, and older ones nobody looked at: what needs someone first."""
    unseen = ~Exists(FollowUpReview.objects.filter(follow_up=OuterRef("pk")))
    open_ = Q(answer__isnull=True) | ~Q(answer__worries=[])
    rows = FollowUp.objects.filter(
        Q(due_at__gte=at - SHOWN_FOR) | (Q(unseen) & open_), clinic_id=clinic_id
    ).order_by("-due_at", "id")
    views = [_view(row, at) for row in _with_all(rows)[:AT_MOST]]
    order = {standing: place for place, standing in enumerate(Standing)}
    return sorted(views, key=lambda view: (order[view.standing], view.look != "high"))


def one(clinic_id: int, follow_up_id: UUID, *, at: datetime) -> FollowUpView:
    """One check-in of the clinic. raises: NotFound."""
    for row in _with_all(FollowUp.objects.filter(clinic_id=clinic_id, pk=follow_up_id)):
        return _view(row, at)
    raise NotFound


def waiting_for_someone(views: Iterable[FollowUpView]) -> int:
    return sum(1 for view in views if view.needs_someone)


def _with_all(rows: QuerySet[FollowUp]) -> QuerySet[FollowUp]:
    return rows.select_related("session__patient", "answer").prefetch_related("reviews")


def _view(row: FollowUp, at: datetime) -> FollowUpView:
    answer: FollowUpAnswer | None = getattr(row, "answer", None)
    reviews = tuple(sorted(row.reviews.all(), key=lambda review: review.at, reverse=True))
    standing = follow_up.standing(
        due_at=row.due_at,
        sent_at=row.sent_at,
        trouble=row.trouble,
        answered_at=answer.answered_at if answer else None,
        worries=answer.worries if answer else (),
        reviewed_at=reviews[0].at if reviews else None,
        at=at,
    )
    return FollowUpView(row, standing, answer, reviews)
