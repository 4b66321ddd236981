"""What is printed: every word and figure of a document, in its language, ready for the layouts to place."""
