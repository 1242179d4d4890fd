#!/bin/sh
# The kernels on an emulated ARM CPU: it has exactly these tiers, takes the last by itself, and every one is right.
# Usage: kernels.sh CHECKKERN CPU TIER ...
set -eu
program=$1 cpu=$2
shift 2
on_cpu() { qemu-aarch64 -L /usr/aarch64-linux-gnu -cpu "$cpu" "$program" "$@"; }
known=$(on_cpu --list | sed -n 's/^tier //p' | grep -v '^reference$')
best=$(on_cpu --list | sed -n 's/^best //p')
for tier in $known; do
    case " $* " in
    *" $tier "*) on_cpu --quick --tier "$tier" ;;
    *)
        if on_cpu --quick --tier "$tier" --shape 1x16x16 >/dev/null 2>&1; then
            echo "$cpu runs $tier, which it does not have"
            exit 1
        fi
        ;;
    esac
done
for tier in "$@"; do
    echo "$known" | grep -qx "$tier" || { echo "$tier is not in this build"; exit 1; }
    last=$tier
done
[ "$best" = "$last" ] || { echo "$cpu chooses $best instead of $last"; exit 1; }
echo "$cpu has $*, and chooses $best"
