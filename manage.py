#!/usr/bin/env python3
"""Run an administrative command of Vigil."""

import contextlib
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    from django.core.management import execute_from_command_line

    from clinic.local.servers import demo_servers
    from clinic.local.state import Refused

    # the demo clinic can be made with nothing running: then its own servers run for as long as it takes
    needs_servers = sys.argv[1:2] == ["seed_demo"]
    try:
        with demo_servers() if needs_servers else contextlib.nullcontext():
            execute_from_command_line(sys.argv)
    except Refused as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    main()
