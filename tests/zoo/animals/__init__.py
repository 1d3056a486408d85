"""All animals of the zoo."""

from tests.zoo.animal import Animal
from tests.zoo.animals import (
    dates,
    documents,
    encodings,
    entries,
    formats,
    guards,
    http,
    redirects,
    sizes,
)

ANIMALS: tuple[Animal, ...] = tuple(
    animal
    for module in (
        encodings, documents, formats, entries, dates, guards, http, redirects, sizes
    )
    for animal in module.ANIMALS
)  # fmt: skip
