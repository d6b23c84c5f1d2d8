"""What the measurements and the chaos test share: a standalone worker as a child process, seen from outside."""
