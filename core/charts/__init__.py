"""Charts: each function takes a data frame and returns an Altair chart."""
