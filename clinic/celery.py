"""Celery: polling, housekeeping and long jobs. Nothing clinical waits for it.

Due times are rows and findings are made in the corridor's own transaction, so a lost, late or doubled
task delays a poll and loses nothing. Its limits stand in the settings, each with its reason.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

app = Celery("vigil")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
