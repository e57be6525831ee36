"""The ledger's services and calls: who may, what the register refuses, who witnesses whom."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from clinic.access import MAY, Act
from clinic.models import AuditEvent, Device, Membership, Patient, User
from clinic.refusals import AccessDenied, Conflict, Invalid, NotAllowed, NotFound
from clinic.tokens import issue_for_device, issue_for_member, principal_of_key, station_of
from screens.record_parts import ledger as record_part
from sessions import ledger, ledger_queries, queries
from sessions.ledger import Kind
from sessions.models import LedgerEntry, LedgerWitness, StockItem
from sessions.services import ledger as services
from tests import builders
from vitals.demo import stock as demo

REASON = "Broken ampoule"


@pytest.fixture
def people(cast):
    """The cast at stations of their own."""
    return replace(
        cast,
        nurse=replace(cast.nurse, station="nurse's tablet"),
        supervisor=replace(cast.supervisor, station="supervisor's phone"),
        outsider=replace(cast.outsider, station="elsewhere"),
    )


@pytest.fixture
def session(people, morning):
    return builders.dosing(people.nurse, people.clinic, morning)


def received(by, at, *, label="K-1", quantity="10", product="ketamine-50", **columns):
    row = services.receive(
        **{
            "by": by,
            "at": at,
            "recorded_at": at,
            "product_code": product,
            "label": label,
            "lot": "L-77",
            "ndc": "50458-028-02" if product == "esketamine-28" else "00000-050",
            "expires_on": date(2027, 6, 30),
            "quantity": Decimal(quantity),
            **columns,
        }
    )
    return row.item


@pytest.fixture
def vial(people, morning):
    return received(people.nurse, morning)


@pytest.fixture
def chart(people, vial, session, morning):
    """Chart a movement of the vial for the session, by the nurse, now."""

    def do(kind, quantity, *, by=None, item=vial, of_session=session, at=morning, **more):
        return services.chart(
            by=by or people.nurse,
            at=at,
            recorded_at=more.pop("recorded_at", at),
            item_id=item.id,
            kind=Kind(kind),
            quantity=Decimal(quantity),
            session_id=of_session.id if of_session else None,
            **more,
        )

    return do


def left(item):
    return ledger.balance(ledger_queries.movements(item.clinic_id, item_id=item.id))


def account(session):
    [one] = ledger_queries.accounts(session.clinic_id, [session.id])[session.id]
    return one.account


class TestReceiving:
    def test_a_vial_is_its_first_entry(self, people, vial):
        assert left(vial) == 10
        assert (vial.unit, vial.mg_per_unit) == ("mL", 50)
        [event] = AuditEvent.objects.filter(act="receive-stock")
        assert event.details["quantity"] == "10"
        assert event.subject_id == str(vial.id)

    def test_a_label_is_given_once_in_a_clinic(self, people, vial, morning):
        with pytest.raises(Conflict, match="K-1"):
            received(people.nurse, morning)
        received(people.outsider, morning)

    REFUSED = [
        ({"product": "morphine"}, "product"),
        ({"ndc": ""}, "ndc"),
        ({"ndc": "a box"}, "ndc"),
        ({"product": "esketamine-28", "ndc": "12345-678", "quantity": "2"}, "ndc"),
        ({"product": "esketamine-28", "quantity": "1.5"}, "quantity"),
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "-1"}, "quantity"),
        ({"expires_on": date(2026, 11, 22)}, "expires_on"),
    ]

    @pytest.mark.parametrize(("what", "field"), REFUSED)
    def test_what_no_package_can_say_is_refused_by_its_field(self, people, morning, what, field):
        with pytest.raises(Invalid) as refusal:
            received(people.nurse, morning, **what)
        assert refusal.value.field == field
        assert not StockItem.objects.exists()

    def test_the_ndc_of_a_device_is_known(self, people, morning):
        kit = received(people.nurse, morning, product="esketamine-28", quantity="2", ndc="")
        assert kit.ndc == "50458-028"


class TestCharting:
    def test_draw_give_waste_agree(self, chart, session, vial):
        chart("draw", "0.9")
        chart("give", "0.7")
        chart("waste", "0.2")
        assert left(vial) == Decimal("9.1")
        assert ledger.in_words(account(session)) == "drawn 0.9 mL = given 0.7 + wasted 0.2"
        assert account(session).balanced

    def test_the_register_never_falls_below_zero(self, chart, vial):
        chart("draw", "9")
        with pytest.raises(Invalid, match="below zero") as refusal:
            chart("draw", "1.01")
        assert refusal.value.field == "quantity"
        assert "10" not in refusal.value.message.replace("1.01", "")  # no balance is told
        assert left(vial) == 1
        with pytest.raises(Invalid, match="below zero"):
            chart("waste", "1.5", of_session=None)
        chart("draw", "1")
        assert left(vial) == 0

    @pytest.mark.parametrize("kind", ["give", "waste", "return"])
    def test_no_more_leaves_the_syringe_than_went_in(self, chart, session, kind):
        chart("draw", "1")
        chart("give", "0.5")
        with pytest.raises(Invalid, match="1 mL drawn from K-1"):
            chart(kind, "0.61")
        chart(kind, "0.6")  # a tenth of a mL may differ
        assert account(session).variance == Decimal("-0.1")

    def test_devices_are_whole_and_agree_exactly(self, people, chart, session, morning):
        kit = received(people.nurse, morning, label="E-1", product="esketamine-28", quantity="2")
        with pytest.raises(Invalid, match="counted whole"):
            chart("draw", "1.5", item=kit)
        chart("draw", "1", item=kit)
        with pytest.raises(Invalid, match="2 of 1 device drawn"):
            chart("give", "2", item=kit)

    def test_an_expired_lot_asks_for_a_reason_and_goes_on(self, people, chart, morning):
        old = received(people.nurse, morning, label="K-0", expires_on=morning.date())
        later = morning + timedelta(days=1)
        with pytest.raises(Invalid, match="expired on 2026-11-23") as refusal:
            chart("draw", "1", item=old, at=later)
        assert refusal.value.field == "reason"
        assert chart("draw", "1", item=old, at=later, reason="No other lot").reason == "No other lot"
        chart("draw", "1", item=old, at=morning)  # on its last day it is good

    SESSIONLESS = [("draw", False), ("give", False), ("return", False), ("count", True), ("adjust", True)]

    @pytest.mark.parametrize(("kind", "with_session"), SESSIONLESS)
    def test_each_kind_is_of_a_session_or_not(self, people, chart, session, kind, with_session):
        with pytest.raises(Invalid) as refusal:
            chart(
                kind,
                "1",
                by=people.supervisor,
                of_session=session if with_session else None,
                reason=REASON,
            )
        assert refusal.value.field == "session"

    def test_the_future_is_not_charted(self, chart, morning):
        with pytest.raises(Invalid) as refusal:
            chart("draw", "1", at=morning + timedelta(minutes=5), recorded_at=morning)
        assert refusal.value.field == "at"

    def test_a_late_entry_is_marked_in_the_register(self, people, chart, vial, morning):
        chart("draw", "1")
        chart("draw", "1", at=morning - timedelta(hours=1), recorded_at=morning)
        lines = ledger_queries.registers(people.clinic.pk, [vial.id])[vial.id]
        assert [line.out_of_order for line in lines] == [False, False, True]

    def test_an_adjustment_is_a_supervisors_and_has_a_reason(self, people, chart, vial):
        with pytest.raises(AccessDenied):
            chart("adjust", "-0.4", of_session=None, reason=REASON)
        with pytest.raises(Invalid) as refusal:
            chart("adjust", "-0.4", of_session=None, by=people.supervisor)
        assert refusal.value.field == "reason"
        chart("adjust", "-0.4", of_session=None, by=people.supervisor, reason=REASON)
        assert left(vial) == Decimal("9.6")

    def test_foreign_rows_are_not_found(self, people, chart, vial, morning):
        theirs = builders.dosing(people.outsider, people.other_clinic, morning)
        with pytest.raises(NotFound):
            chart("draw", "1", of_session=theirs)
        with pytest.raises(NotFound):
            chart("draw", "1", by=people.outsider)

    def test_a_refused_entry_leaves_nothing_behind(self, chart):
        before = AuditEvent.objects.count(), LedgerEntry.objects.count()
        with pytest.raises(Invalid):
            chart("draw", "11")
        assert (AuditEvent.objects.count(), LedgerEntry.objects.count()) == before

    def test_the_database_sums_what_is_left_as_the_pure_room_does(self, people, chart, vial, morning):
        chart("draw", "1")
        slip = chart("draw", "3")
        chart("waste", "0.2")
        chart("waste", "0.3", of_session=None)
        chart("return", "0.5")
        chart("count", "2", of_session=None)
        chart("adjust", "-0.1", of_session=None, by=people.supervisor, reason=REASON)
        correct(people.nurse, slip, morning, entered_in_error=True)
        [held] = ledger_queries.holdings(people.clinic.pk)
        assert held.left == left(vial) == Decimal("9.1")


def correct(by, row, at, *, reason="Mistyped", entered_in_error=False, **changes):
    return services.correct(
        by=by, at=at, entry=row.entry, reason=reason, changes=changes, entered_in_error=entered_in_error
    )


class TestCorrecting:
    def test_the_newest_version_counts_and_the_old_one_stays(self, people, chart, vial, morning):
        draw = chart("draw", "0.9")
        now = correct(people.nurse, draw, morning, quantity=Decimal("0.8"))
        assert (now.version, now.status, now.supersedes_id) == (2, "amended", draw.id)
        assert left(vial) == Decimal("9.2")
        lines = ledger_queries.registers(people.clinic.pk, [vial.id])[vial.id]
        assert lines[1].struck[0].quantity == Decimal("0.9")
        assert AuditEvent.objects.filter(act="correct-entry", subject="ledger").count() == 1

    def test_entered_in_error_counts_nothing_and_is_final(self, people, chart, vial, morning):
        draw = chart("draw", "0.9")
        correct(people.nurse, draw, morning, entered_in_error=True)
        assert left(vial) == 10
        with pytest.raises(NotAllowed):
            correct(people.nurse, draw, morning, quantity=Decimal(1))

    def test_the_sums_hold_after_a_correction_too(self, people, chart, vial, morning):
        [first] = LedgerEntry.objects.filter(item=vial)
        draw = chart("draw", "0.9")
        chart("give", "0.7")
        with pytest.raises(Invalid, match="drawn"):
            correct(people.nurse, draw, morning, quantity=Decimal("0.5"))
        with pytest.raises(Invalid, match="below zero"):
            correct(people.nurse, first, morning, quantity=Decimal("0.5"))
        with pytest.raises(Invalid, match="below zero"):
            correct(people.nurse, first, morning, entered_in_error=True)
        assert left(vial) == Decimal("9.1")

    def test_a_correction_needs_a_reason_and_a_change(self, people, chart, morning):
        draw = chart("draw", "0.9")
        with pytest.raises(Invalid) as refusal:
            correct(people.nurse, draw, morning, reason="", quantity=Decimal(1))
        assert refusal.value.field == "reason"
        with pytest.raises(Invalid, match="Nothing is changed"):
            correct(people.nurse, draw, morning, quantity=Decimal("0.9"))

    def test_an_adjustment_is_corrected_by_a_supervisor(self, people, chart, vial, morning):
        adjusted = chart("adjust", "1", of_session=None, by=people.supervisor, reason=REASON)
        with pytest.raises(AccessDenied):
            correct(people.nurse, adjusted, morning, quantity=Decimal(2))
        correct(people.supervisor, adjusted, morning, quantity=Decimal(2))
        assert left(vial) == 12

    def test_another_clinics_entry_is_not_found(self, people, chart, morning):
        with pytest.raises(NotFound):
            correct(people.outsider, chart("draw", "1"), morning, quantity=Decimal(2))

    def test_a_corrected_waste_waits_for_its_witness_again(self, people, chart, morning):
        chart("draw", "1")
        waste = chart("waste", "0.2")
        services.witness(by=people.supervisor, at=morning, entry=waste.entry)
        assert ledger_queries.waiting(people.supervisor) == []
        correct(people.nurse, waste, morning, quantity=Decimal("0.3"))
        [one] = ledger_queries.waiting(people.supervisor)
        assert (one.movement.version, one.why_not) == (2, None)


class TestWitness:
    @pytest.fixture
    def waste(self, chart):
        chart("draw", "1")
        return chart("waste", "0.2", method="Deactivation pouch")

    def test_another_person_at_another_station_signs(self, people, waste, morning):
        signed = services.witness(by=people.supervisor, at=morning, entry=waste.entry)
        assert (signed.by_name, signed.acted_by_id) == ("Supervisor", people.nurse.user_id)
        assert ledger_queries.waiting(people.supervisor) == []
        assert services.witness(by=people.supervisor, at=morning, entry=waste.entry) == signed
        assert AuditEvent.objects.filter(act="witness").count() == 1

    def test_nobody_witnesses_their_own_waste_at_any_station(self, people, waste, morning):
        for station in ("nurse's tablet", "another tablet", ""):
            with pytest.raises(AccessDenied, match="another member of staff"):
                services.witness(by=replace(people.nurse, station=station), at=morning, entry=waste.entry)
        assert not LedgerWitness.objects.exists()

    def test_the_database_refuses_it_too(self, people, waste, morning):
        with pytest.raises(IntegrityError, match="witness_is_another"), transaction.atomic():
            LedgerWitness.objects.create(
                ledger_entry=waste,
                acted_by_id=waste.by_id,
                by_id=waste.by_id,
                by_name="Nurse",
                at=morning,
            )

    def test_whoever_charted_any_version_of_it_acted(self, people, waste, morning):
        other = replace(builders.member(people.clinic, "second-nurse"), station="second tablet")
        correct(other, waste, morning, quantity=Decimal("0.3"))
        with pytest.raises(AccessDenied):
            services.witness(by=people.nurse, at=morning, entry=waste.entry)
        services.witness(by=people.supervisor, at=morning, entry=waste.entry)

    def test_the_station_where_it_was_charted_signs_nothing(self, people, waste, morning):
        borrowed = replace(people.supervisor, station=people.nurse.station)
        with pytest.raises(NotAllowed, match="sign on your own") as refusal:
            services.witness(by=borrowed, at=morning, entry=waste.entry)
        assert refusal.value.missing == ("another device",)
        with pytest.raises(NotAllowed, match="not known yet"):
            services.witness(by=replace(people.supervisor, station=""), at=morning, entry=waste.entry)
        assert not LedgerWitness.objects.exists()

    def test_one_signature_is_enough_and_is_not_replaced(self, people, waste, morning):
        services.witness(by=people.supervisor, at=morning, entry=waste.entry)
        third = replace(builders.member(people.clinic, "third"), station="third tablet")
        with pytest.raises(Conflict, match="Supervisor has signed"):
            services.witness(by=third, at=morning, entry=waste.entry)

    def test_only_a_waste_that_counts_is_witnessed(self, people, chart, waste, morning):
        with pytest.raises(NotAllowed):
            services.witness(by=people.supervisor, at=morning, entry=chart("draw", "1").entry)
        correct(people.nurse, waste, morning, entered_in_error=True)
        with pytest.raises(NotAllowed):
            services.witness(by=people.supervisor, at=morning, entry=waste.entry)

    def test_another_clinics_waste_is_not_found(self, people, waste, morning):
        with pytest.raises(NotFound):
            services.witness(by=people.outsider, at=morning, entry=waste.entry)
        assert ledger_queries.waiting(people.outsider) == []

    def test_who_may_not_witness_is_told_so_before_they_try(self, people, waste):
        [for_admin] = ledger_queries.waiting(people.admin)
        assert for_admin.why_not == "Witnessing is open to: nurse, supervisor."
        [for_nurse] = ledger_queries.waiting(people.nurse)
        assert "another member of staff" in (for_nurse.why_not or "")
        [for_supervisor] = ledger_queries.waiting(people.supervisor)
        assert for_supervisor.why_not is None

    def test_a_waste_with_a_reason_waits_for_nobody_and_may_still_be_signed(self, people, chart, morning):
        chart("draw", "1")
        alone = chart("waste", "0.1", reason="Alone on duty")
        assert (alone.unwitnessed, alone.reason) == ("Alone on duty", "")
        assert ledger_queries.waiting(people.supervisor) == []
        services.witness(by=people.supervisor, at=morning, entry=alone.entry)

    def test_why_nobody_witnessed_can_be_said_later(self, people, waste, morning):
        correct(people.nurse, waste, morning, unwitnessed="Alone on duty", reason="Nobody came")
        assert ledger_queries.waiting(people.supervisor) == []


class Caller:
    """One member or device by token: a token is a station of its own."""

    def __init__(self, principal):
        if principal.is_device:
            self.key = issue_for_device(Device.objects.get(pk=principal.actor_id))
        else:
            membership = Membership.objects.get(user_id=principal.user_id, clinic_id=principal.clinic_id)
            self.key = issue_for_member(membership, expires_at=None)
        self.client = Client(headers={"Authorization": f"Token {self.key}"})

    def get(self, path, **query):
        return self.client.get(f"/api/v1/{path}", query)

    def post(self, path, **body):
        return self.client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")


class TestCalls:
    ITEM = {
        "product": "ketamine-50",
        "label": "K-9",
        "lot": "L-1",
        "ndc": "00000-050",
        "expires_on": "2099-01-01",
        "quantity": "10",
    }

    def test_a_drug_from_receipt_to_a_signed_waste(self, people, session):
        nurse, supervisor = Caller(people.nurse), Caller(people.supervisor)
        item = nurse.post("ledger/items/", **self.ITEM)
        assert item.status_code == 201
        of = {"item": item.json()["id"], "session": str(session.id)}
        for kind, quantity in (("draw", 0.9), ("give", 0.7)):
            assert nurse.post("ledger/entries/", **of, kind=kind, quantity=quantity).status_code == 201
        waste = nurse.post("ledger/entries/", **of, kind="waste", quantity=0.2, method="Pouch").json()
        assert waste["waits_for_witness"] is True
        assert nurse.get("ledger/waiting/").json()["results"][0]["may_witness"] is False
        [waiting] = supervisor.get("ledger/waiting/").json()["results"]
        assert (waiting["may_witness"], waiting["entry"]) == (True, waste["entry"])
        own = nurse.post(f"ledger/entries/{waste['entry']}/witness/")
        assert own.status_code == 403
        signed = supervisor.post(f"ledger/entries/{waste['entry']}/witness/")
        assert signed.status_code == 201
        assert (signed.json()["witness"], signed.json()["waits_for_witness"]) == ("Supervisor", False)

        told = nurse.get(f"sessions/{session.id}/ledger/").json()
        [account] = told["accounts"]
        names = ("drawn", "given", "wasted", "returned", "variance", "given_mg")
        assert [Decimal(str(account[name])) for name in names] == [
            Decimal(value) for value in ("0.9", "0.7", "0.2", "0", "0", "35")
        ]
        assert (told["balanced"], told["waits_for_witness"]) == (True, 0)
        lines = supervisor.get("ledger/", item=of["item"]).json()["results"]
        assert [Decimal(str(line["balance"])) for line in lines] == [10, *[Decimal("9.1")] * 3]

    def test_a_count_tells_the_counter_nothing_and_the_supervisor_the_variance(self, people, chart, vial):
        nurse, supervisor = Caller(people.nurse), Caller(people.supervisor)
        chart("draw", "1")
        counted = nurse.post("ledger/entries/", item=str(vial.id), kind="count", quantity=8.5)
        assert counted.status_code == 201
        assert "balance" not in counted.json()
        assert nurse.get("ledger/items/").json()["results"][0]["balance"] is None
        *_, line = nurse.get("ledger/", item=str(vial.id)).json()["results"]
        assert (line["balance"], line["variance"]) == (None, None)
        *_, line = supervisor.get("ledger/", item=str(vial.id)).json()["results"]
        assert (line["balance"], line["variance"]) == (9, -0.5)
        pages = Client(), Client()
        for client, who in zip(pages, (people.nurse, people.supervisor), strict=True):
            client.force_login(User.objects.get(pk=who.user_id))
        for path in ("/ledger/", "/ledger/count/", f"/ledger/items/{vial.id}/", "/ledger/reconciliation/"):
            page = pages[0].get(path).content.decode()
            assert "9 mL" not in page, path
            assert "−0.5" not in page, path
        assert "−0.5 mL" in pages[1].get("/ledger/").content.decode()

    def test_a_correction_over_the_api(self, people, chart, vial):
        draw = chart("draw", "0.9")
        nurse = Caller(people.nurse)
        path = f"ledger/entries/{draw.entry}/correct/"
        assert nurse.post(path, quantity=0.8).status_code == 422
        told = nurse.post(path, quantity=0.8, reason="Mistyped").json()
        assert (told["version"], told["status"]) == (2, "amended")
        [_, line] = nurse.get("ledger/", item=str(vial.id)).json()["results"]
        assert Decimal(str(line["superseded"][0]["quantity"])) == Decimal("0.9")
        gone = nurse.post(path, reason="Other vial", entered_in_error=True).json()
        assert gone["status"] == "entered-in-error"

    def test_nobody_signs_for_another(self, people, vial, session):
        nurse = Caller(people.nurse)
        body = {"item": str(vial.id), "session": str(session.id), "kind": "draw", "quantity": 1}
        for name in ("by", "by_id", "user", "station", "recorded_at"):
            answer = nurse.post("ledger/entries/", **body, **{name: str(people.supervisor.user_id)})
            assert answer.status_code == 422, name
        entry = nurse.post("ledger/entries/", **body).json()["entry"]
        assert nurse.post(f"ledger/entries/{entry}/witness/", by="Supervisor").status_code == 422

    def test_a_register_over_a_span(self, people, chart, vial, morning):
        chart("draw", "1", at=morning + timedelta(hours=1))
        nurse = Caller(people.nurse)
        found = nurse.get("ledger/", since=(morning + timedelta(minutes=1)).isoformat()).json()["results"]
        assert [line["kind"] for line in found] == ["draw"]
        found = nurse.get(
            "ledger/", item=str(vial.id), until=(morning + timedelta(minutes=1)).isoformat()
        ).json()
        assert [line["kind"] for line in found["results"]] == ["receive"]
        for query in ({"item": "a vial"}, {"since": "today"}, {"until": "2026-11-23"}):
            assert nurse.get("ledger/", **query).status_code == 422

    ROLES = {
        "see": (Act.SEE_LEDGER, 200),
        "receive": (Act.RECEIVE_STOCK, 201),
        "chart": (Act.CHART_LEDGER, 201),
        "adjust": (Act.ADJUST_LEDGER, 201),
        "correct": (Act.CORRECT_ENTRY, 201),
        "witness": (Act.WITNESS, 201),
    }

    @pytest.mark.parametrize("what", ROLES)
    @pytest.mark.parametrize("who", ["nurse", "supervisor", "admin", "auditor", "gateway"])
    def test_each_call_is_open_to_the_roles_of_the_table(self, people, chart, vial, what, who):
        act, done = self.ROLES[what]
        chart("draw", "2")
        third = replace(builders.member(people.clinic, "third-nurse"), station="third tablet")
        waste = chart("waste", "0.2", by=third)
        caller, entries = Caller(getattr(people, who)), "ledger/entries/"
        calls = {
            "see": lambda: caller.get("ledger/items/"),
            "receive": lambda: caller.post("ledger/items/", **self.ITEM),
            "chart": lambda: caller.post(entries, item=str(vial.id), kind="count", quantity=8),
            "adjust": lambda: caller.post(
                entries, item=str(vial.id), kind="adjust", quantity=-1, reason=REASON
            ),
            "correct": lambda: caller.post(f"{entries}{waste.entry}/correct/", quantity=0.1, reason="slip"),
            "witness": lambda: caller.post(f"{entries}{waste.entry}/witness/"),
        }
        allowed = getattr(people, who).role in MAY[act]
        assert calls[what]().status_code == (done if allowed else 403)

    def test_a_token_is_a_station_and_is_not_named_by_it(self, people, vial, session):
        nurse = Caller(people.nurse)
        body = {"item": str(vial.id), "session": str(session.id), "kind": "draw", "quantity": 1}
        entry = nurse.post("ledger/entries/", **body).json()["entry"]
        row = LedgerEntry.objects.get(entry=entry)
        speaker = principal_of_key(nurse.key)
        assert speaker is not None
        assert row.station == speaker.station == station_of(nurse.key)
        assert len(row.station) == 64
        assert nurse.key not in row.station


class TestBrowsersAreStations:
    def sign_in(self, who, client=None):
        client = client or Client()
        client.force_login(User.objects.get(pk=who.user_id))
        client.get("/ledger/")
        return client

    def post(self, client, path, **body):
        return client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")

    def wasted_by(self, client, vial, session):
        of = {"item": str(vial.id), "session": str(session.id)}
        self.post(client, "ledger/entries/", **of, kind="draw", quantity=1)
        return self.post(client, "ledger/entries/", **of, kind="waste", quantity=1).json()["entry"]

    def test_a_browser_keeps_one_key_that_scripts_cannot_read(self, people):
        client = self.sign_in(people.nurse)
        cookie = client.cookies["vigil_station"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert int(cookie["max-age"]) > 300 * 24 * 3600
        before = cookie.value
        client.get("/ledger/")
        assert client.cookies["vigil_station"].value == before

    def test_the_cookie_is_for_tls_alone_behind_tls(self, people, settings):
        settings.SESSION_COOKIE_SECURE = True
        client = Client()
        client.force_login(User.objects.get(pk=people.nurse.user_id))
        answer = client.get("/ledger/", secure=True)
        assert answer.cookies["vigil_station"]["secure"]

    def test_a_colleague_who_signs_in_on_the_same_tablet_may_not_witness_there(self, people, vial, session):
        tablet = self.sign_in(people.nurse)
        entry = self.wasted_by(tablet, vial, session)
        tablet.post("/sign-out/")
        self.sign_in(people.supervisor, tablet)
        refused = self.post(tablet, f"ledger/entries/{entry}/witness/")
        assert refused.status_code == 409
        assert "sign on your own" in refused.json()["message"]
        phone = self.sign_in(people.supervisor)
        assert self.post(phone, f"ledger/entries/{entry}/witness/").status_code == 201

    def test_a_cookie_that_is_dropped_for_the_signature_signs_nothing(self, people, vial, session):
        entry = self.wasted_by(self.sign_in(people.nurse), vial, session)
        phone = self.sign_in(people.supervisor)
        del phone.cookies["vigil_station"]
        refused = self.post(phone, f"ledger/entries/{entry}/witness/")
        assert refused.status_code == 409
        assert not LedgerWitness.objects.exists()


class TestPages:
    @pytest.fixture
    def desk(self, people):
        client = Client()
        client.force_login(User.objects.get(pk=people.supervisor.user_id))
        return client

    def test_reconciliation_names_patient_drug_and_who_gave_it(self, people, chart, session, desk, morning):
        Patient.objects.filter(pk=session.patient_id).update(address="12 Elm Street")
        chart("draw", "0.9")
        chart("give", "0.7")
        page = desk.get("/ledger/reconciliation/", {"from": "2026-11-23", "until": "2026-11-23"})
        words = page.content.decode()
        for said in ("Test Patient", "12 Elm Street", "Ketamine 50 mg/mL", "L-77", "0.7 mL", "Nurse"):
            assert said in words, said
        assert "1 still goes on" in words
        assert "Nothing was drawn" in desk.get("/ledger/reconciliation/").content.decode()

    def test_an_ended_session_that_does_not_agree_is_on_the_supervisors_page(
        self, people, chart, session, desk, morning
    ):
        chart("draw", "0.9")
        chart("give", "0.7")
        builders.act(people.nurse, session, "transfer", morning + timedelta(minutes=5), reason="test")
        page = desk.get("/ledger/reconciliation/", {"from": "2026-11-23", "until": "2026-11-23"})
        assert "1 does not agree" in page.content.decode()

    @pytest.mark.parametrize("days", [("x", ""), ("2026-11-24", "2026-11-23"), ("1000-01-01", "")])
    def test_days_that_are_none_are_said_and_shown_as_today(self, desk, days):
        page = desk.get("/ledger/reconciliation/", {"from": days[0], "until": days[1]})
        assert page.status_code == 200
        assert "shown is today" in page.content.decode()

    def test_the_file_runs_nothing_in_a_spreadsheet(self, people, chart, session, desk):
        Patient.objects.filter(pk=session.patient_id).update(
            family_name='=HYPERLINK("http://x")', address="+1 Elm", given_name="Zoë"
        )
        chart("draw", "0.9")
        chart("give", "0.91")
        answer = desk.get("/ledger/reconciliation.csv", {"from": "2026-11-23", "until": "2026-11-23"})
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        text = answer.content.decode()
        assert "'+1 Elm" in text
        assert "Zoë =HYPERLINK" in text  # not at the beginning of its cell
        assert ",-0.01," in text  # a number stays one

    def test_the_stock_file_is_not_for_who_counts(self, people, vial, desk):
        path = "/ledger/reconciliation.csv"
        assert (
            "K-1"
            in desk.get(path, {"of": "stock", "until": "2026-11-23", "from": "2026-11-23"}).content.decode()
        )
        nurse = Client()
        nurse.force_login(User.objects.get(pk=people.nurse.user_id))
        assert nurse.get(path, {"of": "stock"}).status_code == 403

    def test_a_look_at_a_register_is_audited_without_a_name(self, desk, vial):
        desk.get(f"/ledger/items/{vial.id}/")
        event = AuditEvent.objects.filter(act="look", subject="ledger").latest("id")
        assert (event.subject_id, event.details) == (str(vial.id), {})


def part_of(session, by, at):
    return record_part.part(queries.session(session.clinic_id, session.id), by, at)


class TestRecordPart:
    """What the record page fills its forms in with."""

    def test_while_the_infusion_runs_all_of_the_charted_dose(self, people, chart, session, morning):
        chart("draw", "0.9")
        [one] = part_of(session, people.nurse, morning + timedelta(minutes=20)).accounts
        assert (one.give, one.leftover) == (Decimal("0.7"), Decimal("0.9"))  # 35 mg of 50 mg/mL

    def test_after_an_early_stop_what_had_run(self, people, chart, session, morning):
        chart("draw", "0.9")
        stopped_at = morning + timedelta(minutes=20)
        builders.act(people.nurse, session, "stop", stopped_at, reason="Patient asked")
        [one] = part_of(session, people.nurse, morning + timedelta(hours=1)).accounts
        assert one.give == Decimal("0.35")  # half of it
        chart("give", "0.35")
        [one] = part_of(session, people.nurse, morning + timedelta(hours=1)).accounts
        assert (one.give, one.leftover) == (None, Decimal("0.55"))

    def test_devices_are_those_that_were_charted(self, people, chart, morning):
        nasal = builders.dosing(people.nurse, people.clinic, morning, chair="2", protocol="nasal-esketamine")
        kit = received(people.nurse, morning, label="E-1", product="esketamine-28", quantity="3")
        chart("draw", "2", item=kit, of_session=nasal)
        found = part_of(nasal, people.nurse, morning)
        assert found.accounts[0].give == 1
        assert [one.item.label for one in found.stock] == ["E-1"]  # no vial is offered for a spray


def test_two_who_draw_at_once_cannot_both_have_the_last_of_a_vial(committed_db, morning):
    cast = builders.cast()
    vial = received(cast.nurse, morning)
    rows = [builders.dosing(cast.nurse, cast.clinic, morning, chair=chair) for chair in ("1", "2", "3", "4")]

    def draw(row):
        try:
            services.chart(
                by=cast.nurse,
                at=morning,
                recorded_at=morning,
                item_id=vial.id,
                kind=Kind.DRAW,
                quantity=Decimal(6),
                session_id=row.id,
            )
        except Invalid:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(rows)) as pool:
        drawn = list(pool.map(draw, rows))
    assert drawn.count(True) == 1
    assert left(vial) == 4


def test_audit_rows_hold_no_words_that_people_typed(people, chart, morning):
    chart("draw", "1")
    waste = chart("waste", "0.2", method="Canary pouch", reason="Canary alone")
    correct(people.nurse, waste, morning, reason="Canary slip", quantity=Decimal("0.1"))
    for event in AuditEvent.objects.all():
        assert "Canary" not in json.dumps(event.details)


def test_an_unknown_entry_is_not_found(people, morning):
    with pytest.raises(NotFound):
        services.witness(by=people.supervisor, at=morning, entry=uuid4())


def test_the_demos_stock_is_charted_once_and_one_waste_waits(people, morning):
    over = builders.dosing(people.nurse, people.clinic, morning - timedelta(minutes=90), chair="1")
    builders.act(people.nurse, over, "stop", morning - timedelta(minutes=50), reason="planned end")
    earlier = builders.dosing(people.nurse, people.clinic, morning - timedelta(minutes=120), chair="2")
    builders.act(people.nurse, earlier, "stop", morning - timedelta(minutes=80), reason="planned end")
    builders.dosing(people.nurse, people.clinic, morning - timedelta(minutes=10), chair="3")
    builders.dosing(
        people.nurse, people.clinic, morning - timedelta(minutes=30), chair="4", protocol="nasal-esketamine"
    )
    demo.stock(people.clinic, people.supervisor, morning)
    rows = LedgerEntry.objects.count()
    [waiting] = ledger_queries.waiting(people.supervisor)
    assert waiting.movement.session == over.id
    accounts = ledger_queries.accounts(people.clinic.pk, [over.id, earlier.id])
    assert all(one.account.variance == 0 for of in accounts.values() for one in of)
    vials = ledger_queries.registers(people.clinic.pk, StockItem.objects.values_list("id", flat=True))
    assert not [line for lines in vials.values() for line in lines if line.out_of_order]
    demo.stock(people.clinic, people.supervisor, morning)
    assert LedgerEntry.objects.count() == rows
