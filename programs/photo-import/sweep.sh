#!/bin/sh
# Removes what no row names: what an import that was killed has left.
set -e
[ -d photos ] || exit 0
for file in photos/* photos/.*.new; do
    [ -f "$file" ] || continue
    [ "$(sqlite3 library.db "SELECT count(*) FROM photos WHERE path = '$file'")" = 1 ] || rm "$file"
done
