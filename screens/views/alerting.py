"""What leaves the house for a flag: what is switched on, where it goes, and how each notification stands."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic.access import Act, Principal, may
from clinic.models import User
from screens.views.staff import for_staff
from vitals import alerting
from vitals.messengers import push
from vitals.notices import WARNINGS, Channel, State


@for_staff(Act.SEE_ALERTING)
def alerting_page(request: HttpRequest, by: Principal) -> HttpResponse:
    settings = alerting.settings(by.clinic_id)
    targets = alerting.target_views(by.clinic_id)
    mine = [one for one in targets if one.user_id is not None and one.user_id == by.user_id]
    reach = alerting.reach(by.clinic_id, targets)
    context = {
        "screen": "alerting",
        "managing": may(by, Act.MANAGE_ALERTING),
        "channels": [
            {
                "channel": channel,
                "warning": WARNINGS[channel],
                "switch": settings.switches.get(channel),
                "is_on": settings.is_on(channel),
            }
            for channel in Channel
        ],
        "unsigned": alerting.unsigned(by.clinic_id),
        "my_email": next((one for one in mine if one.channel is Channel.EMAIL), None),
        "my_browsers": [one for one in mine if one.channel is Channel.PUSH],
        "suggested": User.objects.values_list("email", flat=True).get(pk=by.actor_id),
        "webhooks": [one for one in targets if one.channel is Channel.WEBHOOK],
        "reach": reach,
        "unreached": sum(not one.channels for one in reach if one.role == "Supervisor"),
        "push_key": push.public_key(),
        "mail_is_printed": alerting.mail_is_printed(),
        "dead": alerting.notifications(by.clinic_id, State.DEAD),
        "waiting": alerting.counts(by.clinic_id)[State.WAITING],
        "others": alerting.notifications(by.clinic_id, State.WAITING, State.SENT, State.DROPPED, at_most=100),
    }
    return render(request, "screens/alerting/page.html", context)
