"""What is answered where no view could answer."""

import json

import pytest
from django.db import OperationalError
from django.test import Client

from clinic import middleware


def test_an_unknown_address_of_the_api_is_json(db):
    answer = Client().get("/api/v1/nothing/")
    assert answer.status_code == 404
    assert json.loads(answer.content)["code"] == "not_found"


def test_an_unknown_page_is_a_page(db):
    answer = Client().get("/nothing/")
    assert answer.status_code == 404
    assert "<h1>" in answer.content.decode()


@pytest.mark.parametrize(
    ("fault", "status"), [(OperationalError("gone"), 503), (ValueError("a fault of ours"), 500)]
)
def test_a_database_that_is_away_is_503_and_a_fault_is_500(cast, monkeypatch, fault, status):
    client = Client(raise_request_exception=False)
    client.login(username="nurse", password="correct horse battery")

    def away(request):
        raise fault

    monkeypatch.setattr(middleware, "active_membership", away)
    for path in ("/board/", "/api/v1/board/"):
        answer = client.get(path)
        assert answer.status_code == status
        assert str(fault) not in answer.content.decode()
