#!/bin/sh
# Vectors of every tier, compared byte by byte: x86 here, ARM under qemu. Usage: bits.sh BUILD MODEL
set -eu
build=$1 model=$2
out=$build/bits
root=$build/sysroot/files/usr/lib/aarch64-linux-gnu
libraries=$root:$root/openblas-pthread
mkdir -p "$out"
count=70
"$build/tests/parity/bits" "$model" reference $count "$out/reference"
for isa in avx2; do
    grep -q $isa /proc/cpuinfo || { echo "skipped: this CPU has no $isa"; continue; }
    "$build/tests/parity/bits" "$model" $isa $count "$out/$isa"
    cmp "$out/reference" "$out/$isa"
done
qemu-aarch64 -L /usr/aarch64-linux-gnu -E LD_LIBRARY_PATH="$libraries" "$build/arm64/tests/parity/bits" \
    "$model" neon $count "$out/neon"
cmp "$out/reference" "$out/neon"
# Another compiler's build of the same tiers.
"$build/clang/tests/parity/bits" "$model" avx2 $count "$out/clang"
cmp "$out/reference" "$out/clang"
echo "the same bytes"
