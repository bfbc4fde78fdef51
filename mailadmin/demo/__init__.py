"""Made-up hosting companies: a small one to look at, and large ones to measure with."""
