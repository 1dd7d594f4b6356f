#!/bin/sh
# The archive and its name are on the disk before the text is gone, and that it is gone before the answer.
set -e
if [ -e diary.txt ]; then
    gzip --no-name --synchronous --force diary.txt
    sync .
else
    [ -e diary.txt.gz ]
fi
