"""Versions of a clinic's limits: begun, changed, discarded, signed; what is in use never changes."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from clinic.models import AuditEvent
from clinic.refusals import AccessDenied, Conflict, Invalid, NotAllowed, NotFound
from tests import builders
from vitals import limit_queries
from vitals.models import LimitRule, LimitSet, Watch
from vitals.services import limit_drafts
from vitals.services.limit_drafts import Edits
from vitals.services.limit_sets import current_limit_set_id, limit_set, read_limit_set

SBP_160 = {"code": "BP-2", "vital": "systolic", "threshold": 160.0}
CO2 = {
    "code": "CO2-1",
    "priority": "medium",
    "source": "Dr Reed",
    "vital": "etco2",
    "direction": "high",
    "threshold": 55.0,
}


def in_use(cast, protocol="iv-ketamine"):
    return current_limit_set_id(cast.clinic.pk, protocol)


def change(cast, row, seen=None, **edits):
    return limit_drafts.change_draft(by=cast.supervisor, limit_set_id=row.pk, edits=Edits(**edits), seen=seen)


def sign(cast, row, at, **how):
    return limit_drafts.sign_draft(
        **{
            "by": cast.supervisor,
            "limit_set_id": row.pk,
            "signature": "Supervisor",
            "seen": row.revision,
            "at": at,
            **how,
        }
    )


def test_a_draft_begins_with_every_row_and_is_used_by_nobody(cast, morning):
    first = in_use(cast)
    row = limit_drafts.new_draft(by=cast.supervisor, based_on=first, name="Harbor 2027", at=morning)
    drafted = read_limit_set(row.pk)
    assert drafted.rules == limit_set(first).rules
    assert (row.version, row.name, row.made_by, row.based_on_id) == (2, "Harbor 2027", "Supervisor", first)
    assert in_use(cast) == first
    assert AuditEvent.objects.get(act="draft-limits").details == {
        "protocol": "iv-ketamine",
        "version": 2,
        "what": "begun",
        "based_on": 1,
    }


def test_rows_change_come_and_go_in_one_call(cast, morning):
    row = builders.draft(cast.supervisor, morning)
    change(cast, row, name="Harbor", change=[SBP_160], add=[CO2], remove=[("T-1", "temperature")])
    told = limit_queries.version(cast.clinic.pk, row.pk)
    assert [one.words for one in told.changes] == [
        "BP-2 SBP changed: limit 165 → 160",
        "CO2-1 EtCO₂ added: EtCO₂ ≥ 55, medium",
        "T-1 Temp removed: Temp ≥ 38.1, note",
    ]
    assert told.limits.named["BP-2", "systolic"].recheck_s == 300, "what is not named stays"
    assert (told.view.row.name, told.view.row.revision) == ("Harbor", 1)
    assert AuditEvent.objects.filter(act="draft-limits").latest("id").details["rows"][0] == (
        "BP-2 SBP changed: limit 165 → 160"
    )


@pytest.mark.parametrize(
    ("edits", "field", "words"),
    [
        ({"change": [SBP_160, {**SBP_160, "threshold": 1600.0}]}, "change.1.threshold", "is above 300"),
        ({"change": [{"code": "BP-99", "vital": "systolic"}]}, "change.0.code", "no row BP-99 systolic"),
        ({"add": [{**CO2, "source": ""}]}, "add.0.source", "names its source"),
        (
            {"add": [{**SBP_160, "priority": "medium", "source": "x", "direction": "high"}]},
            "add.0.code",
            "BP-2 SBP is there already",
        ),
        ({"remove": [("BP-99", "")]}, "remove", "There is no row BP-99"),
        ({"not_watched": {"moon": "far"}}, "not_watched.moon", "is not one of: sbp-high"),
    ],
)
def test_an_edit_that_breaks_a_rule_is_refused_whole(cast, morning, edits, field, words):
    row = builders.draft(cast.supervisor, morning)
    before = read_limit_set(row.pk).rules
    with pytest.raises(Invalid, match=words) as refused:
        change(cast, row, **edits)
    assert refused.value.field == field
    assert read_limit_set(row.pk).rules == before
    row.refresh_from_db()
    assert row.revision == 0


def test_two_at_one_draft_do_not_undo_each_other(cast, morning):
    row = builders.draft(cast.supervisor, morning)
    change(cast, row, seen=0, change=[SBP_160])
    with pytest.raises(Conflict, match="load it again"):
        change(cast, row, seen=0, change=[{**SBP_160, "threshold": 170.0}])
    with pytest.raises(Conflict):
        sign(cast, row, morning, seen=0)


def test_a_signed_version_is_in_use_and_says_by_whom_and_when(cast, morning):
    # 01:00 in UTC is still the day before at the clinic
    row = builders.draft(cast.supervisor, morning, change=[SBP_160])
    sign(cast, row, morning + timedelta(hours=10))
    assert in_use(cast) == row.pk
    assert in_use(cast, "nasal-esketamine") != row.pk
    told = limit_set(row.pk)
    assert (told.reviewed_by, told.reviewed_on) == ("Supervisor", date(2026, 11, 23).isoformat())
    details = AuditEvent.objects.get(act="sign-limits").details
    assert (details["in_use_before"], details["changed"], details["added"]) == (1, 1, 0)
    standings = {
        view.row.version: view.standing
        for view in limit_queries.versions(cast.clinic.pk)
        if view.row.protocol_code == "iv-ketamine"
    }
    assert standings == {1: "past", 2: "in use"}


def test_sessions_under_way_keep_their_version_and_later_ones_begin_with_the_new(cast, morning):
    old = builders.dosing(cast.nurse, cast.clinic, morning)
    row = builders.signed_limits(cast.supervisor, morning, change=[SBP_160])
    new = builders.dosing(cast.nurse, cast.clinic, morning, chair="2")
    assert Watch.objects.get(pk=old.pk).limit_set.version == 1
    assert Watch.objects.get(pk=new.pk).limit_set_id == row.pk
    kept = {
        view.row.version: [one.id for one in view.sessions]
        for view in limit_queries.versions(cast.clinic.pk)
        if view.row.protocol_code == "iv-ketamine"
    }
    assert kept == {1: [old.id], 2: [new.id]}


def test_a_draft_with_faults_is_not_signed_and_each_is_named(cast, morning):
    row = builders.draft(
        cast.supervisor,
        morning,
        change=[{**SBP_160, "threshold": 190.0}],
        remove=[
            ("RR-2", "respiratory_rate"),
            ("RR-3", "respiratory_rate"),
            ("RR-5", "respiratory_rate"),
            ("RR-6", "respiratory_rate"),
        ],
    )
    with pytest.raises(NotAllowed) as refused:
        sign(cast, row, morning)
    assert refused.value.missing == (
        "BP-2 SBP: Medium limit 190 lies beyond the high one of BP-5 SBP, 180: it would never speak.",
        "No row watches the respiratory rate: add one, or say why not.",
    )
    change(cast, row, change=[SBP_160], not_watched={"rr": "Counted by the nurse, charted as a note"})
    row.refresh_from_db()
    assert sign(cast, row, morning).not_watched == {"rr": "Counted by the nurse, charted as a note"}


@pytest.mark.parametrize("signature", ["", "Nurse"])
def test_nobody_signs_for_another_or_without_a_name(cast, morning, signature):
    row = builders.draft(cast.supervisor, morning)
    with pytest.raises(Invalid) as refused:
        sign(cast, row, morning, signature=signature)
    assert refused.value.field == "signature"


def test_only_a_supervisor_drafts_and_signs(cast, morning):
    row = builders.draft(cast.supervisor, morning)
    for who in (cast.nurse, cast.admin, cast.auditor, cast.gateway):
        with pytest.raises(AccessDenied):
            limit_drafts.new_draft(by=who, based_on=in_use(cast), name="", at=morning)
        with pytest.raises(AccessDenied):
            sign(cast, row, morning, by=who)
    with pytest.raises(NotFound):
        sign(cast, row, morning, by=cast.outsider, signature="Outsider")


def test_what_is_in_use_is_refused_changes_and_drafts_are_discarded(cast, morning):
    signed = builders.signed_limits(cast.supervisor, morning)
    for used in (LimitSet.objects.get(clinic=cast.clinic, protocol_code="iv-ketamine", version=1), signed):
        with pytest.raises(NotAllowed, match="never changed"):
            change(cast, used, change=[SBP_160])
        with pytest.raises(NotAllowed, match="never changed"):
            limit_drafts.discard_draft(by=cast.supervisor, limit_set_id=used.pk)
    draft = builders.draft(cast.supervisor, morning)
    limit_drafts.discard_draft(by=cast.supervisor, limit_set_id=draft.pk)
    assert not LimitSet.objects.filter(pk=draft.pk).exists()
    assert not LimitRule.objects.filter(limit_set_id=draft.pk).exists()
    assert AuditEvent.objects.filter(act="draft-limits").latest("id").details["what"] == "discarded"


def test_a_draft_that_another_rests_on_stays(cast, morning):
    draft = builders.draft(cast.supervisor, morning)
    limit_drafts.new_draft(by=cast.supervisor, based_on=draft.pk, name="", at=morning)
    with pytest.raises(NotAllowed, match="Version 3 was begun from this draft"):
        limit_drafts.discard_draft(by=cast.supervisor, limit_set_id=draft.pk)


def test_a_draft_older_than_what_is_in_use_cannot_come_into_use(cast, morning):
    older = builders.draft(cast.supervisor, morning, change=[SBP_160])
    builders.signed_limits(cast.supervisor, morning)
    with pytest.raises(NotAllowed, match="Version 3 was signed since"):
        sign(cast, older, morning)
    again = limit_drafts.new_draft(by=cast.supervisor, based_on=older.pk, name="", at=morning)
    assert sign(cast, again, morning).version == 4


# --- the database itself


def refused(statement, *values):
    with (
        pytest.raises(IntegrityError, match="limits in use are never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, values)


@pytest.mark.parametrize("version", [1, 2])
def test_the_database_refuses_to_change_limits_in_use(cast, morning, version):
    builders.signed_limits(cast.supervisor, morning)
    row = LimitSet.objects.get(clinic=cast.clinic, protocol_code="iv-ketamine", version=version)
    refused("UPDATE vitals_limitset SET name = 'x' WHERE id = %s", row.pk)
    refused("UPDATE vitals_limitset SET reviewed_by = 'x', reviewed_on = now() WHERE id = %s", row.pk)
    refused("DELETE FROM vitals_limitset WHERE id = %s", row.pk)
    refused("UPDATE vitals_limitrule SET threshold = 300 WHERE limit_set_id = %s AND code = 'BP-6'", row.pk)
    refused("DELETE FROM vitals_limitrule WHERE limit_set_id = %s AND code = 'BP-6'", row.pk)
    draft = builders.draft(cast.supervisor, morning)
    refused(
        "UPDATE vitals_limitrule SET limit_set_id = %s, position = 999, code = 'NEW'"
        " WHERE limit_set_id = %s AND position = 0",
        row.pk,
        draft.pk,
    )


def test_the_database_refuses_to_empty_the_tables_of_limits(db):
    refused("TRUNCATE vitals_limitrule")
    refused("TRUNCATE vitals_limitset CASCADE")
    refused("TRUNCATE vitals_limitchange")


@pytest.mark.parametrize("version", [1, 2])
def test_no_row_joins_limits_in_use_later(committed_db, morning, version):
    cast = builders.cast()
    builders.signed_limits(cast.supervisor, morning)
    row = LimitSet.objects.get(clinic=cast.clinic, protocol_code="iv-ketamine", version=version)
    rule = LimitRule.objects.filter(limit_set=row).earliest("position")
    rule.pk, rule.position, rule.code = None, 999, "NEW"
    with pytest.raises(IntegrityError, match="never changed"):
        rule.save()
