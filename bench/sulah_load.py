"""Our program: the command line's own `sulah`, as a module that the bench can start as a process."""

import sys

from sulah.cli.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
