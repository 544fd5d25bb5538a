"""Claims of the paper put to the test: evidence, and the rule that turns it into a verdict."""
