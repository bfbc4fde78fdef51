"""Private instances of the real servers that the tests talk to; nothing is a fake, and nothing outlives the run."""
