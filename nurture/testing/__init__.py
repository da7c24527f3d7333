"""For plugin authors and our own tests: real servers from wheels, contract suites, and fakes."""
