#!/bin/sh
# The Debian packages that the tests need: as root they are installed, otherwise the line that installs them is shown.
set -eu
missing=
for package in $(sed 's/#.*//' "$1"); do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "The tests need Debian packages that are not installed. Install them with" >&2
    echo "    sudo apt-get install --no-install-recommends$missing" >&2
    exit 2
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install --yes -qq --no-install-recommends $missing >/dev/null
