from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """The treatment record. Django's own ``sessions`` holds that label, so ours is ``infusions``."""

    name = "sessions"
    label = "infusions"

    def ready(self) -> None:
        """Look at the plug-ins' scales once, so that one that cannot be used stops the start and is named."""
        from sessions.known_scales import scales

        scales()
