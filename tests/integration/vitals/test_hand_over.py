"""Hand-overs and cover through services and API: what moves, what asks again, and what is refused."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from clinic import clock
from clinic.models import AuditEvent, Chair, Membership, User
from clinic.refusals import AccessDenied, Invalid, NotAllowed, NotFound
from clinic.tokens import principal_of_room
from sessions.ledger import Kind
from sessions.models import Session, SessionEvent
from sessions.services import ledger
from tests import builders
from vitals import hand_over_queries, queries, rooms
from vitals.models import Flag, LiveEvent, Watch
from vitals.panel import decode
from vitals.services import claims, flags, hand_over, shift_times, watch


@pytest.fixture
def began():
    return clock.now() - timedelta(minutes=20)


@pytest.fixture
def at(began):
    """A minute after the doses began; the hand-over is at minute 12."""
    return lambda minute: began + timedelta(minutes=minute)


@pytest.fixture
def nurse(cast):
    return replace(cast.nurse, station="tablet 1")


@pytest.fixture
def bea(cast):
    """The colleague of the next shift, on her own tablet."""
    return replace(builders.member(cast.clinic, "bea"), station="tablet 2")


@pytest.fixture
def chairs(cast, began):
    """Three chairs of the nurse, and one that is the supervisor's."""
    builders.dosing(cast.supervisor, cast.clinic, began, chair="9")
    return [builders.dosing(cast.nurse, cast.clinic, began, chair=name) for name in ("1", "2", "3")]


@pytest.fixture
def begun(cast, nurse, bea, chairs, at):
    return hand_over.begin(by=nurse, to_id=bea.user_id, at=at(12))[0]


def desaturated(cast, session, at, spo2=85):
    """A flag that is raised at once; returned as a row."""
    builders.record(builders.incoming(cast.gateway, session, at, spo2=spo2))
    return Flag.objects.get(session=session, resolved_at__isnull=True, condition="spo2-low")


def taken(by, flag, at):
    return flags.acknowledge(by=by, flag_id=flag.id, action="I'm on it", at=at)


def panel_of(session):
    return decode(Watch.objects.get(pk=session.id).panel)


def accept(by, begun, session, at, seen=None):
    hand_over.accept(by=by, hand_over_id=begun.id, session_id=session.id, seen=seen, at=at)


def finish(by, begun, at, no_drugs="The clinic keeps none here"):
    return hand_over.finish(by=by, hand_over_id=begun.id, no_drugs=no_drugs, at=at)


def vial(by, at, label="K-1"):
    return ledger.receive(
        by=by,
        at=at,
        recorded_at=at,
        product_code="ketamine-50",
        label=label,
        lot="L-1",
        ndc="00000-050",
        expires_on=date(2099, 1, 1),
        quantity=Decimal(10),
    ).item_id


def count(by, item_id, at):
    return ledger.chart(by=by, at=at, recorded_at=at, item_id=item_id, kind=Kind.COUNT, quantity=Decimal(10))


class TestBeginning:
    def test_offers_every_chair_of_the_nurse_and_no_other(self, begun, chairs, bea):
        assert [chair.chair for chair in begun.chairs.order_by("position")] == ["1", "2", "3"]
        for session in chairs:
            offered = panel_of(session).hand_over
            assert (offered.to, offered.to_id) == ("Bea", bea.user_id)
        assert panel_of(Session.objects.get(chair__name="9")).hand_over is None
        audited = AuditEvent.objects.get(subject="hand-over", act="hand-over")
        assert audited.details["sessions"] == [str(session.id) for session in chairs]

    def test_twice_to_the_same_colleague_is_one(self, nurse, bea, begun, at):
        again, new = hand_over.begin(by=nurse, to_id=bea.user_id, at=at(13))
        assert (again.id, new) == (begun.id, False)
        assert AuditEvent.objects.filter(act="hand-over", subject="hand-over").count() == 1

    def test_while_one_is_open_to_another_colleague_is_refused(self, cast, nurse, begun, at):
        with pytest.raises(NotAllowed, match="You began a hand-over to Bea at"):
            hand_over.begin(by=nurse, to_id=cast.supervisor.user_id, at=at(13))

    def test_is_to_a_colleague_who_gives_care_here(self, cast, nurse, chairs, at):
        with pytest.raises(Invalid, match="not to oneself"):
            hand_over.begin(by=nurse, to_id=nurse.user_id, at=at(12))
        with pytest.raises(Invalid, match="gives no care here"):
            hand_over.begin(by=nurse, to_id=cast.admin.user_id, at=at(12))
        with pytest.raises(NotFound):
            hand_over.begin(by=nurse, to_id=cast.outsider.user_id, at=at(12))
        with pytest.raises(AccessDenied):
            hand_over.begin(by=cast.admin, to_id=nurse.user_id, at=at(12))

    def test_without_a_chair_is_refused(self, bea, nurse, chairs, at):
        with pytest.raises(NotAllowed, match="no chair"):
            hand_over.begin(by=bea, to_id=nurse.user_id, at=at(12))

    def test_while_one_covers_a_colleagues_chair_is_refused(self, cast, nurse, bea, chairs, at):
        other = Session.objects.get(chair__name="9")
        builders.act(cast.supervisor, other, "cover", at(5))
        builders.act(cast.nurse, other, "cover-taken", at(6))
        with pytest.raises(NotAllowed, match="You cover chair 9 for Supervisor"):
            hand_over.begin(by=nurse, to_id=bea.user_id, at=at(12))


class TestAccepting:
    def test_moves_the_chair_and_the_flags_in_hand_by_name(self, cast, bea, chairs, begun, at):
        one = chairs[0]
        flag = desaturated(cast, one, at(13))
        taken(cast.nurse, flag, at(14))
        accept(bea, begun, one, at(15))
        panel = panel_of(one)
        assert (panel.nurse, panel.nurse_id, panel.hand_over) == ("Bea", bea.user_id, None)
        assert Session.objects.get(pk=one.id).nurse_id == bea.user_id
        [shown] = [live for live in panel.flags if live.id == flag.id]
        assert (shown.state, shown.acknowledged_by, shown.acknowledged_by_id) == (
            "acknowledged",
            "Bea",
            bea.user_id,
        )
        flag.refresh_from_db()
        assert (flag.acknowledged_by, flag.acknowledged_by_id, flag.action) == (
            "Bea",
            bea.user_id,
            "Taken over from Nurse",
        )
        entry = SessionEvent.objects.get(session=one, kind="hand-over")
        assert (entry.by_name, entry.text) == ("Bea", "Chair taken over from Nurse, with 1 flag in hand")
        assert (
            AuditEvent.objects.filter(session_id=one.id, act="hand-over", actor_id=bea.user_id).count() == 1
        )
        assert AuditEvent.objects.filter(subject_id=str(flag.id), act="flag-taken").count() == 2

    def test_leaves_what_somebody_else_has_in_hand(self, cast, bea, chairs, begun, at):
        flag = desaturated(cast, chairs[0], at(13))
        taken(cast.supervisor, flag, at(14))
        accept(bea, begun, chairs[0], at(15))
        flag.refresh_from_db()
        assert flag.acknowledged_by == "Supervisor"

    def test_twice_is_refused_and_changes_nothing(self, bea, chairs, begun, at):
        accept(bea, begun, chairs[0], at(15))
        version = panel_of(chairs[0]).version
        with pytest.raises(NotAllowed, match=r"Chair 1 was accepted at .* already"):
            accept(bea, begun, chairs[0], at(16))
        assert panel_of(chairs[0]).version == version
        assert SessionEvent.objects.filter(kind="hand-over").count() == 1

    def test_by_anybody_else_is_refused(self, cast, nurse, chairs, begun, at):
        for by in (nurse, replace(cast.nurse, station="tablet 3"), cast.supervisor):
            with pytest.raises(NotAllowed, match="to Bea"):
                accept(by, begun, chairs[0], at(15))
        with pytest.raises(AccessDenied):
            accept(cast.auditor, begun, chairs[0], at(15))
        with pytest.raises(NotFound):
            accept(cast.outsider, begun, chairs[0], at(15))
        assert Session.objects.get(pk=chairs[0].id).nurse_id == cast.nurse.user_id

    def test_on_the_device_it_began_on_is_refused(self, bea, chairs, begun, at):
        with pytest.raises(NotAllowed, match="begun on this device"):
            accept(replace(bea, station="tablet 1"), begun, chairs[0], at(15))

    def test_of_a_session_that_ended_is_refused(self, cast, bea, chairs, begun, at):
        builders.act(cast.nurse, chairs[0], "transfer", at(14), reason="Prescriber decided")
        with pytest.raises(NotAllowed, match="session has ended meanwhile"):
            accept(bea, begun, chairs[0], at(15))

    def test_of_a_patient_who_moved_waits_until_it_was_looked_at_there(self, cast, bea, chairs, begun, at):
        builders.act(cast.nurse, chairs[0], "move-chair", at(14), chair="7")
        with pytest.raises(NotAllowed, match="sits in chair 7 now"):
            accept(bea, begun, chairs[0], at(15))
        accept(bea, begun, chairs[0], at(15), seen="7")
        assert panel_of(chairs[0]).nurse == "Bea"

    def test_of_a_session_that_is_not_offered_is_not_found(self, cast, bea, begun, at):
        with pytest.raises(NotFound):
            accept(bea, begun, Session.objects.get(chair__name="9"), at(15))

    def test_ends_a_cover_of_the_chair(self, cast, bea, chairs, begun, at):
        builders.act(cast.nurse, chairs[0], "cover", at(14))
        assert panel_of(chairs[0]).cover is not None
        accept(bea, begun, chairs[0], at(15))
        assert panel_of(chairs[0]).cover is None

    def test_leaves_a_row_for_the_streams(self, bea, chairs, begun, at):
        before = LiveEvent.objects.filter(session_id=chairs[0].id).count()
        accept(bea, begun, chairs[0], at(15))
        assert LiveEvent.objects.filter(session_id=chairs[0].id).count() > before


class TestEnding:
    def test_what_was_not_accepted_stays_and_its_flags_ask_again(self, cast, nurse, bea, chairs, begun, at):
        kept, left = chairs[0], chairs[2]
        for session in (kept, left):
            taken(cast.nurse, desaturated(cast, session, at(13)), at(14))
        accept(bea, begun, kept, at(15))
        finish(nurse, begun, at(16))
        flag = Flag.objects.get(session=left, condition="spo2-low")
        assert (flag.state, flag.acknowledged_by, flag.acknowledged_by_id) == ("active", "", None)
        panel = panel_of(left)
        assert (panel.nurse, panel.hand_over) == ("Nurse", None)
        assert [live.state for live in panel.flags if live.id == flag.id] == ["active"]
        assert Flag.objects.get(session=kept, condition="spo2-low").acknowledged_by == "Bea"
        assert AuditEvent.objects.filter(subject_id=str(flag.id), act="flag-reopened").count() == 1
        assert begun.chairs.get(session=left).reopened == 1

    def test_what_she_has_in_hand_at_others_chairs_asks_again_too(self, cast, nurse, bea, begun, at):
        other = Session.objects.get(chair__name="9")
        taken(cast.nurse, desaturated(cast, other, at(13)), at(14))
        [view] = hand_over_queries.hand_overs(bea, at=at(15))
        assert [flag.session_id for flag in view.elsewhere] == [other.id]
        finish(bea, begun, at(16))
        assert Flag.objects.get(session=other, condition="spo2-low").state == "active"

    def test_twice_is_refused(self, nurse, bea, begun, at):
        finish(bea, begun, at(16))
        with pytest.raises(NotAllowed, match=r"was finished at .* by Bea"):
            finish(nurse, begun, at(17))
        with pytest.raises(NotAllowed, match="was finished at"):
            hand_over.cancel(by=nurse, hand_over_id=begun.id, at=at(17))
        assert AuditEvent.objects.filter(act="hand-over-finished").count() == 1

    def test_by_a_third_is_refused(self, cast, begun, at):
        with pytest.raises(NotAllowed, match="between Nurse and Bea"):
            finish(cast.supervisor, begun, at(16))
        with pytest.raises(NotFound):
            finish(cast.outsider, begun, at(16))

    def test_after_it_nothing_is_accepted(self, bea, chairs, begun, at):
        finish(bea, begun, at(16))
        with pytest.raises(NotAllowed, match="was finished at"):
            accept(bea, begun, chairs[0], at(17))

    def test_of_chairs_whose_sessions_ended_is_clean(self, cast, nurse, chairs, begun, at):
        taken(cast.nurse, desaturated(cast, chairs[0], at(13)), at(14))
        builders.act(cast.nurse, chairs[0], "transfer", at(15), reason="Prescriber decided")
        finish(nurse, begun, at(16))
        assert Flag.objects.get(session=chairs[0], condition="spo2-low").state == "resolved"

    def test_cancelled_everything_stays_as_it_was(self, cast, nurse, chairs, begun, at):
        taken(cast.nurse, desaturated(cast, chairs[0], at(13)), at(14))
        hand_over.cancel(by=nurse, hand_over_id=begun.id, at=at(15))
        assert Flag.objects.get(session=chairs[0], condition="spo2-low").acknowledged_by == "Nurse"
        assert [panel_of(session).hand_over for session in chairs] == [None, None, None]

    def test_cancelled_by_her_alone_and_only_before_a_chair_was_accepted(self, nurse, bea, chairs, begun, at):
        with pytest.raises(NotAllowed, match="alone cancels"):
            hand_over.cancel(by=bea, hand_over_id=begun.id, at=at(15))
        accept(bea, begun, chairs[0], at(15))
        with pytest.raises(NotAllowed, match="finish the hand-over"):
            hand_over.cancel(by=nurse, hand_over_id=begun.id, at=at(16))

    def test_left_open_too_long_it_ends_by_the_watch(self, cast, chairs, begun, at):
        taken(cast.nurse, desaturated(cast, chairs[0], at(13)), at(14))
        watch.tick(at=begun.ends_by - timedelta(seconds=1))
        begun.refresh_from_db()
        assert begun.end == ""
        watch.tick(at=begun.ends_by)
        begun.refresh_from_db()
        assert (begun.end, begun.ended_by, begun.ended_at) == ("timed out", "Vigil", begun.ends_by)
        assert Flag.objects.get(session=chairs[0], condition="spo2-low").state == "active"
        assert hand_over.end_overdue(at=begun.ends_by) == 0


class TestDrugs:
    def test_every_vial_is_counted_since_it_began(self, cast, nurse, bea, chairs, at):
        one, two = (vial(cast.nurse, at(1), label) for label in ("K-1", "K-2"))
        count(cast.nurse, one, at(10))
        begun, _ = hand_over.begin(by=nurse, to_id=bea.user_id, at=at(12))
        with pytest.raises(NotAllowed) as refused:
            finish(bea, begun, at(13))
        assert refused.value.missing == ("a count of K-1", "a count of K-2")
        count(cast.nurse, one, at(13))
        with pytest.raises(NotAllowed) as refused:
            finish(bea, begun, at(14))
        assert refused.value.missing == ("a count of K-2",)
        [view] = hand_over_queries.hand_overs(bea, at=at(14))
        assert (view.drugs.counted, view.drugs.uncounted) == (1, ("K-2",))
        assert view.last_count is not None
        assert view.last_count.at == at(13)
        count(bea, two, at(14))
        assert finish(bea, begun, at(15), no_drugs="").end == "finished"

    def test_a_count_entered_in_error_is_none(self, cast, nurse, bea, chairs, at):
        item = vial(cast.nurse, at(1))
        begun, _ = hand_over.begin(by=nurse, to_id=bea.user_id, at=at(12))
        row = count(cast.nurse, item, at(13))
        ledger.correct(
            by=cast.nurse, at=at(14), entry=row.entry, reason="slip", changes={}, entered_in_error=True
        )
        with pytest.raises(NotAllowed, match="counted with every hand-over"):
            finish(bea, begun, at(15))

    def test_where_the_register_holds_none_somebody_says_why(self, bea, begun, at):
        with pytest.raises(NotAllowed, match="Say why") as refused:
            finish(bea, begun, at(15), no_drugs=" ")
        assert refused.value.field == "no_drugs"
        assert finish(bea, begun, at(15), no_drugs="Nasal days only").no_drugs == "Nasal days only"


class TestMembersWhoAreGone:
    def test_what_they_had_in_hand_asks_again(self, cast, chairs, at):
        flag = desaturated(cast, chairs[0], at(13))
        taken(cast.nurse, flag, at(14))
        assert claims.reopen_of_the_gone(at=at(15)) == 0
        Membership.objects.filter(user_id=cast.nurse.user_id).update(ended_at=at(15))
        watch.tick(at=at(16))
        flag.refresh_from_db()
        assert (flag.state, flag.acknowledged_by, flag.acknowledged_by_id) == ("active", "", None)
        assert claims.reopen_of_the_gone(at=at(17)) == 0

    def test_also_when_the_account_was_switched_off(self, cast, chairs, at):
        flag = desaturated(cast, chairs[0], at(13))
        taken(cast.nurse, flag, at(14))
        User.objects.filter(pk=cast.nurse.user_id).update(is_active=False)
        assert claims.reopen_of_the_gone(at=at(16)) == 1


class TestCover:
    def test_is_asked_taken_and_ended_on_the_panel_and_in_the_record(self, cast, bea, chairs, at):
        session = chairs[0]
        builders.act(cast.nurse, session, "cover", at(12), reason="Break")
        cover = panel_of(session).cover
        assert (cover.asked_by, cover.asked_at, cover.reason, cover.taken_by) == (
            "Nurse",
            at(12),
            "Break",
            None,
        )
        assert cover.strong_at == at(17)
        builders.act(bea, session, "cover-taken", at(13))
        cover = panel_of(session).cover
        assert (cover.taken_by, cover.taken_by_id, cover.taken_at) == ("Bea", bea.user_id, at(13))
        assert panel_of(session).nurse == "Nurse"
        builders.act(cast.nurse, session, "cover-ended", at(15))
        assert panel_of(session).cover is None
        told = [
            event.text for event in SessionEvent.objects.filter(session=session, kind__startswith="cover")
        ]
        zone = cast.clinic.zone
        assert sorted(told) == sorted(
            [
                "Cover asked: Break",
                "Covers for Nurse",
                f"Cover ended; Bea had covered since {at(13).astimezone(zone):%H:%M}",
            ]
        )

    def test_refusals_name_what_stands_in_the_way(self, cast, bea, chairs, at):
        session = chairs[0]
        with pytest.raises(NotAllowed, match="Nobody asks for cover"):
            builders.act(bea, session, "cover-taken", at(12))
        with pytest.raises(NotAllowed, match="Nobody asks for cover"):
            builders.act(bea, session, "cover-ended", at(12))
        builders.act(cast.nurse, session, "cover", at(12))
        with pytest.raises(NotAllowed, match=r"Cover is asked since .* by Nurse"):
            builders.act(cast.supervisor, session, "cover", at(13))
        with pytest.raises(NotAllowed, match="a colleague takes it"):
            builders.act(cast.nurse, session, "cover-taken", at(13))
        builders.act(bea, session, "cover-taken", at(13))
        with pytest.raises(NotAllowed, match="Bea covers since"):
            builders.act(cast.supervisor, session, "cover-taken", at(14))
        with pytest.raises(AccessDenied):
            builders.act(cast.admin, session, "cover-ended", at(14))

    def test_the_patients_screen_names_who_covers(self, cast, bea, chairs, at):
        screen = principal_of_room(Chair.objects.get(clinic=cast.clinic, name="1"))
        builders.act(cast.nurse, chairs[0], "cover", at(12))
        assert rooms.room(screen, at=at(12)).nurse == "Nurse"
        builders.act(bea, chairs[0], "cover-taken", at(13))
        assert rooms.room(screen, at=at(13)).nurse == "Bea"


class TestTimes:
    def test_are_an_example_until_the_clinic_sets_them(self, cast, nurse, bea, chairs, at):
        times = shift_times.times_of(cast.clinic.pk)
        assert (times.hand_over_min, times.cover_min, times.by_name) == (30, 5, None)
        shift_times.set_times(by=cast.supervisor, hand_over_min=45, cover_min=2, at=at(11))
        begun, _ = hand_over.begin(by=nurse, to_id=bea.user_id, at=at(12))
        assert begun.ends_by == at(57)
        builders.act(cast.nurse, chairs[0], "cover", at(12))
        assert panel_of(chairs[0]).cover.strong_at == at(14)
        assert shift_times.times_of(cast.other_clinic.pk).by_name is None

    def test_have_bounds_and_are_not_everybodys(self, cast, at):
        with pytest.raises(Invalid, match="cover_min 0 is not within 1 and 60"):
            shift_times.set_times(by=cast.supervisor, hand_over_min=45, cover_min=0, at=at(11))
        with pytest.raises(AccessDenied):
            shift_times.set_times(by=cast.nurse, hand_over_min=45, cover_min=5, at=at(11))


class TestOverTheApi:
    def browser(self, who):
        opened = Client()
        opened.force_login(User.objects.get(pk=who.user_id))
        return opened

    def post(self, browser, path, **body):
        return browser.post(f"/api/v1/{path}", body, content_type="application/json")

    def test_from_beginning_to_end(self, cast, bea, chairs):
        ours, hers = self.browser(cast.nurse), self.browser(bea)
        taken(cast.nurse, desaturated(cast, chairs[0], clock.now()), clock.now())
        seen = ours.get("/api/v1/hand-overs/").json()
        assert [one["chair"] for one in seen["own"]] == ["1", "2", "3"]
        assert {one["name"]: one["here"] for one in seen["colleagues"]} == {"Bea": True, "Supervisor": True}
        made = self.post(ours, "hand-overs/", to=str(bea.user_id))
        assert made.status_code == 201
        assert self.post(ours, "hand-overs/", to=str(bea.user_id)).status_code == 200
        [offered] = hers.get("/api/v1/hand-overs/").json()["results"]
        first = offered["chairs"][0]
        assert offered["may"] == ["accept", "finish"]
        assert (offered["from"]["name"], offered["to"]["name"]) == ("Nurse", "Bea")
        assert [flag["acknowledged_by"] for flag in first["panel"]["flags"]] == ["Nurse"]
        assert first["panel"]["due"]["label"]
        path = f"hand-overs/{offered['id']}"
        answered = self.post(hers, f"{path}/accept/", session=first["session"], chair=first["chair"])
        assert answered.status_code == 200
        assert answered.json()["chairs"][0]["accepted_at"]
        again = self.post(hers, f"{path}/accept/", session=first["session"])
        assert (again.status_code, again.json()["code"]) == (409, "not_allowed")
        refused = self.post(ours, f"{path}/finish/")
        assert (refused.status_code, refused.json()["field"]) == (409, "no_drugs")
        ended = self.post(ours, f"{path}/finish/", no_drugs="Kept at the pharmacy").json()
        assert (ended["state"], ended["drug_count"]["no_drugs"]) == ("finished", "Kept at the pharmacy")
        assert queries.flags(cast.clinic.pk, state="acknowledged")[0].flag.acknowledged_by == "Bea"

    def test_the_act_that_moves_a_chair_has_no_address_of_its_own(self, cast, chairs):
        answered = self.post(self.browser(cast.nurse), f"sessions/{chairs[0].id}/hand-over/")
        assert answered.status_code == 404

    def test_times_are_set_by_who_may(self, cast):
        body = {"hand_over_min": 20, "cover_min": 3}
        assert self.post(self.browser(cast.nurse), "hand-overs/times/", **body).status_code == 403
        answered = self.post(self.browser(cast.supervisor), "hand-overs/times/", **body)
        assert (answered.status_code, answered.json()["set_by"]) == (200, "Supervisor")
