"""Protobuf messages of functions, requests and instance control. The stubs beside this file are made by the build."""
