"""The alerting page in a browser: switching on, one's own browser and mail, webhooks, dead letters."""

import ipaddress
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections

from clinic.clock import now
from clinic.models import User
from tests import notify_stage
from tests.journeys.ward import button, open_ward
from tests.journeys.windows import LAPTOP, PHONE, TABLET, UPRIGHT
from tests.notify_stage import Browser, receiver
from vitals import alerting as reads
from vitals.limits import Audience
from vitals.models import AlertTarget, Notification
from vitals.notices import WARNINGS, Channel
from vitals.services import alerting, flags, notifying

pytestmark = pytest.mark.browser

OVERFLOWS = (Path(__file__).parent / "overflows.js").read_text()
REFUSED = ("Failed to load resource: the server responded with a status of 409", "409 ")
LONG_NAME = "Maximiliane Featherstonehaugh-Cholmondeley"


@pytest.fixture
def ward(committed_db, windows, tmp_path, settings):
    settings.NOTIFY_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    with open_ward(windows, tmp_path, **notify_stage.WORKER) as served:
        yield served


def send_next(target_id):
    """As a worker sends it: in a thread of its own, for Playwright keeps an event loop in this one."""

    def send():
        try:
            return notifying.send_next(target_id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(send).result()


def switch(page, channel):
    return page.locator(f"#switch-{channel}")


def switch_on(page, channel):
    card = switch(page, channel)
    card.get_by_label("I have read this and accept it for the clinic").check()
    card.get_by_role("button").click()


def test_it_stays_off_until_the_limits_are_signed_and_then_keeps_who_accepted_what(ward, picture):
    ward.windows.expected = REFUSED
    page = ward.open(ward.cast.supervisor, "/alerting/", LAPTOP)
    assert "Nothing rings and nothing leaves until the limits in use are signed" in page.inner_text("main")
    switch_on(page, "sound")
    alert = switch(page, "sound").get_by_role("alert")
    alert.get_by_text("signed by nobody").first.wait_for()
    assert "Still missing" in alert.inner_text()
    assert page.evaluate(OVERFLOWS) == []
    page.evaluate("scrollTo(0, 0)")
    picture(page, "alerting-off-laptop")
    notify_stage.sign_limits(ward.cast.supervisor, now())
    page.reload()
    # without the tick nothing is sent
    switch(page, "sound").get_by_role("button").click()
    assert not reads.settings(ward.cast.clinic.pk).is_on(Channel.SOUND)
    switch_on(page, "sound")
    switch(page, "sound").get_by_text("Switch off").wait_for()
    held = reads.settings(ward.cast.clinic.pk).switches[Channel.SOUND]
    assert (held.warning, held.by_name) == (WARNINGS[Channel.SOUND], ward.cast.supervisor.name)
    assert f"by {held.by_name}" in switch(page, "sound").inner_text()
    button(page, "Switch Sound off").click()
    button(page, "Switch Sound on").wait_for()
    assert not reads.settings(ward.cast.clinic.pk).sound_allowed


def test_a_nurse_sees_how_it_stands_and_sets_up_her_own(ward):
    page = ward.open(ward.cast.nurse, "/alerting/")
    assert page.get_by_role("button", name="Switch Sound on").count() == 0
    assert page.get_by_role("form", name="Add a webhook").count() == 0
    page.get_by_label("Address").fill("nurse@harbor.test")
    button(page, "Send them to me by e-mail").click()
    page.get_by_text("nurse@harbor.test").wait_for()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Nurse"))
    assert "E-mail" in row.inner_text()
    button(page, "Send a test by e-mail").click()
    page.locator("tr[data-stands=waiting]").wait_for()
    assert Notification.objects.get().flag is None
    button(page, "Stop e-mails to me").click()
    button(page, "Send them to me by e-mail").wait_for()


def test_a_webhooks_secret_is_shown_until_it_is_kept(ward):
    page = ward.open(ward.cast.supervisor, "/alerting/", LAPTOP)
    page.get_by_label("Name").fill("Pager gateway")
    page.locator("#webhook-url").fill("http://127.0.0.1:9/flags")
    button(page, "Add").click()
    page.locator("#secret code[data-part=secret]").wait_for()
    secret = page.locator("code[data-part=secret]").inner_text()
    assert secret == AlertTarget.objects.get().secret
    button(page, "I have kept it").click()
    button(page, "Remove Pager gateway").wait_for()
    assert secret not in page.content()


def test_a_browser_asks_only_at_a_tap_and_shows_what_is_pushed(ward):
    """Real worker and keys, a push service on loopback; only the browser's subscribing is stood in for."""
    browser = Browser()
    with receiver(201) as service:
        given = {"endpoint": f"{service.url}/push", "keys": browser.keys}
        page = ward.open(ward.cast.nurse, "/alerting/")
        page.context.grant_permissions(["notifications"])
        asked = f"window.subscribedWith = null; const given = {json.dumps(given)};"
        page.add_init_script(
            asked
            + "PushManager.prototype.subscribe = async (options) => {"
            + "  window.subscribedWith = options; return { toJSON: () => given }; };"
        )
        page.reload()
        assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
        button(page, "Push to this browser").click()
        page.get_by_text("this one").wait_for()
        target = AlertTarget.objects.get()
        assert (target.address, target.user_id) == (given["endpoint"], ward.cast.nurse.user_id)

        notify_stage.may_send(ward.cast, now())
        # a chair's nurse is told when its flag begins to ask
        flag = notify_stage.high_flag(ward.cast, now() - timedelta(minutes=2))
        notify_stage.told(flag, now(), step=0, audience=Audience.NURSE)
        assert send_next(target.id)
        [post] = service.posts
        told = browser.read(post.body).decode()

        cdp = page.context.new_cdp_session(page)
        registrations = []
        cdp.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda said: registrations.extend(said["registrations"]),
        )
        cdp.send("ServiceWorker.enable")
        page.wait_for_timeout(500)
        [own] = [one for one in registrations if one["scopeURL"].startswith(ward.url)]
        cdp.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": ward.url, "registrationId": own["registrationId"], "data": told},
        )
        shown = page.wait_for_function(
            "navigator.serviceWorker.getRegistration('/static/screens/push-worker.js')"
            ".then((one) => one.getNotifications())"
            ".then((all) => all.length ? all.map((one) => [one.title, one.body, one.data.path]) : null)"
        ).json_value()
    assert shown == [["Vigil: high flag, chair 1", "It waits for somebody.", f"/sessions/{flag.session_id}/"]]


def busy(ward, settings):
    """Harbor with everything on it: long names, dead letters, some that wait, were sent, were not needed."""
    cast = ward.cast
    notify_stage.may_send(cast, now())
    first, last = LONG_NAME.split()
    User.objects.filter(pk=cast.supervisor.user_id).update(first_name=first, last_name=last)
    alerting.keep_email(
        by=cast.supervisor,
        address="maximiliane.featherstonehaugh-cholmondeley@harbor-infusions.test",
        at=now(),
    )
    alerting.keep_browser(
        by=cast.supervisor, endpoint="https://127.0.0.1:9/p", name="Android", at=now(), **Browser().keys
    )
    settings.NOTIFY_BACKOFF_S = []
    with receiver(503, 200) as taken:
        hook = alerting.add_webhook(
            by=cast.supervisor, name="Pager gateway", url=f"{taken.url}/clinics/harbor/flags", at=now()
        )
        for chair in (1, 2):
            flag = notify_stage.high_flag(cast, now() - timedelta(minutes=2 * chair), chair=str(chair))
            notify_stage.told(flag, now(), step=chair)
            send_next(hook.id)
    third = notify_stage.high_flag(cast, now() - timedelta(minutes=9), chair="3")
    notify_stage.told(third, now(), step=0)
    flags.acknowledge(by=cast.nurse, flag_id=third.id, action="I'm on it", at=now())
    notifying.offered()


@pytest.mark.parametrize("theme", ["day", "night"])
def test_how_it_looks(ward, picture, settings, theme):
    busy(ward, settings)
    looks = {"laptop": LAPTOP, "tablet": TABLET, "tablet-upright": UPRIGHT, "phone": PHONE}
    found = {}
    for size, pixels in looks.items():
        page = ward.windows.of(
            ward.cast.supervisor,
            f"{ward.url}/alerting/",
            pixels,
            theme="light" if theme == "day" else "dark",
        )
        page.get_by_role("heading", name="not delivered").wait_for()
        if overflowing := page.evaluate(OVERFLOWS):
            found[size] = overflowing
        picture(page, f"alerting-{size}-{theme}", full_page=True)
    assert found == {}


def test_what_was_not_delivered_is_sent_again(ward, settings):
    busy(ward, settings)
    page = ward.open(ward.cast.supervisor, "/alerting/", LAPTOP)
    page.get_by_role("button", name="Send again to Pager gateway by Webhook").click()
    page.get_by_role("heading", name="not delivered").wait_for(state="detached")
    assert Notification.objects.filter(state="dead").count() == 0
