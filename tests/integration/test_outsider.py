"""An outsider tries every address there is with ids that are real, but another clinic's.

Each is answered as an id that nobody has, byte for byte, while the right person succeeds on the same call.
The table declares for each route how it is tried; a route that is not in it fails the test by its name.
"""

import importlib
import io
import json
import pkgutil
import re
import threading
import zipfile
from datetime import UTC, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from django.urls import URLResolver, get_resolver

from clinic import rooms, walls
from clinic.access import Role
from clinic.clock import now
from clinic.models import Chair, Device, Membership, User, WallScreen
from clinic.tokens import ROOM_COOKIE, WALL_COOKIE, issue_for_device, issue_for_member, principal_of_room
from tests import builders, processes
from tests.integration import routes as routes_of_rooms
from tests.integration.routes.kinds import Foreign, Open, Own, Route
from vitals.models import Flag

# 302: a device has no cookie, so pages send it to sign in
REFUSED = {302, 401, 403, 404, 422}
CSRF = "c" * 32
MASKED_TOKEN = re.compile(rb'(?<=csrf-token" content=")\w+|(?<=csrfmiddlewaretoken" value=")\w+')


ROOMS = [
    importlib.import_module(f"{routes_of_rooms.__name__}.{found.name}")
    for found in pkgutil.iter_modules(routes_of_rooms.__path__)
]


def declared():
    """The tables of all rooms, as one. A route that two rooms declare is tried as both say."""
    tables: dict[str, list[Route]] = {}
    for room in ROOMS:
        for route, calls in getattr(room, "TABLE", {}).items():
            tables.setdefault(route, []).extend(calls)
    return tables


TABLE = declared()
# what makes a row that a call names, by placeholder: each is given the stage and the session of the try
MAKERS = {name: make for room in ROOMS for name, make in getattr(room, "MAKERS", {}).items()}


def routes():
    """Every route the resolver knows, and every native one."""

    def walk(resolver, prefix):
        for pattern in resolver.url_patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern, route)
            else:
                yield route

    yield from walk(get_resolver(), "")
    yield from (f"native {prefix}" for prefix in settings.NATIVE_ROUTES)


def test_every_route_is_declared_here():
    assert set(routes()) == TABLE.keys()


# from a dose under way
_STOP = ("stop", {"reason": "test"})
ON_THE_WAY_TO: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "dosing": [],
    "held": [("pause", {"reason": "test"})],
    "monitoring": [_STOP],
    "ready": [_STOP, ("readiness", {"items": {}, "escort": "A friend"})],
}


class Person:
    """Somebody with a cookie for pages and a token for the API."""

    def __init__(self, url, principal, enrolled_by=None):
        self.principal = principal
        self.by_token = httpx.Client(base_url=url, timeout=30)
        self.by_cookie = httpx.Client(base_url=url, timeout=30, cookies={"csrftoken": CSRF})
        if principal is None:
            self.name = "anonymous"
        elif principal.role is Role.ROOM:
            self.name = "room"
            key = rooms.enrol(by=enrolled_by, chair_id=principal.chair_id, at=now())
            self.by_token.headers["Authorization"] = f"Token {key}"
            self.by_cookie.cookies[ROOM_COOKIE] = key
        elif principal.is_device:
            self.name = "device"
            key = issue_for_device(Device.objects.get(pk=principal.actor_id))
            self.by_token.headers["Authorization"] = f"Token {key}"
        else:
            user = User.objects.get(pk=principal.actor_id)
            self.name = user.username
            key = issue_for_member(Membership.objects.get(user=user), expires_at=None)
            self.by_token.headers["Authorization"] = f"Token {key}"
            # the served process knows no quick hasher
            hasher = Argon2PasswordHasher()
            user.password = hasher.encode(builders.PASSWORD, hasher.salt())
            user.save()
            browser = Client()
            browser.force_login(user)
            self.by_cookie.cookies["sessionid"] = browser.cookies["sessionid"].value

    def call(self, method, path, body=None):
        """The answer; of a stream only its head and the first bytes."""
        door = self.by_token if path.startswith(("/api/", "/live/")) else self.by_cookie
        sent = {"json": body} if door is self.by_token else {"data": body, "headers": {"X-CSRFToken": CSRF}}
        with door.stream(method, path, **sent) as answer:
            if answer.headers.get("content-type", "").startswith("text/event-stream"):
                first = next(answer.iter_bytes())
            else:
                # a page's CSRF token is masked anew each time it is drawn
                first = MASKED_TOKEN.sub(b"", answer.read())
            return answer.status_code, answer.headers.get("content-type"), first

    def close(self):
        self.by_token.close()
        self.by_cookie.close()


class Stage:
    """Harbor with a session under way and everything about it; Meadow with its people and one of its own."""

    def __init__(self, url):
        cast = builders.cast()
        self.url = url
        self.cast = cast
        meadow = cast.other_clinic
        people = {
            name: getattr(cast, name) for name in ("nurse", "supervisor", "admin", "auditor", "gateway")
        }
        self.insiders = {name: Person(url, principal) for name, principal in people.items()}
        self.outsiders = [
            Person(url, cast.outsider),
            Person(url, builders.member(meadow, "meadow-nurse")),
            Person(url, builders.member(meadow, "meadow-admin", "admin")),
            Person(url, builders.device(meadow, "Meadow gateway")),
        ]
        self.anonymous = Person(url, None)
        self.nurses = {cast.clinic.pk: cast.nurse, meadow.pk: self.outsiders[1].principal}
        self.patient = builders.patient(cast.clinic, "CANARY-1", family_name="Canary")
        self.own_session = {
            clinic.pk: str(self.session(clinic, "dosing").id) for clinic in (cast.clinic, meadow)
        }
        refused = {
            "measured_at": "2020-01-01T00:00:00Z",
            "heart_rate": 71,
            "session": self.own_session[cast.clinic.pk],
        }
        self.insiders["gateway"].call("POST", "/api/v1/readings/", refused)

    def close(self):
        for person in (*self.insiders.values(), *self.outsiders, self.anonymous):
            person.close()

    def chair(self, clinic):
        position = Chair.objects.filter(clinic=clinic).count() + 1
        return Chair.objects.create(clinic=clinic, name=f"{clinic.name} {position}", position=position)

    def session(self, clinic, state):
        """A session in this state, in a chair of its own."""
        nurse, chair, at = self.nurses[clinic.pk], self.chair(clinic).name, now() - timedelta(minutes=20)
        if state == "scheduled":
            return builders.scheduled(nurse, clinic, at, chair=chair)
        if state == "checked_in":
            return builders.checked_in(nurse, clinic, at, chair=chair)
        session = builders.dosing(nurse, clinic, at, chair=chair)
        for minute, (name, details) in enumerate(ON_THE_WAY_TO[state], start=5):
            builders.act(nurse, session, name, at + timedelta(minutes=minute), **details)
        return session

    def names(self, call):
        """Harbor's rows that a call can name: real ids, with a flag and a reading behind them."""
        clinic = self.cast.clinic
        session = self.session(clinic, call.state)
        names = {
            "clinic": clinic.pk,
            "session": str(session.id),
            "chair": str(session.chair_id),
            "chair_name": str(session.chair and session.chair.name),
            "patient": str(self.patient.id),
            "free_chair": str(self.chair(clinic).id),
        }
        wanted = call.path + json.dumps(call.body)
        if "{reading}" in wanted or "{flag}" in wanted:
            [told] = builders.record(builders.incoming(self.cast.gateway, session, now(), systolic=205))
            names["reading"] = str(told.id)
            names["flag"] = str(Flag.objects.get(session=session).id)
        names |= {name: make(self, session) for name, make in MAKERS.items() if f"{{{name}}}" in wanted}
        return names

    def unknown(self, names):
        """The same names for what nobody has."""
        ids = {name: 10**9 if isinstance(held, int) else str(uuid4()) for name, held in names.items()}
        return ids | {"clinic": 10**9, "chair_name": str(ids["chair"])[:8]}

    def filled(self, template, names, by):
        """A path or body with names for its placeholders, and the caller's own where it asks for them."""
        if isinstance(template, dict):
            return {key: self.filled(value, names, by) for key, value in template.items()}
        if isinstance(template, list):
            return [self.filled(value, names, by) for value in template]
        if not isinstance(template, str):
            return template
        if template[1:-1] in names and isinstance(names[template[1:-1]], int):
            return names[template[1:-1]]
        if template == "{own_patient}":
            return str(builders.patient(self.clinic_of(by)).id)
        if template == "{me}":
            return by.name
        at = now().astimezone(UTC).isoformat()
        return template.format(**names, now=at, own_session=self.own_session.get(self.clinic_of(by).pk))

    def clinic_of(self, person):
        inside = person.principal is None or person.principal.clinic_id == self.cast.clinic.pk
        return self.cast.clinic if inside else self.cast.other_clinic

    def call(self, person, call, names):
        return person.call(
            call.method, self.filled(call.path, names, person), self.filled(call.body, names, person)
        )


@pytest.fixture
def stage(committed_db, tmp_path):
    with processes.served(tmp_path) as url:
        stage = Stage(url)
        yield stage
        stage.close()


def calls(kind):
    return [(route, call) for route, rules in TABLE.items() for call in rules if isinstance(call, kind)]


def test_foreign_ids_are_answered_as_ids_that_nobody_has(stage):
    tried = 0
    for route, call in calls(Foreign):
        names = stage.names(call)
        for outsider in stage.outsiders:
            foreign = stage.call(outsider, call, names)
            nobody = stage.call(outsider, call, stage.unknown(names))
            where = f"{call.method} {call.path} ({route}) by {outsider.name}: {foreign}"
            assert foreign == nobody, where
            assert foreign[0] in REFUSED or call.passed_over, where
            if outsider.name in {"outsider", "meadow-nurse"}:
                assert foreign[0] == call.answered, where
            tried += 1
        assert_needs_a_name(stage.call(stage.anonymous, call, names), call)
        right = stage.call(stage.insiders[call.right], call, names)
        done = {200, 201, 204} | ({302} if call.path in {"/choose-clinic/", "/rooms/enrol/"} else set())
        assert right[0] in done, f"{call.method} {call.path} by {call.right}: {right}"
        assert call.told.encode() in right[2], f"{call.method} {call.path} by {call.right}: {right}"
    assert tried > 100


def assert_needs_a_name(answer, call):
    """Nobody's call is sent to sign in, or told to."""
    if call.path == "/api/v1/auth/token/":
        return
    assert answer[0] == (401 if call.path.startswith(("/api/", "/live/")) else 302), f"{call.path}: {answer}"


def test_lists_and_pages_hold_the_own_clinic_alone(stage):
    names = stage.names(Foreign("GET", "{reading}{flag}")) | {"refused": "2020-01-01"}
    secrets = [name for name in names.values() if isinstance(name, str)]
    secrets += ["Harbor", "Canary", "CANARY-1", stage.own_session[stage.cast.clinic.pk]]
    secrets += [
        str(id_) for id_ in Chair.objects.filter(clinic=stage.cast.clinic).values_list("id", flat=True)
    ]
    for route, call in calls(Own):
        status, _, body = followed(stage.insiders[call.right], call.path)
        assert status == 200, route
        assert call.shows.format(**names) in body, route
        for outsider in stage.outsiders:
            if outsider.name == "device" and not call.path.startswith("/api/"):
                continue  # a device has no cookie: see the anonymous test
            status, _, body = followed(outsider, call.path)
            assert status in {200, 403}, f"{route} by {outsider.name}"
            assert not [secret for secret in secrets if secret in body], f"{route} by {outsider.name}"


def followed(person, path):
    status, kind, body = person.call("GET", path)
    if status == 302:
        status, kind, body = person.call("GET", "/board/")
    return status, kind, unpacked(body) if kind == "application/zip" else body.decode()


def unpacked(body):
    """The files of a zip as one text, with their names."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return "\n".join(name + archive.read(name).decode("latin-1") for name in archive.namelist())


def test_a_rooms_key_opens_its_own_two_calls_and_nothing_else(stage):
    names = stage.names(Foreign("GET", "{reading}{flag}")) | {"refused": "2020-01-01"}
    chair = Chair.objects.get(pk=names["chair"])
    room = Person(stage.url, principal_of_room(chair), enrolled_by=stage.cast.supervisor)
    try:
        assert room.call("GET", "/api/v1/room/")[0] == 200
        for _, call in calls(Foreign):
            if call.path == "/api/v1/auth/token/":
                continue  # asks for a name and a password, of whoever comes
            answered = stage.call(room, call, stage.names(call))
            # of a batch each item is refused by itself
            refused = answered[0] in {302, 401, 403} or b'"code":"forbidden"' in answered[2]
            assert refused, f"{call.method} {call.path}: {answered}"
        for _, call in calls(Own):
            assert room.call("GET", call.path)[0] in {302, 401, 403}, call.path
        assert room.call("GET", "/live/board/")[0] == 403
    finally:
        room.close()


class WallBrowser:
    """A browser with a wall's cookie and nothing else."""

    def __init__(self, url, by, name):
        self.key = walls.enrol(by=by, name=name)
        self.by_cookie = httpx.Client(
            base_url=url, timeout=30, cookies={"csrftoken": CSRF, WALL_COOKIE: self.key}
        )

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.by_cookie.close()

    def call(self, method, path, body=None, **headers):
        sent = {"json": body, "headers": {"X-CSRFToken": CSRF, **headers}}
        with self.by_cookie.stream(method, path, **sent) as answer:
            streams = answer.headers.get("content-type", "").startswith("text/event-stream")
            return answer.status_code, next(answer.iter_bytes()) if streams else answer.read()


DRAWN = "/api/v1/flags/drawn/"
# makers of rows that have a number for an id
NUMBERED = ("limits_in_use", "draft", "limit_set", "tried_limits")


def as_wall(path):
    return f"{path}{'&' if '?' in path else '?'}screen=wall"


def test_a_walls_cookie_opens_the_board_says_what_it_drew_and_nothing_else(stage):
    names = stage.names(Foreign("GET", "{reading}{flag}")) | {"refused": "2020-01-01"}
    with WallBrowser(stage.url, stage.cast.supervisor, "Corridor") as wall:
        for path in ("/api/v1/board/", "/live/board/"):
            status, first = wall.call("GET", as_wall(path))
            assert status == 200
            assert names["session"].encode() in first
            # without saying that it speaks as the wall it is nobody
            assert wall.call("GET", path)[0] == 401
        # refused before any row is looked for, so one set of names serves all
        anything = stage.unknown(names | dict.fromkeys(MAKERS, "") | dict.fromkeys(NUMBERED, 0))
        for call in [call for _, call in calls(Foreign) if call.path != "/api/v1/auth/token/"]:
            path, body = (
                stage.filled(part, anything, stage.insiders["nurse"]) for part in (call.path, call.body)
            )
            key = {"Authorization": f"Token {wall.key}"}
            for asked, headers in ((path, {}), (as_wall(path), {}), (path, key)):
                status, answer = wall.call(call.method, asked, body, **headers)
                if asked == as_wall(DRAWN):
                    assert (status, answer) == (200, b'{"first":0}')
                    continue
                assert status in {302, 401, 403}, (
                    f"{call.method} {asked} {headers}: {status} {answer[:200]!r}"
                )
        for _, call in calls(Own):
            if call.path == "/api/v1/board/":
                continue
            for asked in (call.path, as_wall(call.path)):
                assert wall.call("GET", asked)[0] in {302, 401, 403}, asked
        assert wall.call("GET", as_wall(f"/live/sessions/{names['session']}/"))[0] == 403


def test_a_wall_shows_its_own_clinic_whoever_signs_in_on_it(stage):
    ours, theirs = (
        stage.own_session[clinic.pk].encode() for clinic in (stage.cast.clinic, stage.cast.other_clinic)
    )
    with WallBrowser(stage.url, stage.cast.supervisor, "Corridor") as wall:
        outsider = stage.outsiders[0]
        wall.by_cookie.cookies["sessionid"] = outsider.by_cookie.cookies["sessionid"]
        for path in ("/api/v1/board/", "/live/board/"):
            _, first = wall.call("GET", as_wall(path))
            assert ours in first
            assert theirs not in first
            _, first = wall.call("GET", path)
            assert theirs in first
            assert ours not in first
        page = wall.call("GET", "/wall/")[1]
        assert b"Harbor" in page
        assert b"Meadow" not in page
        screen = WallScreen.objects.get()
        walls.revoke(by=stage.cast.supervisor, wall_id=screen.id, at=now())
        # taken back, it does not look through whoever is signed in
        assert [wall.call("GET", as_wall(path))[0] for path in ("/api/v1/board/", "/live/board/")] == [
            401,
            401,
        ]
        assert wall.call("GET", "/wall/")[0] == 403


def test_nobody_gets_beyond_the_sign_in(stage):
    for route, call in calls(Own):
        status, _, _ = stage.anonymous.call("GET", call.path)
        assert status == (401 if call.path.startswith("/api/") else 302), route
    for route, call in calls(Open):
        assert stage.anonymous.call(call.method, call.path)[0] == call.status, route


def test_a_board_stream_never_carries_another_clinics_events(stage):
    heard: dict[str, str] = {}
    harbor, meadow = stage.cast.clinic, stage.cast.other_clinic
    ours, theirs = stage.own_session[meadow.pk], stage.own_session[harbor.pk]
    listeners = {"outsider": stage.outsiders[0], "nurse": stage.insiders["nurse"]}
    ends = {"outsider": ours, "nurse": theirs}
    open_ = threading.Barrier(3, timeout=processes.WITHIN_S)

    def listen(name):
        """Until the listener's own clinic's second reading is heard: what came before it is all there."""
        text = ""
        with listeners[name].by_token.stream("GET", "/live/board/") as stream:
            for part in stream.iter_text():
                if not text:
                    open_.wait()
                text += part
                if text.count('"heart_rate":77') >= 1 and text.count('"heart_rate":78') >= 1:
                    break
        heard[name] = text

    threads = [threading.Thread(target=listen, args=(name,)) for name in listeners]
    for thread in threads:
        thread.start()
    open_.wait()
    gateways = {theirs: stage.insiders["gateway"], ours: stage.outsiders[3]}
    for heart_rate in (77, 78):
        for session, gateway in gateways.items():
            body = {"session": session, "measured_at": now().isoformat(), "heart_rate": heart_rate}
            assert gateway.call("POST", "/api/v1/readings/", body)[0] == 201
    for thread in threads:
        thread.join(processes.WITHIN_S)
        assert not thread.is_alive()
    for name, own in ends.items():
        assert own in heard[name]
    assert theirs not in heard["outsider"]
    assert ours not in heard["nurse"]
    assert json.dumps(harbor.name) not in heard["outsider"]
