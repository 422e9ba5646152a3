"""An SMTP server for the tests: server-smtp.py FOLDER

Listens on loopback, on ports that FOLDER/ports names (and keeps when it is
started again), once for each way of speaking:

	CLEAR		no TLS
	STARTTLS	TLS wanted before any mail
	AUTH		the same, and the user v2m with the password "sesame"
	SMTPS		TLS from the first byte
	STRANGER	as STARTTLS, with a certificate for another name
	LIMITED		as STARTTLS, two mails a connection, then 421

A mail becomes FOLDER/mails/N.eml, FOLDER/log gets a line for each event.  The
first part of the recipient's address, up to a '+', orders a bad day; see
rcpt() and data().
"""

import asyncio
import os
import ssl
import sys

from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, AuthResult

from ports import free

folder = sys.argv[1]
NAMES = ("CLEAR", "STARTTLS", "AUTH", "SMTPS", "STRANGER", "LIMITED")
seen = {}


def log(*words):
    with open(os.path.join(folder, "log"), "a", encoding="utf-8") as f:
        print(*words, file=f)


def order(address):
    return address.split("@")[0].split("+")[0]


def context(name):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(os.path.join(folder, name + ".pem"))
    return c


def keep(envelope):
    mails = os.path.join(folder, "mails")
    number = len(os.listdir(mails)) + 1
    with open(os.path.join(mails, "%d.eml" % number), "wb") as f:
        f.write(envelope.content)
    log("mail", number, envelope.mail_from, *envelope.rcpt_tos)


class Handler(Sink):
    def __init__(self, name):
        super().__init__()
        self.name = name

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.name == "LIMITED" and server.mails == 2:
            server.loop.call_later(0.05, server.transport.close)
            return "421 4.7.0 enough for one connection"
        if address.startswith("refused"):
            return "553 5.7.1 not your address"
        if address.startswith("unknown"):
            return "550 5.1.8 no such domain"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        answers = {
            "never": "550 5.1.1 no such user",
            "over": "552 5.2.2 mailbox full",
            "policy": "550 5.7.1 not from you",
            "route": "550 5.4.5 quota of the day",
            "relay": "550 we do not relay for you",
            "later": "451 4.2.1 try again later",
            "away": "421 4.3.2 shutting down",
        }
        if order(address) in answers:
            return answers[order(address)]
        if order(address) == "once" and not seen.get(address):
            seen[address] = True
            return "450 4.2.0 greylisted"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        what = order(envelope.rcpt_tos[0])
        if what == "spam":
            return "554 5.7.1 we do not like it"
        if what == "odd":
            return "554 5.6.0 what is that"
        if what == "much":
            return "552 5.2.3 too much"
        if what == "full":
            return "452 4.3.1 disk full"
        if what == "hangs":
            log("hangs")
            await asyncio.sleep(3600)
        keep(envelope)
        log("greeted", session.host_name)
        server.mails += 1
        if what == "dies":
            server.transport.abort()
        if what == "bye":
            server.loop.call_later(0.05, server.transport.close)
        return "250 OK, kept"


class Server(SMTP):
    def __init__(self, name, *args, **options):
        super().__init__(*args, **options)
        self.name = name
        self.mails = 0

    def connection_made(self, transport):
        if self.transport is None:
            log("connect", self.name)
        super().connection_made(transport)

    async def smtp_DATA(self, arg):
        if self.envelope.rcpt_tos and \
                order(self.envelope.rcpt_tos[0]) == "cut":
            self.transport.abort()
            return
        await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg):
        log("quit", self.name)
        await super().smtp_QUIT(arg)


def login(server, session, envelope, mechanism, auth):
    good = auth.login == b"v2m" and auth.password == b"sesame"
    log("login", "good" if good else "bad")
    return AuthResult(success=good, handled=False) if not good \
        else AuthResult(success=True)


def make(name, loop):
    options = {"hostname": "localhost", "loop": loop}
    if name in ("STARTTLS", "AUTH", "LIMITED", "STRANGER"):
        which = "stranger" if name == "STRANGER" else "server"
        options.update(tls_context=context(which), require_starttls=True)
    if name == "AUTH":
        options.update(auth_required=True, authenticator=login)
    return Server(name, Handler(name), **options)


def old_ports():
    try:
        with open(os.path.join(folder, "ports"), encoding="ascii") as f:
            return dict(line.strip().split("=") for line in f)
    except FileNotFoundError:
        return dict(zip(NAMES, free(len(NAMES))))


async def main():
    loop = asyncio.get_running_loop()
    ports = old_ports()
    servers = []
    os.makedirs(os.path.join(folder, "mails"), exist_ok=True)
    for name in NAMES:
        servers.append(await loop.create_server(
            lambda name=name: make(name, loop), "127.0.0.1",
            int(ports.get(name, 0)),
            ssl=context("server") if name == "SMTPS" else None))
        ports[name] = servers[-1].sockets[0].getsockname()[1]
    with open(os.path.join(folder, "ports.new"), "w", encoding="ascii") as f:
        for name in NAMES:
            print("%s=%s" % (name, ports[name]), file=f)
    os.rename(os.path.join(folder, "ports.new"),
              os.path.join(folder, "ports"))
    with open(os.path.join(folder, "ready"), "w", encoding="ascii"):
        pass
    await asyncio.gather(*(s.serve_forever() for s in servers))


asyncio.run(main())
