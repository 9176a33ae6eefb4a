"""Start Superset on this machine, with the dashboard of the morning meeting.

`make superset` runs this with the Python of Superset's own environment. It keeps what it needs in
`superset/` of the data directory: a small database, a secret and the administrator's password, both
made at random the first time. The dashboard in this folder is imported at every start and wins over
what was changed on the screen; save a copy to keep a change.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).parent
ADMIN = "admin"
#: Stands in the dashboard's files where the published file belongs.
PLACEHOLDER = "PUBLISHED_FILE"


def main() -> None:
    parser = argparse.ArgumentParser(description="Superset on loopback over the published marts")
    parser.add_argument("--data-dir", type=Path, default=Path("data"))
    parser.add_argument("--port", type=int, default=8088)
    options = parser.parse_args()
    data_dir = options.data_dir.resolve()
    published = data_dir / "published" / "marts.duckdb"
    if not published.exists():
        sys.exit(f"{published} is not there: publish a night first (leankpi nightly, make demo)")

    home = data_dir / "superset"
    home.mkdir(exist_ok=True)
    secret(home / "secret_key")
    password = secret(home / "admin_password")
    os.environ["SUPERSET_HOME"] = str(home)
    os.environ["SUPERSET_CONFIG_PATH"] = str(HERE / "superset_config.py")
    commands = Path(sys.executable).parent
    print("Preparing Superset's database (a minute or two the first time) ...", flush=True)
    upgrade = [commands / "superset", "db", "upgrade"]
    done = subprocess.run(upgrade, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"Superset's database could not be prepared:\n{done.stdout}{done.stderr}")
    set_up(bundle(published), password)

    print(f"Superset: http://127.0.0.1:{options.port}/superset/dashboard/morning-meeting/")
    print(f"log in as {ADMIN} with the password in {home / 'admin_password'}", flush=True)
    server = [str(commands / "gunicorn"), "--bind", f"127.0.0.1:{options.port}"]
    server += ["--threads", "8", "--timeout", "120", "--no-control-socket"]
    server += ["superset.app:create_app()"]
    os.execv(server[0], server)


def secret(path: Path) -> str:
    """A random text, made once and readable by its owner alone."""
    if not path.exists():
        with open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_urlsafe(42))
    return path.read_text(encoding="utf-8")


def bundle(published: Path) -> dict[str, str]:
    """The files of the dashboard by the names that Superset wants, for this published file."""
    folder = HERE / "dashboard"
    return {
        str(file.relative_to(folder)): file.read_text(encoding="utf-8").replace(
            PLACEHOLDER, quote(str(published))
        )
        for file in sorted(folder.rglob("*.yaml"))
    }


def set_up(contents: dict[str, str], password: str) -> None:
    """Roles, the administrator, and the dashboard."""
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        from superset import appbuilder, db, security_manager
        from superset.commands.importers.v1.assets import ImportAssetsCommand
        from superset.utils.core import override_user

        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        admin = security_manager.find_user(ADMIN)
        if admin is None:
            role = security_manager.find_role("Admin")
            admin = security_manager.add_user(
                ADMIN, "Lean", "KPI", "admin@localhost", role, password
            )
        with override_user(admin):
            ImportAssetsCommand(contents).run()
        db.session.commit()


if __name__ == "__main__":
    main()
