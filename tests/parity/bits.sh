#!/bin/sh
# Vectors of every tier, compared byte by byte: x86 here, ARM under qemu. Usage: bits.sh BUILD MODEL
set -eu
build=$1 model=$2
out=$build/bits/$(basename "$model" .mnw)
root=$build/sysroot/files/usr/lib/aarch64-linux-gnu
libraries=$root:$root/openblas-pthread
mkdir -p "$out"
count=70
"$build/tests/parity/bits" "$model" reference $count "$out/reference"
flag() { # of a tier in /proc/cpuinfo
    case $1 in
    avxvnni) echo avx_vnni ;;
    avx512vnni) echo avx512_vnni ;;
    *) echo "$1" ;;
    esac
}
for isa in avx2 avxvnni avx512vnni; do
    grep -qw "$(flag $isa)" /proc/cpuinfo || { echo "skipped: this CPU has no $isa"; continue; }
    "$build/tests/parity/bits" "$model" $isa $count "$out/$isa"
    cmp "$out/reference" "$out/$isa"
    "$build/clang/tests/parity/bits" "$model" $isa $count "$out/$isa-clang" # another compiler's build
    cmp "$out/reference" "$out/$isa-clang"
done
for isa in neon a55 dotprod i8mm; do
    qemu-aarch64 -L /usr/aarch64-linux-gnu -cpu max -E LD_LIBRARY_PATH="$libraries" "$build/arm64/tests/parity/bits" \
        "$model" $isa $count "$out/$isa"
    cmp "$out/reference" "$out/$isa"
done
echo "the same bytes"
