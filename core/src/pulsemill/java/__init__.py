"""Java packages as data: archives, class files and signatures are read, never unpacked, loaded or run."""
