"""Identity: which addresses are one article, and which articles are one story."""
