"""sulah sandbox: play a provider on this machine, as strict as its documents, with the faults that one asks for; all of it simulated."""

import argparse
import json
import os
import sys
from typing import Any

from rich.console import Console

from sulah.adapters.book.layout import open_lender
from sulah.adapters.sandbox.faults import Faults
from sulah.adapters.sandbox.server import Sandbox
from sulah.adapters.sandbox.sms import Gateway
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Exit
from sulah.outreach.sms.settings import settings_of


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("sandbox", help="play a provider on this machine (simulated): nothing leaves it")
    parser.add_argument("channel", choices=["sms"], help="the channel whose gateway is played")
    parser.add_argument("--port", type=int, default=8091, help="port on this machine's loopback (default 8091; 0: a free one)")
    parser.add_argument("--provider", default="", metavar="NAME", help="which [[sms.provider]] is played (default: the first)")
    parser.add_argument("--hook", default="", metavar="URL", help="where delivery reports go, as http://127.0.0.1:8000/hooks/sms/NAME")
    parser.add_argument("--seed", type=int, default=0, help="seed of the faults")
    parser.add_argument("--faults", type=int, default=0, metavar="PERCENT", help="so many of a hundred requests meet a fault")
    parser.add_argument("--report-faults", type=int, default=0, metavar="PERCENT", help="so many of a hundred delivery reports do")
    parser.add_argument("--log-lag", type=int, default=0, metavar="SECONDS", help="after so long a message is in the gateway's log")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Serve until stopped, with the templates and keys of the lender's own lender.toml."""
    lender = open_lender(args.lender)
    settings = settings_of(lender.settings, os.environ)
    provider = settings.provider(args.provider) if args.provider else settings.providers[0]
    gateway = Gateway(settings, provider, system_clock, log_lag=args.log_lag)
    faults = Faults(args.seed, args.faults, args.report_faults)
    server = Sandbox(gateway, faults, hook=args.hook).serve(args.port)
    port = server.server_address[1]
    if args.json:
        sys.stdout.write(json.dumps({"done": True, "port": port, "simulated": True}) + "\n")
        sys.stdout.flush()
    else:
        console.print(f"Simulated gateway {provider.name} on http://127.0.0.1:{port}. No message leaves this machine. Stop with Ctrl+C.")
    try:
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        return Exit.DONE
    finally:
        server.server_close()
    return Exit.DONE
