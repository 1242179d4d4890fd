#!/bin/sh
# Older x86 CPUs, under qemu: each takes the tier it has, dies of no unknown instruction, gives the bits that this CPU
# gives, and refuses by name a tier that it lacks. Usage: old_x86.sh BUILD MODEL
# (checkkern is not run there: qemu 7.2 faults where a masked load passes a page's end, as no CPU does.)
set -eu
build=$1 model=$2
case $(uname -m) in
x86_64) ;;
*) echo "skipped: this is no x86-64 machine" && exit 0 ;;
esac
command -v qemu-x86_64 > /dev/null || { echo "skipped: qemu-x86_64 is not here" && exit 0; }
out=$build/old-x86
mkdir -p "$out"
cat > "$out/texts" <<'END'
a
how do I keep basil alive indoors?
Die Antwort steht in der Gebrauchsanweisung, Seite 12; 請先閱讀說明書。
The bridge was closed for repairs in the spring, and nobody on either bank of the river minded very much.
END
encode() { # vectors, then a command
    vectors=$1
    shift
    "$@" encode -m "$model" --output-format f32 "$out/texts" > "$vectors"
}
encode "$out/here" "$build/minnow"
[ -s "$out/here" ] || { echo "no vectors were written" && exit 1; }
failed=0
complain() {
    failed=1
    echo "$@"
}
try() { # CPU, the tier it has, a tier it lacks
    log=$out/$1.log
    run="qemu-x86_64 -cpu $1 $build/minnow"
    $run info -m "$model" --json > "$out/$1.json" 2> "$log" || complain "$1: info failed: $(tail -1 "$log")"
    grep -q "\"isa\": *\"$2\"" "$out/$1.json" || complain "$1: the tier is not $2: $(cat "$out/$1.json")"
    encode "$out/$1" $run 2> "$log" || complain "$1: encode failed: $(tail -1 "$log")"
    cmp "$out/here" "$out/$1" || complain "$1: other bytes than here"
    $run info -m "$model" --isa "$3" > /dev/null 2> "$log" && complain "$1: --isa $3 is not refused"
    grep -q "this CPU lacks \"$3\"; it has reference" "$log" || complain "$1: --isa $3 says: $(tail -1 "$log")"
    echo "$1 was tried: $2 expected, $3 not"
}
try Nehalem reference avx2      # 2008: SSE4.2
try SandyBridge reference avx2  # 2011: AVX, no FMA
try Haswell avx2 avxvnni        # 2013
try EPYC avx2 avx512vnni        # 2017: Zen 1
exit $failed
