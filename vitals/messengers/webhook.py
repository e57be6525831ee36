"""A notice as signed JSON to an address of the clinic's choosing."""

from django.utils import timezone

from vitals import notices
from vitals.messengers import posting
from vitals.messengers.delivery import Address, Gone, Undelivered
from vitals.notices import Notice


def send(address: Address, notice: Notice) -> None:
    """Post it; any 2xx is a receipt. raises: Undelivered; Gone for 410, which no further try can change."""
    body = notices.webhook_body(notice)
    status = posting.post(
        address.url,
        body,
        {
            "Content-Type": "application/json",
            "Vigil-Id": str(notice.id),
            # real time: a receiver compares it with its own clock
            "Vigil-Signature": notices.signature(address.secret, body, timezone.now()),
        },
    )
    if status == 410:
        raise Gone("answered 410: it wants no more of them")
    if 300 <= status < 400:
        raise Undelivered(f"answered {status}, a redirect, which is not followed")
    if not 200 <= status < 300:
        raise Undelivered(f"answered {status}")
