"""`sulah serve`: the pages over HTTP, from this lender's folder."""

import os
from argparse import Namespace
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from rich.console import Console

from sulah.adapters.book.layout import NotALenderError, open_lender
from sulah.kernel.terms import Exit
from sulah.records.connect import bring_up_to_date, connect_records

APPLICATION = "sulah.web.wsgi:application"
THREADS = 4
"""Requests that one process answers at a time; each may hold half a gigabyte while it reads a large book."""

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to


def add(subparsers: Any) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser("serve", help="serve the pages of this lender over HTTP")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: only this machine)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default 8000)")
    parser.add_argument("--name", action="append", default=[], metavar="HOST", help="host name that people type; may be repeated")
    parser.add_argument("--behind-https", action="store_true", help="a proxy in front speaks HTTPS: cookies are then for HTTPS only")
    parser.add_argument("--workers", type=int, default=1, help="server processes (default 1)")


def environment(args: Namespace) -> dict[str, str]:
    """What the server's processes read: host names they answer to, and whether HTTPS stands in front.

    `sulah demo` calls with host and port alone; what it leaves out takes the default.
    """
    names = ["localhost", "127.0.0.1", "[::1]", *getattr(args, "name", ())]
    if args.host not in (*_LOOPBACK, *_EVERYWHERE):
        names.append(args.host)
    return {"SULAH_HOSTS": ",".join(dict.fromkeys(names)), "SULAH_HTTPS": "1" if getattr(args, "behind_https", False) else ""}


def run(args: Namespace, console: Console) -> Exit:
    """Serve until stopped; refuses a folder that is not a lender's."""
    try:
        lender = open_lender(Path(args.lender))
    except NotALenderError as error:
        console.print(str(error), style="red", markup=False)
        return Exit.REFUSED
    workers = getattr(args, "workers", 1)
    if not 0 < args.port < 65536 or workers < 1:
        console.print("The port must be between 1 and 65535, and there must be at least one worker.", style="red")
        return Exit.USAGE
    os.environ.update(environment(args))
    connect_records(lender.root, lender.database)
    bring_up_to_date()
    if args.host not in _LOOPBACK and not environment(args)["SULAH_HTTPS"]:
        console.print("Other machines can reach this address, and passwords would travel unprotected.", style="yellow")
        console.print("Put a proxy that speaks HTTPS in front and add --behind-https, or serve on 127.0.0.1.", style="yellow")
    shown = f"[{args.host}]" if ":" in args.host else args.host
    label = f"{lender.name} (simulated)" if lender.simulated and "simulated" not in lender.name.lower() else lender.name
    console.print(f"{label}: http://{shown}:{args.port}/   stop with Ctrl+C", markup=False, highlight=False, soft_wrap=True)
    server = Granian(
        APPLICATION,
        address=args.host,
        port=args.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        websockets=False,
        log_enabled=True,
    )
    server.serve()
    return Exit.DONE
