"""The same, repaired: nothing counts before the row, which may come twice; each start removes what no row names."""

import json
import os
import sqlite3
import sys

library = sqlite3.connect("library.db")


def sweep():
    named = {path for row in library.execute("SELECT cover, thumbnail FROM books") for path in row}
    for name in os.listdir("covers"):
        if f"covers/{name}" not in named:
            os.remove(f"covers/{name}")


def store(path, content):
    """Under its name the file is whole, and on the disk."""
    with open(path + ".new", "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path + ".new", path)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


sweep()
if len(sys.argv) > 1:
    with open(sys.argv[1], "rb") as source:
        cover = source.read()
    try:
        store("covers/emma.png", cover)
        store("covers/emma.thumbnail", cover[:20])
        with library:
            library.execute(
                "INSERT INTO books VALUES ('Emma', 'covers/emma.png', 'covers/emma.thumbnail')"
                " ON CONFLICT (title) DO UPDATE SET cover = excluded.cover, thumbnail = excluded.thumbnail"
            )
    except BaseException:
        sweep()
        raise
    print(json.dumps({"title": "Emma"}))
