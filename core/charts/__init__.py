"""Charts: a data frame in, an Altair chart out."""
