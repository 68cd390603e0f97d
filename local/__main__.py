"""`python -m local`: the tools and the cluster of this machine."""

import argparse
import sys

from local import tools
from local.cluster import embedded
from local.errors import LocalError


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("verb", choices=["tools", "up", "down", "status"])
    verb = parser.parse_args().verb
    try:
        if verb == "up":
            embedded.up()
        elif verb == "down":
            embedded.down()
        elif verb == "status":
            print(embedded.ailments())
        else:
            for name in tools.USERS:
                print(name, tools.ensure(name))
    except LocalError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
