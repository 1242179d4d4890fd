#!/bin/sh
# The default model once more, from texts. An hour or two on two cores; a run that was interrupted goes on.
# Usage: make.sh BUILD TEXTS; TEXTS is a folder as runtime/default_model/README.md lists it.
set -eu
build=$1 texts=$2
teacher=$build/all-MiniLM-L6-v2
out=$build/minnow-default
if [ ! -e "$out" ] || [ -e "$out.run/state" ]; then
    resume=
    if [ -e "$out.run/state" ]; then resume=--resume; fi
    "$build/minnow" distill --teacher "$teacher" --teacher-model "$teacher.mnw" \
        --student layers=0,5,ffn=768,rank=136 --data "$texts" --loss embedding-cosine --role query --crops 4 \
        --steps 10000 --rate 0.0008 --evaluate-every 2000 --cache "$build/minnow-default.vectors" -o "$out" $resume
fi
"$build/minnow" convert "$out" --route query -o "$out.mnw"
echo "made $out.mnw; DEFAULT_MODEL=$out.mnw builds it in"
