"""Serving: the web server, the clock worker beside it, and the demonstration."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading

import click
import structlog
from django.conf import settings
from django.core.management import call_command

log = structlog.get_logger()


def free_port(wanted: int) -> int:
    """`wanted`, or the next free one."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise click.ClickException(f"No free port from {wanted} to {wanted + 49}.")


class _Kept:
    """A program beside the server that is started again when it dies, and ends with the server."""

    def __init__(self, command: list[str]) -> None:
        self.command, self.ended = command, threading.Event()
        self.process = self._start()
        threading.Thread(target=self._watch, daemon=True).start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.command, start_new_session=True)

    def _watch(self) -> None:
        while not self.ended.wait(2):
            if self.process.poll() is not None and not self.ended.is_set():
                log.error("worker died", code=self.process.returncode)
                self.process = self._start()

    def end(self) -> None:
        """Stop it, by force after ten seconds."""
        self.ended.set()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def run_server(port: int, greeting: list[str], with_worker: bool = True) -> None:
    """Serve until Ctrl-C; the worker ends with the server."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    port = free_port(port)
    worker = _Kept([sys.executable, "-m", "bihuan", "worker", "--every", "5"]) if with_worker else None
    for line in [*greeting, f"http://127.0.0.1:{port}/   (Ctrl-C)"]:
        click.echo(line)
    try:
        Granian(
            "bihuan.conf.wsgi:application", address="127.0.0.1", port=port, interface=Interfaces.WSGI,
            workers=settings.PROCESSES, blocking_threads=settings.THREADS, log_level=LogLevels.warning, respawn_failed_workers=True, workers_kill_timeout=3,
        ).serve()  # fmt: skip
    finally:
        if worker is not None:
            worker.end()


def run_demo(port: int, load_only: bool) -> None:
    """Migrate, load once, serve."""
    from bihuan.demo import district

    call_command("migrate", verbosity=0, interactive=False)
    if district.loaded():
        click.echo("The demonstration district is loaded already. 示范数据已在。")
    else:
        click.echo("Loading the demonstration district … 正在载入示范数据")
        district.load(progress=_show)
    if load_only:
        return
    run_server(port, _greeting(district.accounts_file().read_text("utf-8")))


def _show(what: str, done: int, of: int) -> None:
    click.echo(f"\r  {what} {done}/{of}   ", nl=False)


SHOWN = {
    "leader",
    "jfj01",
    "jfj00",
    "cgj01",
    "jsj01",
    "dcs01",
    "xab01",
    "lzh01",
    "xf01",
    "rzb01",
    "zgyh01",
    "gsyh01",
    "kf101",
    "audit",
    "admin",
    "security",
    "logs",
}


def _greeting(text: str) -> list[str]:
    password, *rows = [line.split("\t") for line in text.splitlines()]
    accounts = [f"  {name:<8} {post}" for name, post in rows if name in SHOWN]
    return ["", "Accounts 账号:", *accounts, f"Password of all 统一密码: {password[1]}", ""]
