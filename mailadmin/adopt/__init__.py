"""Taking over a PostfixAdmin database: looking at it, adding what it lacks, and going back."""
