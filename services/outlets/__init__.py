"""The catalogue of outlets: a data file that a user can edit, and its loader."""
