"""`python -m pulsemill` is the `pulsemill` command."""

from pulsemill.cli.main import main

if __name__ == "__main__":
    main(prog_name="pulsemill")
