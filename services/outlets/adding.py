"""A new outlet written into the user's catalogue, whose text and comments stay as they are."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import yaml

from services.errors import ConfigurationError
from services.outlets.catalogue import Catalogue, load_catalogue
from services.outlets.entries import read_entries

HEADER: Final = """\
# Outlets of your own, on top of those that come with Framewatch. A group is a grouping for
# measurement, not a verdict; `reason` and `source` say why an outlet stands where it stands.
extend: true
outlets:
"""


def add_outlet(path: Path, fields: Mapping[str, Any]) -> Catalogue:
    """Write an outlet with these catalogue keys at the end of `path` and return the catalogue.

    The file is made, with its folder, if there is none. It is replaced in one step, and only
    by a text that loads as a whole: otherwise ConfigurationError says what is wrong, and the
    file stays as it was.
    """
    target = path.resolve()  # a link stays a link
    try:
        before = target.read_bytes() if target.exists() else b""
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from None
    after = _with_outlet(path, before, fields)
    try:
        scratch = _written(target, after)
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        catalogue = load_catalogue(scratch)
        if read_entries(scratch).extend:
            _refuse_packaged(path, str(fields["id"]))
        _replace(path, target, scratch, before)
    except ConfigurationError as error:
        raise ConfigurationError(str(error).replace(str(scratch), str(path))) from None
    finally:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)
    return catalogue


def entry_text(fields: Mapping[str, Any], column: int = 2) -> str:
    """Return an outlet as it stands in a catalogue, with `column` spaces before its dash."""
    dumped = yaml.safe_dump(
        dict(fields), allow_unicode=True, sort_keys=False, width=90, default_flow_style=False
    )
    first, *rest = dumped.splitlines()
    space = " " * column
    return "\n".join([f"{space}- {first}", *(f"{space}  {line}" for line in rest), ""])


def _refuse_packaged(path: Path, outlet_id: str) -> None:
    """In a file that extends, an entry with a packaged id would change the outlet of that id."""
    if other := load_catalogue().get(outlet_id):
        raise ConfigurationError(
            f"{path}: the name {outlet_id!r} is already taken by the outlet {other.name} "
            f"({other.id}); choose another id."
        )


def _with_outlet(path: Path, before: bytes, fields: Mapping[str, Any]) -> bytes:
    try:
        text = before.decode("utf-8-sig")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError):
        raise ConfigurationError(
            f"{path}: the catalogue cannot be read as it is, so nothing was added; "
            "'framewatch doctor' says what is wrong with it."
        ) from None
    end = "\r\n" if "\r\n" in text else "\n"
    if root is None:
        new = _joined(text, end) + HEADER.replace("\n", end) + _entry(fields, 2, end)
    else:
        new = _inserted(path, text, end, root, fields)
    return (b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b"") + new.encode("utf-8")


def _inserted(path: Path, text: str, end: str, root: yaml.Node, fields: Mapping[str, Any]) -> str:
    listing = _listing(root)
    if isinstance(listing, yaml.ScalarNode) and not listing.value:  # outlets: and nothing
        lines = text.splitlines(keepends=True)
        at = listing.start_mark.line + 1
        head = _joined("".join(lines[:at]), end)
        return head + _entry(fields, 2, end) + "".join(lines[at:])
    if not isinstance(listing, yaml.SequenceNode) or (listing.flow_style and listing.value):
        raise ConfigurationError(
            f"{path}: the outlets are not listed one below the other, so that none could be "
            "added; write the list with a dash and a line break for each outlet."
        )
    if listing.flow_style:  # outlets: []
        begin, stop = listing.start_mark.index, listing.end_mark.index
        rest = text[stop:].removeprefix(end)
        return text[:begin].rstrip(" ") + end + _entry(fields, 2, end) + rest
    lines = text.splitlines(keepends=True)
    at = max(_last_lines(listing)) + 1
    head = _joined("".join(lines[:at]), end)
    return head + _entry(fields, listing.start_mark.column, end) + "".join(lines[at:])


def _listing(root: yaml.Node) -> yaml.Node | None:
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == "outlets"), None)


def _last_lines(node: yaml.Node) -> Iterator[int]:
    """The last line of each value below `node`: a block's own end lies behind what follows it."""
    if isinstance(node, yaml.SequenceNode) and not node.flow_style:
        children = list(node.value)
    elif isinstance(node, yaml.MappingNode) and not node.flow_style:
        children = [child for pair in node.value for child in pair]
    else:
        # A text in a block ends at the beginning of the line after it.
        yield node.end_mark.line - (node.end_mark.column == 0)
        return
    for child in children:
        yield from _last_lines(child)


def _entry(fields: Mapping[str, Any], column: int, end: str) -> str:
    return entry_text(fields, column).replace("\n", end)


def _joined(text: str, end: str) -> str:
    return text if not text or text.endswith("\n") else text + end


def _written(target: Path, data: bytes) -> Path:
    """A file beside `target`, so that it can take its place in one step."""
    handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=".yaml", dir=target.parent)
    with os.fdopen(handle, "wb") as scratch:
        scratch.write(data)
        scratch.flush()
        os.fsync(scratch.fileno())
    return Path(name)


def _replace(path: Path, target: Path, scratch: Path, before: bytes) -> None:
    try:
        if target.exists():
            if target.read_bytes() != before:
                raise ConfigurationError(
                    f"{path}: the catalogue was changed by somebody else in the meantime; "
                    "run the command again."
                )
            shutil.copymode(target, scratch)
        else:
            scratch.chmod(0o644)
        scratch.replace(target)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"{path}: the catalogue cannot be written ({error.strerror or error})."
    )
