#!/bin/sh
# Index the descriptions of this machine's packages and answer three questions over them, by the built-in model.
# Usage: demo.sh MINNOW FOLDER
set -eu
minnow=$1 folder=$2
mkdir -p "$folder"
rm -f "$folder"/packages.db*
python3 platforms/linux/package_descriptions.py >"$folder/packages.jsonl"
"$minnow" index "$folder/packages.db" "$folder/packages.jsonl"
for question in "compress files to save disk space" "which program compiles C++ code?" \
    "which library reads and writes JSON?"; do
    printf '\n? %s\n' "$question"
    "$minnow" search "$folder/packages.db" -k 5 "$question"
done
printf '\nAsk your own: %s search %s "your question"\n' "$minnow" "$folder/packages.db"
