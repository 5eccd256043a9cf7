"""``python -m smarthome``: the command line."""

from smarthome.cli import main

if __name__ == "__main__":
    main()
