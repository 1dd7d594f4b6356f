#!/bin/sh
# Removes an archive that was not finished.
set -e
[ ! -e diary.txt ] || rm -f diary.txt.gz
