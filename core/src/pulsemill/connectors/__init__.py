"""Sources' and sinks' configurations: reading, validation, conversion to FunctionDetails and back."""
