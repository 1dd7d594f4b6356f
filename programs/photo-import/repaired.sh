#!/bin/sh
# The file first, under another name until it is whole and on the disk; then the row, in one statement that may come twice.
set -e
trap 'rm -f photos/.a.jpg.new' EXIT
cp "$1" photos/.a.jpg.new
sync photos/.a.jpg.new
mv photos/.a.jpg.new photos/a.jpg
sync photos
sqlite3 library.db "INSERT INTO photos VALUES ('a.jpg', 'photos/a.jpg') ON CONFLICT (name) DO UPDATE SET path = excluded.path" || {
    rm -f photos/a.jpg
    exit 1
}
