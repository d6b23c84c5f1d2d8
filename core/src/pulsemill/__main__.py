"""`python -m pulsemill` is the `pulsemill` command."""

from pulsemill.cli.main import run

if __name__ == "__main__":
    run()
