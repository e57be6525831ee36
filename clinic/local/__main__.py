"""`python -m clinic.local`: the demo, a command on throw-away servers, and clearing up."""

import argparse
import shutil
import sys

from clinic.local import postgres, servers
from clinic.local.demo import demo
from clinic.local.state import Refused, demo_folder, locked


def clean() -> int:
    """Remove the demo's data.

    raises: Refused while a demo runs on them.
    """
    folder = demo_folder()
    if folder.exists():
        with locked(folder):
            postgres.remove(folder)
            shutil.rmtree(folder)
    return 0


def main(arguments: list[str]) -> int:
    """Run one of the three.

    returns: the exit code for the shell.
    """
    parser = argparse.ArgumentParser(prog="python -m clinic.local", description=__doc__)
    tasks = parser.add_subparsers(dest="task", required=True)
    tasks.add_parser("demo", help="serve the demo clinic; PORT and SPEED come from the environment")
    tasks.add_parser("clean", help="remove the demo's data")
    run = tasks.add_parser("run", help="run a command on throw-away servers")
    run.add_argument("command", nargs="+", help="after --, the command and its arguments")
    asked = parser.parse_args(arguments)
    try:
        if asked.task == "run":
            return servers.run(asked.command)
        return demo() if asked.task == "demo" else clean()
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
