"""Every command of the README's ```sh blocks works. BUILD names the build folder that stands for build/."""
import os
import re
import subprocess
import sys

# These run this very test, or are steps of their own in tests/run.py.
ELSEWHERE = {"make demo", "make test"}


def commands(text):
    for block in re.findall(r"```sh\n(.*?)```", text, re.S):
        yield from (line for line in block.splitlines() if line.strip())


def main():
    build = os.environ.get("BUILD", "build")
    with open("README.md") as file:
        found = [c for c in commands(file.read()) if c not in ELSEWHERE]
    if not found:
        sys.exit("README.md holds no commands")
    for stale in ("readme.db", "readme.mnw"):
        if os.path.exists(os.path.join(build, stale)):
            os.remove(os.path.join(build, stale))
    failed = 0
    for command in found:
        run = subprocess.run(["bash", "-o", "pipefail", "-c", command.replace("build/", build + "/")],
                             capture_output=True, text=True)
        says = run.stdout.strip() != "" or command.startswith("make ")  # which is silent where all is there
        good = run.returncode == 0 and says
        print(f"{'ok' if good else 'FAILED'}: {command}")
        if not good:
            failed += 1
            print(run.stdout[-2000:], run.stderr[-2000:])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
