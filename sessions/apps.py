from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """The treatment record. Django's own ``sessions`` holds that label, so ours is ``infusions``."""

    name = "sessions"
    label = "infusions"
