"""Sending a message out of the house: e-mail, and group robots of WeCom, DingTalk and Feishu, through Apprise."""

from __future__ import annotations

import json
import logging
import os
import re
from urllib.parse import quote

EMAIL, WECOM, DINGTALK, FEISHU = "email", "wecom", "dingtalk", "feishu"
HOSTS = {
    WECOM: r"^https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=([\w-]{8,})$",
    DINGTALK: r"^https://oapi\.dingtalk\.com/robot/send\?access_token=(\w{16,})$",
    FEISHU: r"^https://open\.feishu\.cn/open-apis/bot/v2/hook/([\w-]{8,})/?$",
}
"""The addresses that the three products hand out; no other host is ever called."""


class Undelivered(Exception):
    """The message was not taken; the text says why, as far as the other side told."""


def target(kind: str, address: str, secret: str, mail_url: str) -> str:
    """The Apprise URL of a channel. ValueError when the address is none, or mail is not set up."""
    if kind == EMAIL:
        if not mail_url:
            raise ValueError("no mail server is set up")
        return f"{mail_url}{'&' if '?' in mail_url else '?'}to={quote(address)}"
    found = re.match(HOSTS[kind], address)
    if not found:
        raise ValueError("this is no robot address")
    token = found[1]
    if kind == WECOM:
        return f"wecombot://{token}"
    if kind == DINGTALK:
        return f"dingtalk://{quote(secret, safe='')}@{token}/" if secret else f"dingtalk://{token}/"
    return f"feishu://{token}"


def spool(path: str, *, kind: str, address: str, title: str, text: str) -> None:
    """Append the message to a file, one JSON object a line, for a gateway of one's own. Undelivered when it cannot be."""
    line = json.dumps({"kind": kind, "address": address, "title": title, "text": text}, ensure_ascii=False) + "\n"
    try:
        with open(path, "ab", buffering=0) as file:
            file.write(line.encode())
            os.fsync(file.fileno())
    except OSError as error:
        raise Undelivered(str(error)) from None


def send(
    *, kind: str, address: str, secret: str = "", mail_url: str = "", title: str, text: str, into: str = ""
) -> None:  # fmt: skip
    """Send once, in plain text; with `into` only append to that file. Undelivered with the reason when it was not taken."""
    if into:
        return spool(into, kind=kind, address=address, title=title, text=text)
    try:
        url = target(kind, address, secret, mail_url)
    except ValueError as error:
        raise Undelivered(str(error)) from None
    import apprise  # heavy, and needed by the sender alone

    service = apprise.Apprise()
    if not service.add(url):
        raise Undelivered("the address cannot be used")
    with apprise.LogCapture(level=logging.WARNING) as said:  # type: ignore[no-untyped-call]
        if not service.notify(title=title, body=text, body_format=apprise.NotifyFormat.TEXT):
            lines = [line.strip() for line in said.getvalue().splitlines() if line.strip()]
            raise Undelivered((lines[-1] if lines else "not taken")[:300])
