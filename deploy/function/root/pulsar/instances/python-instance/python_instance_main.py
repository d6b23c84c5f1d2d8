"""Stands where the official image has its Python instance, so that the same command line starts ours."""

from pulsemill_instance.main import main

main()
