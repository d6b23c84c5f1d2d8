"""Where functions' code is kept and how it reaches an instance."""
