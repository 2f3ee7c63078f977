"""`bihuan chaos`: kill -9 the server and the worker at random moments under load, then look whether all is there."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import click

CLIENTS = 3
ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=00000000-chaos"
CSRF = "chaoschaoschaoschaoschaoschaosch"


@click.command()
@click.option("--kills", type=click.IntRange(1, 10_000), default=200)
@click.option("--seed", type=int, default=1, help="Which random moments.")
@click.option("--json", "as_json", is_flag=True)
def chaos(kills: int, seed: int, as_json: bool) -> None:
    """Kill server and worker at random moments under load; exits 1 if anything acknowledged is lost or told twice."""
    folder = Path(tempfile.mkdtemp(prefix="bihuan-chaos-"))
    os.environ.update(
        BIHUAN_DATA=str(folder), BIHUAN_SECRET_KEY=secrets.token_hex(), BIHUAN_NOTIFY_SPOOL=str(folder / "spool")
    )
    os.environ.setdefault("DATABASE_URL", "")
    os.environ["BIHUAN_CHECKPOINT_MINUTES"] = "1"
    from bihuan.conf.starting import django_ready

    django_ready()
    try:
        answer = _run(folder, kills, Random(seed))  # noqa: S311  moments, no secret
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    click.echo(
        json.dumps(answer, ensure_ascii=False, indent=1) if as_json else f"{answer['kills']} kills: {answer['verdict']}"
    )
    sys.exit(0 if answer["verdict"] == "all is there, once" else 1)


def _run(folder: Path, kills: int, random: Random) -> dict[str, Any]:
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    load = _Load(*_prepare())
    connection.close()
    places = {
        "server": _Place(["serve", "--no-worker", "--port", str(load.port)]),
        "worker": _Place(["worker", "--every", "0.2"]),
    }
    for place in places.values():
        place.start()
    load.start()
    killed: Counter[str] = Counter()
    begin = time.monotonic()
    for _ in range(kills):
        name = "server" if random.random() < 0.6 else "worker"
        if name == "server":
            load.wait_until_up()
        time.sleep(random.random() * 0.8)
        places[name].kill()
        killed[name] += 1
        places[name].start()
    load.wait_until_up()
    time.sleep(1)
    load.stop()
    time.sleep(2)
    for place in places.values():
        place.kill()
    call_command("migrate", verbosity=0)
    return {
        "kills": sum(killed.values()),
        "killed": dict(killed),
        "seconds": round(time.monotonic() - begin),
        **_judge(folder, load),
    }


class _Place:
    """A program that is killed and started again."""

    def __init__(self, arguments: list[str]) -> None:
        self.command = [sys.executable, "-m", "bihuan", *arguments]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a group of its own, so that its children die with it."""
        self.process = subprocess.Popen(
            self.command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill(self) -> None:
        """kill -9, without a word of warning."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _prepare() -> tuple[dict[str, str], list[str], int]:
    """A small district; session keys of two officers, codes of subjects, a free port."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from bihuan.instruments.notices.services import choose
    from bihuan.kernel.domain.clocks import local_day
    from bihuan.kernel.ledger.adopting import adopt
    from bihuan.kernel.orgs.models import Person, Post

    from .ports import free_port
    from .world import World

    world = World()
    sessions = {}
    for name, unit in (("office", world.units[0]), ("lead", world.units[7])):
        person = Person.objects.create(username=f"chaos-{name}", name=name)
        day = local_day(world.now)
        Post.objects.create(
            unit=unit, title="x", role="officer", person=person, scope_territory=world.places[0].parent, valid_from=day
        )
        store = import_module(settings.SESSION_ENGINE).SessionStore()
        store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(person.pk), settings.AUTHENTICATION_BACKENDS[1]
        store[HASH_SESSION_KEY] = person.get_session_auth_hash()
        store.save()
        sessions[name] = store.session_key
        if name == "lead":
            choose(person=person, kind="wecom", address=ROBOT)
    adopt(by="chaos", reason="the world of the experiment", at=world.now)
    return sessions, [s.code for s in world.subjects if s.type == "project"], free_port()


@dataclass
class _Load:
    """Clients that raise, assign and report over HTTP, and press again when no answer came."""

    sessions: dict[str, str]
    subjects: list[str]
    port: int
    acknowledged: list[str] = field(default_factory=list)
    """Tokens of forms that the server said it had taken."""
    unanswered: int = 0
    odd: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for i in range(CLIENTS):
            self.threads.append(threading.Thread(target=self._client, args=(i,)))
            self.threads[-1].start()

    def stop(self) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def wait_until_up(self) -> None:
        import requests

        for _ in range(600):
            try:
                if requests.get(f"http://127.0.0.1:{self.port}/healthz", timeout=2).ok:
                    return
            except requests.RequestException:
                time.sleep(0.05)
        raise click.ClickException("The server did not come back.")

    def _post(self, who: str, path: str, values: dict[str, str]) -> str:
        """Send a form until it is answered; where it led to, empty when the time is over."""
        import requests

        cookies = {"sessionid": self.sessions[who], "csrftoken": CSRF}
        values = {**values, "token": str(uuid.uuid4())}
        while not self.ended.is_set():
            try:
                answer = requests.post(
                    f"http://127.0.0.1:{self.port}{path}", data=values, cookies=cookies, headers={"X-CSRFToken": CSRF},
                    allow_redirects=False, timeout=10,
                )  # fmt: skip
            except requests.RequestException:
                self.unanswered += 1
                time.sleep(0.05)
                continue
            if answer.status_code == 302 and "/sign-in/" not in answer.headers["Location"]:
                self.acknowledged.append(values["token"])
                return str(answer.headers["Location"])
            self.odd.append(f"{path} {answer.status_code}")
            return ""
        return ""

    def _client(self, i: int) -> None:
        n = 0
        while not self.ended.is_set():
            n += 1
            form = {
                "subject": self.subjects[(i * 7 + n) % len(self.subjects)],
                "kind": "obstacle",
                "title": f"第{i}-{n}件",
                "unit": "u0",
            }
            where = self._post("office", "/matters/new/", form)
            if not where:
                continue
            assign = {"version": "1", "lead": "u7", "verifier": "u0"}
            if self._post("office", f"{where}assign/", assign) and self._post(
                "lead", f"{where}accept/", {"version": "2"}
            ):
                self._post("lead", f"{where}report/", {"version": "3", "text": "已进场"})


def _judge(folder: Path, load: _Load) -> dict[str, Any]:
    from bihuan.instruments.notices import services
    from bihuan.instruments.notices.models import Delivery, Notice
    from bihuan.kernel.ledger import proving
    from bihuan.kernel.ledger.models import Event
    from bihuan.kernel.ledger.verifying import Broken, verify

    tokens = Counter(Event.objects.exclude(token=None).values_list("token", flat=True))
    lost = [t for t in load.acknowledged if t not in tokens]
    twice = [t for t, n in tokens.items() if n > 1]
    from django.utils import timezone

    while services.gather(at=timezone.now()):
        pass
    sent = (
        [json.loads(line) for line in (folder / "spool").read_text("utf-8").splitlines()]
        if (folder / "spool").exists()
        else []
    )
    lines = Counter(line for message in sent for line in message["text"].splitlines() if line.startswith("#"))
    told_twice = [line for line, n in lines.items() if n > 1]
    assigned = Event.objects.filter(type="Assigned").count()
    untold = assigned - Notice.objects.filter(type="Assigned", person__username="chaos-lead").count()
    broken = [str(b) for b in verify() if isinstance(b, Broken)]
    differences = [str(d) for d in proving.differences()]
    good = not (lost or twice or told_twice or untold or broken or differences or load.odd)
    return {
        "verdict": "all is there, once" if good else "something is wrong", "acknowledged": len(load.acknowledged), "lost": len(lost),
        "duplicate": len(twice), "unanswered": load.unanswered, "events": Event.objects.count(), "broken": broken, "differences": differences,
        "notices_sent": sum(lines.values()), "notices_twice": len(told_twice), "notices_missing": untold,
        "deliveries_unknown": Delivery.objects.filter(state__in=["sending", "unknown"]).count(), "odd_answers": Counter(load.odd).most_common(5),
    }  # fmt: skip
