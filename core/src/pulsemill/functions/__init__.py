"""A function's configuration: reading, validation, conversion to FunctionDetails and back."""
