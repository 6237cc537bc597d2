// made for tests
