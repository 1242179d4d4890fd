#!/bin/sh
# The tree checks itself. Usage: tree.sh BUILD
build=$1
failed=0
complain() {
    failed=1
    echo "$1"
    shift
    printf '    %s\n' "$@"
}
expect_none() { # message, lines
    [ -z "$2" ] || complain "$1" "$2"
}
if [ ! -f "$build/libminnow.so" ]; then # every check of it would find nothing to complain about
    echo "there is no $build/libminnow.so to look at: build it first"
    exit 1
fi
exported=$(nm -D --defined-only "$build/libminnow.so" | awk '{print $3}' | grep -v '^minnow_')
expect_none "the library exports names that are not its own:" "$exported"
declared=$(grep -o 'minnow_[a-z0-9_]*(' include/minnow.h | tr -d '(' | sort -u)
found=$(nm -D --defined-only "$build/libminnow.so" | awk '{print $3}' | sort -u)
undeclared=$(printf '%s\n' "$found" | while read -r name; do printf '%s\n' "$declared" | grep -qx "$name" || echo "$name"; done)
expect_none "exported, but not declared in include/minnow.h:" "$undeclared"
missing=$(printf '%s\n' "$declared" | while read -r name; do printf '%s\n' "$found" | grep -qx "$name" || echo "$name"; done)
expect_none "declared in include/minnow.h, but not exported:" "$missing"
expect_none "the device library needs the C++ runtime:" "$(readelf -d "$build/libminnow.so" | grep -E 'stdc\+\+|gcc_s')"
expect_none "the library prints, exits or asserts:" \
    "$(grep -nE '\b(v?f?printf|f?puts|f?putc|putchar|fwrite|_?_?[Ee]xit|quick_exit|abort|assert|perror) *\(|std::c(out|err)' \
        -r kernels runtime include --include='*.c' --include='*.cc' --include='*.h' | grep -v 'format(printf')"
expect_none "runtime/ or kernels/ reach back into convert/ or platforms/:" \
    "$(grep -nE '#include "(convert|platforms)/' -r kernels runtime include)"
expect_none "kernels/ reach into runtime/:" "$(grep -nE '#include "runtime/' -r kernels)"
for file in kernels/x86/*_*.c kernels/arm/*_*.c; do
    operation=$(basename "$file" .c)
    operation=${operation%_*}
    grep -lq "minnow_${operation}_reference\|minnow_${operation}" kernels/reference/*.c || complain "no reference for" "$file"
done
for tier in $(sed -n 's/^    {"\([a-z0-9]*\)", .*/\1/p' kernels/*/cascade.c); do
    grep -q "\"$tier\", \"int8_" tests/checkkern/bench_peak.c || complain "no peak to judge this tier's products by:" "$tier"
done
expect_none "source files over 600 lines:" "$(find kernels runtime convert platforms tests -name '*.[ch]' -o -name '*.cc' | grep -v calibration_texts | xargs wc -l | awk '$2 != "total" && $1 > 600')"
entries=$(git ls-files 2>/dev/null | cut -d/ -f1 | sort -u |
    grep -vxE 'Makefile|README.md|LICENSE|CHANGELOG.md|CONTRIBUTING.md|kernels|runtime|convert|include|tests|bench|platforms|\..*')
expect_none "top-level entries outside the house:" "$entries"
[ $failed = 0 ] && echo "the tree is in order"
exit $failed
