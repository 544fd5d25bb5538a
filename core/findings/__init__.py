"""What is read from stored answers: comparisons, claims, and the lesson."""
