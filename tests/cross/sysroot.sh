#!/bin/sh
# A sysroot with the arm64 libraries that Minnow links, unpacked from Debian's packages; nothing is
# installed and the system's package lists stay as they are. Usage: sysroot.sh FOLDER
set -eu
target=$1
packages="libxnnpack-dev libxnnpack0 libpthreadpool-dev libpthreadpool0 libcpuinfo-dev libcpuinfo0
    libsqlite3-dev libsqlite3-0 libutf8proc-dev libutf8proc2 libcjson-dev libcjson1 libmd-dev libmd0
    libopenblas-pthread-dev libopenblas0-pthread libgfortran5 libflatbuffers-dev
    libyaml-dev libyaml-0-2 libzip-dev libzip4 libbz2-1.0 libssl3 zlib1g libcmocka-dev libcmocka0"
[ "$(cat "$target/complete" 2>/dev/null)" = "$packages" ] && exit 0
mkdir -p "$target/apt/lists/partial" "$target/apt/archives/partial" "$target/debs" "$target/files"
target=$(cd "$target" && pwd)
touch "$target/apt/status"
apt() {
    apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State="$target/apt" \
        -o Dir::State::lists="$target/apt/lists" -o Dir::State::status="$target/apt/status" \
        -o Dir::Cache="$target/apt" -o APT::Sandbox::User=root "$@"
}
apt update
cd "$target/debs"
apt download $packages 2>"$target/apt/log" || { cat "$target/apt/log" >&2; exit 1; }
for package in *.deb; do dpkg-deb -x "$package" "$target/files"; done
cp -R "$target/files/lib/." "$target/files/usr/lib/" # zlib and bzip2 lie there, as on a system of old
echo "$packages" > "$target/complete"
