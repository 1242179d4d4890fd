#!/bin/sh
# What a program writes on every tier, compared byte by byte: x86 here, ARM under qemu.
# Usage: bits.sh BUILD PROGRAM [ARGUMENT ...]; the program is called with ISA, the file to write, the arguments.
set -eu
build=$1 program=tests/parity/$2
out=$build/bits/$2-$(basename "${3:-all}" .mnw)
shift 2
root=$build/sysroot/files/usr/lib/aarch64-linux-gnu
libraries=$root:$root/openblas-pthread
mkdir -p "$out"
"$build/$program" reference "$out/reference" "$@"
flag() { # of a tier in /proc/cpuinfo
    case $1 in
    avxvnni) echo avx_vnni ;;
    avx512vnni) echo avx512_vnni ;;
    amx) echo amx_int8 ;;
    *) echo "$1" ;;
    esac
}
for isa in avx2 avxvnni avx512vnni amx; do
    grep -qw "$(flag $isa)" /proc/cpuinfo || { echo "left out: this CPU has no $isa"; continue; }
    "$build/$program" $isa "$out/$isa" "$@"
    cmp "$out/reference" "$out/$isa"
    "$build/clang/$program" $isa "$out/$isa-clang" "$@" # another compiler's build
    cmp "$out/reference" "$out/$isa-clang"
done
for isa in neon a55 dotprod i8mm; do
    qemu-aarch64 -L /usr/aarch64-linux-gnu -cpu max -E LD_LIBRARY_PATH="$libraries" "$build/arm64/$program" \
        $isa "$out/$isa" "$@"
    cmp "$out/reference" "$out/$isa"
done
echo "the same bytes"
