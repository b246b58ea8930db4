"""What the conformance tests stand on: which statement a test shows, where it runs, and the page of results."""
