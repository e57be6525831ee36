"""The long-running commands, in one place: the demo's supervisor and docker-compose.yml start these.

``{host}``, ``{port}`` and ``{schedule}`` (the file in which beat keeps its last runs) are filled in by
`argv`. Any of them may run twice; `simulate` belongs to the demo alone.
"""

import shlex

COMMANDS = {
    "web": "python -m uvicorn clinic.asgi:application --host {host} --port {port}"
    " --timeout-graceful-shutdown 5 --no-server-header --no-access-log",
    "worker": "python -m celery -A clinic worker --pool=threads --concurrency=8 --loglevel=INFO",
    "exports": "python -m celery -A clinic worker --queues=exports --hostname=exports@%h --pool=threads"
    " --concurrency=1 --loglevel=INFO",
    "beat": "python -m celery -A clinic beat --schedule {schedule} --loglevel=INFO",
    "watch": "python manage.py watch",
    "simulate": "python manage.py simulate",
}
START_ORDER = ("web", "worker", "exports", "beat", "watch", "simulate")
# Sources of work first, then what writes, so that nothing is cut off from a server it still needs.
STOP_ORDER = (("simulate", "beat"), ("worker", "exports", "watch", "web"), ("valkey",), ("postgres",))


def argv(name: str, *, python: str, host: str = "", port: int = 0, schedule: str = "") -> list[str]:
    """The command of one process as a list, run by the interpreter `python`."""
    words = shlex.split(COMMANDS[name])
    filled = [word.format(host=host, port=port, schedule=schedule) for word in words]
    return [python, *filled[1:]]
