"""Article pages: fetched politely, and the text in them."""
