#!/usr/bin/env bash
# slim.sh DIRECTORY: takes from a Debian tree what no container needs: package lists and archives, documentation, languages.
set -euo pipefail
cd "$1"
rm -rf var/cache/apt/* var/lib/apt/lists/* var/cache/debconf/*-old var/log/*.log var/log/apt
rm -rf usr/share/{doc,doc-base,info,lintian,locale,man}
mkdir -p var/cache/apt/archives/partial var/lib/apt/lists/partial usr/share/man/man1
