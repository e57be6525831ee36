"""``python -m benchmarks.reference.seed``: tables, a token and sessions; prints a ``Stage`` as JSON."""

import sys
from uuid import uuid4

import django
from django.core.management import call_command

from benchmarks.stage import Stage, shown


def seed(sessions: int) -> Stage:
    from django.contrib.auth.models import User
    from rest_framework.authtoken.models import Token

    from benchmarks.reference.models import Session

    call_command("migrate", run_syncdb=True, verbosity=0)
    token = Token.objects.create(user=User.objects.create_user("gateway"))
    rows = Session.objects.bulk_create(Session(id=uuid4()) for _ in range(sessions))
    return Stage(device_key=token.key, sessions=[str(row.id) for row in rows])


if __name__ == "__main__":
    django.setup()
    print(shown(seed(int(sys.argv[1]))))
