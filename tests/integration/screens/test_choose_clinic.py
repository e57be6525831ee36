"""A person who belongs to several clinics looks through one of them at a time."""

from django.test import Client

from clinic.models import Membership, MembershipRole, User
from tests import builders


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_member_of_two_clinics_chooses_between_them(cast):
    user = User.objects.get(pk=cast.nurse.user_id)
    Membership.objects.create(user=user, clinic=cast.other_clinic, role=MembershipRole.NURSE)
    client = _client(user)
    assert client.get("/api/v1/board/").json()["clinic"]["name"] == "Harbor"
    answer = client.post("/choose-clinic/", {"clinic": cast.other_clinic.pk})
    assert answer.status_code == 302
    assert client.get("/api/v1/board/").json()["clinic"]["name"] == "Meadow"


def test_nobody_chooses_a_clinic_that_is_not_theirs(cast):
    client = _client(User.objects.get(pk=cast.nurse.user_id))
    for clinic in (cast.other_clinic.pk, 999_999, "x"):
        assert client.post("/choose-clinic/", {"clinic": clinic}).status_code == 404
    assert client.get("/api/v1/board/").json()["clinic"]["name"] == "Harbor"


def test_a_person_without_a_clinic_is_told_so(cast):
    user = User.objects.create_user(username="nowhere", password=builders.PASSWORD)
    answer = _client(user).get("/board/")
    assert answer.status_code == 403
    assert "belongs to no clinic" in answer.content.decode()
