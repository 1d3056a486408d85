"""A zoo of feeds and servers that are hostile, broken or merely odd, each with its outcome.

animal     one of them, and what is to become of it
wire       bytes of HTTP answers, as odd as needed
documents  small builders of feeds
animals/   the animals, by what is odd about them
server     serves them all: `python -m tests.zoo.server`
"""
