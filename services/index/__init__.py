"""The index: articles, predictions, series, shifts, alerts and what is still to do."""
