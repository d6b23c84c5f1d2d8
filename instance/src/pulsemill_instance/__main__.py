"""`python -m pulsemill_instance`: the program for those who choose the interpreter, as the process runtime does."""

from pulsemill_instance.main import main

main()
