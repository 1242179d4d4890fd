#!/bin/sh
# Install the Debian packages that a purpose needs and this machine lacks.
# Usage: dependencies.sh build|demo|test
set -eu
build="gcc g++ make libc6-dev flatbuffers-compiler libflatbuffers-dev libxnnpack-dev libpthreadpool-dev
    libcpuinfo-dev libsqlite3-dev libutf8proc-dev libcjson-dev libyaml-dev libzip-dev libmd-dev
    libopenblas-dev"
demo="$build python3 python3-venv"
test="$demo libcmocka-dev clang sqlite3 qemu-user gcc-aarch64-linux-gnu g++-aarch64-linux-gnu
    llvm-19"

case "${1-}" in
build) wanted=$build ;;
demo) wanted=$demo ;;
test) wanted=$test ;;
*) echo "usage: $0 build|demo|test" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "This is not a Debian system. Install what these Debian packages hold, then run make again with DEPS=no:" >&2
    echo $wanted >&2
    exit 1
fi
missing=
for package in $wanted; do
    case "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)" in
    *" installed") ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "Not root and no sudo here. Install:$missing" >&2; exit 1; }
    as_root=sudo
fi
echo "Installing:$missing" >&2
$as_root apt-get update -qq
# A list that another tool is refreshing at this moment is worth a second try.
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
    { sleep 5; $as_root apt-get update -qq; $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null; }
