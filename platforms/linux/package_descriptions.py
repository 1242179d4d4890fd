"""The descriptions of this machine's installed Debian packages as BEIR JSONL, for `make demo`."""
import json
import subprocess

FORMAT = "${binary:Package}\x1f${binary:Summary}\x1f${Description}\x1e"


def documents():
    out = subprocess.run(["dpkg-query", "-W", "-f", FORMAT], check=True, capture_output=True).stdout
    for record in out.decode("utf-8", "replace").split("\x1e"):
        if "\x1f" in record:
            name, summary, description = record.split("\x1f")
            body = " ".join(line.strip() for line in description.split("\n")[1:] if line.strip() not in ("", "."))
            yield {"_id": name, "title": summary, "text": f"{name}: {body or summary}"}


if __name__ == "__main__":
    for document in documents():
        print(json.dumps(document))
