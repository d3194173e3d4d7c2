"""Support for the integration tests: the real binary, real sockets, certificates made on the fly."""
