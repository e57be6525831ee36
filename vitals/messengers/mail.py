"""A notice by e-mail, through Django's mail."""

from email.utils import parseaddr
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage

from vitals import notices
from vitals.messengers.delivery import Address, Gone, Undelivered
from vitals.notices import Notice


def send(address: Address, notice: Notice) -> None:
    """Hand it to the mail server. raises: Gone when it refuses the address for good; Undelivered."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    mail = EmailMessage(
        subject=notices.subject(notice),
        body=notices.text(notice),
        to=[address.url],
        # the same at every try, so that a reader's program shows a repetition once
        headers={"Message-ID": f"<{notice.id}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    try:
        mail.send()
    except SMTPRecipientsRefused as refusal:
        codes = {code for code, _ in refusal.recipients.values()}
        words = f"the mail server refused the address, {', '.join(str(code) for code in sorted(codes))}"
        raise (Gone(words) if min(codes, default=0) >= 500 else Undelivered(words)) from None
