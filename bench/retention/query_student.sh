#!/bin/sh
# A student of all-MiniLM-L6-v2 that takes its queries, from texts without labels. An hour or two on two cores; a run
# that was interrupted goes on.
# Usage: query_student.sh BUILD TEXTS default|tenth; TEXTS is a folder as runtime/default_model/README.md lists it.
# default: the model that is built in. tenth: one of a tenth of its teacher's parameters.
set -eu
build=$1 texts=$2 name=$3
case $name in
default)
    student=layers=0,5,ffn=768,rank=136
    length="--crops 4 --steps 10000 --rate 0.0008"
    ;;
tenth)
    student=layers=0,5,heads=2,ffn=512,vocab=16000,rank=72,max-tokens=256
    length="--crops 6 --steps 26000 --rate 0.002"
    ;;
*) echo "$name: expected default or tenth" >&2 && exit 2 ;;
esac
teacher=$build/all-MiniLM-L6-v2
out=$build/minnow-$name
if [ ! -e "$out" ] || [ -e "$out.run/state" ]; then
    resume=
    if [ -e "$out.run/state" ]; then resume=--resume; fi
    # shellcheck disable=SC2086 # $length and $resume are words
    "$build/minnow" distill --teacher "$teacher" --teacher-model "$teacher.mnw" --student $student --data "$texts" \
        --loss embedding-cosine --role query $length --evaluate-every 2000 \
        --cache "$build/minnow-students.vectors" -o "$out" $resume
    if [ -e "$out.run/state" ]; then echo "stopped; the same command goes on" >&2 && exit 1; fi
fi
"$build/minnow" convert "$out" --route query -o "$out.mnw"
echo "made $out.mnw; DEFAULT_MODEL=$out.mnw builds it in"
