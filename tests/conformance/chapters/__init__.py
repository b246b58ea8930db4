"""The tests, a file per chapter of the standards. A test gets a Scenario; what it shows stands above it."""
