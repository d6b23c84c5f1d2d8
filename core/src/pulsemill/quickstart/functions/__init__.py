"""The example functions, each registered as the file that it is."""
