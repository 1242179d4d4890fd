"""Run every test, two at a time, and count them.

Usage: run.py BUILD [--all] [NAME ...]      NAME: only steps whose name contains it
A step passes when its command exits 0. One whose output begins a line with "skipped:" and passes is
counted as skipped. Logs: BUILD/test-logs/.
"""
import concurrent.futures
import glob
import os
import subprocess
import sys
import time

DATA = os.environ.get("MINNOW_DATA", os.path.join("..", "shared", "data"))


class Steps:
    def __init__(self, build):
        self.build = build
        self.list = []

    def add(self, name, command, **environment):
        self.list.append((name, command, environment))


def cross(build, program):
    root = f"{build}/sysroot/files/usr/lib/aarch64-linux-gnu"
    libraries = f"{root}:{root}/openblas-pthread"
    return ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu", "-E", f"LD_LIBRARY_PATH={libraries}",
            f"{build}/arm64/{program}"]


def add_units(steps, folder, label, without=()):
    for source in sorted(glob.glob("tests/unit/test_*.c")):
        name = os.path.basename(source)[:-2]
        if name in without:
            continue
        steps.add(f"{label} {name}", [f"{folder}/tests/unit/{name}"])


def add_mutations(steps, count):
    asan = f"{steps.build}/asan"
    for mode in ("checkpoint", "tokenizer", "torch", "lstm", "cnn", "model2vec", "router", "tk", "colbert",
                 "cross-encoder", "written"):
        steps.add(f"mutated {mode} files", [f"{asan}/tests/fuzz/mutate_checkpoint", mode, "1", str(count)])
    steps.add("mutated model files", [f"{asan}/tests/fuzz/mutate_model", "1", str(count)])
    steps.add("mutated index files", [f"{asan}/tests/fuzz/mutate_index", "1", str(count)])


BUILT_IN = "runtime/default_model/default.mnw"


def add_parity(steps, python, models, checkpoint, everything):
    build, more = steps.build, ["--all"] if everything else []
    f32, s8, s4 = models
    minnow, programs = f"{build}/minnow", f"{build}/tests/parity"
    steps.add("tokens equal Hugging Face's", [python, "tests/parity/tokenizer_parity.py", "--driver",
              f"{programs}/tokenizer_driver", "--checkpoint", checkpoint, "--data", DATA])
    steps.add("tokens of whole words", [python, "tests/parity/words_parity.py", "--driver",
              f"{programs}/tokenizer_driver"])
    steps.add("retrieval quality", [python, "tests/parity/retrieval_parity.py", minnow, *models, DATA, *more])
    steps.add("vectors equal the reference's", [python, "tests/parity/encoder_parity.py", minnow, *models, DATA])
    steps.add("small checkpoints equal NumPy's", [python, "tests/parity/checkpoint_parity.py", minnow])
    peers = f"{build}/peers/venv/bin/python"  # has torch where the benchmark's peers are installed
    steps.add("files of torch.save", [peers if os.path.exists(peers) else python, "tests/parity/torch_parity.py", minnow,
              f"{programs}/torch_driver"])
    steps.add("families equal NumPy's", [python, "tests/parity/families_parity.py", minnow, "--data", DATA])
    if everything:
        steps.add("trained students", [python, "tests/parity/trained_parity.py", minnow, checkpoint, s8, DATA])
        steps.add("what the built-in model keeps", [python, "bench/retention/default_model.py", build, DATA, "--check"])
        for recipe in ("embed_distill", "lead", "document_retrieval", "margin_mse"):
            steps.add(f"recipe {recipe}", [python, "bench/retention/run.py", build, DATA, recipe, "--quick", "--seeds", "2"])
        steps.add("families of published size", [python, "tests/parity/families_parity.py", minnow, "--data", DATA,
                  "--published-size"])
    add_packages(steps, python, minnow)
    steps.add("vocabularies equal Hugging Face's", [python, "tests/parity/vocabulary_parity.py",
              f"{programs}/vocabulary_driver", f"{programs}/tokenizer_driver", checkpoint, DATA])
    add_written(steps, python, checkpoint)
    steps.add("losses equal NumPy's", [python, "tests/parity/losses_parity.py", f"{programs}/losses_driver"])
    steps.add("metrics", [python, "tests/parity/metrics_parity.py", minnow, s8, DATA, *more])
    steps.add("no allocations, s8", [f"{programs}/allocations", s8, build])
    steps.add("no allocations, s4", [f"{programs}/allocations", s4, f"{build}/tests"])
    steps.add("no allocations, f32", [f"{programs}/allocations", f32, f"{build}/test-logs"])


def add_packages(steps, python, minnow):
    """Against transformers and its like, which `make bench` installs."""
    packages = f"{steps.build}/peers/venv/bin/python"
    python = packages if os.path.exists(packages) else python
    steps.add("NumPy's families equal their packages'", [python, "tests/parity/families_parity.py", "--references",
              "--data", DATA])
    steps.add("BERT equals transformers'", [python, "tests/parity/transformers_parity.py", minnow, "--data", DATA])


def add_written(steps, python, checkpoint):
    """Checkpoints that Minnow writes, in their packages where `make bench` installed them."""
    packages = f"{steps.build}/peers/venv/bin/python"
    python = packages if os.path.exists(packages) else python
    steps.add("written checkpoints are what was read", [python, "tests/parity/written_parity.py",
              f"{steps.build}/tests/parity/writer_driver", checkpoint, "--data", DATA])


def add_bits(steps, s8, s4):
    """Every tier writes its vectors; the last step compares the files."""
    steps.add("the same bits on every CPU", ["sh", "tests/parity/bits.sh", steps.build, "bits", s8, "70"])
    steps.add("the same bits on every CPU, s4", ["sh", "tests/parity/bits.sh", steps.build, "bits", s4, "70"])
    steps.add("the same bits on every CPU, built-in", ["sh", "tests/parity/bits.sh", steps.build, "bits", BUILT_IN, "70"])
    steps.add("the same bits on every CPU, families", ["sh", "tests/parity/bits.sh", steps.build, "family_bits"])
    steps.add("the same bits on old x86 CPUs", ["sh", "tests/cross/old_x86.sh", steps.build, s8])


def add_arm_kernels(steps):
    checkkern = f"{steps.build}/arm64/checkkern"
    for cpu, *tiers in (("cortex-a53", "neon"), ("cortex-a72", "neon"), ("cortex-a76", "neon", "a55", "dotprod"),
                        ("max", "neon", "a55", "dotprod", "i8mm")):
        steps.add(f"kernels, ARM {cpu}", ["sh", "tests/cross/kernels.sh", checkkern, cpu, *tiers])
    steps.add("ARM loops, priced", [sys.executable, "bench/arm/loops.py", steps.build, "--check"])


def make_steps(build, everything):
    steps = Steps(build)
    python, checkpoint = f"{build}/venv/bin/python", f"{build}/all-MiniLM-L6-v2"
    f32, s8, s4 = (f"{checkpoint}{kind}.mnw" for kind in (".f32", "", ".s4"))
    add_parity(steps, python, (f32, s8, s4), checkpoint, everything)
    add_bits(steps, s8, s4)
    steps.add("kernels", [f"{build}/checkkern"])
    steps.add("kernels that are wrong are caught", [f"{build}/checkkern", "--self-test"])
    steps.add("kernels, sanitized", [f"{build}/asan/checkkern", "--quick"])
    add_arm_kernels(steps)
    add_mutations(steps, 100000 if everything else 10000)
    add_units(steps, build, "unit")
    # Kills and counted allocations say no more under a sanitizer, and take minutes.
    add_units(steps, f"{build}/asan", "sanitized", ("test_index_crash", "test_index_allocation", "test_torch_allocation"))
    steps.add("verify", [f"{build}/minnow", "verify", "-m", s8])
    steps.add("verify, s4", [f"{build}/asan/minnow", "verify", "-m", s4])
    steps.add("verify, sanitized", [f"{build}/asan/minnow", "verify", "-m", f32])
    steps.add("command line", [sys.executable, "-B", "-m", "unittest", "discover", "-s", "tests/cli", "-p", "test_cli_*.py"],
              MINNOW=f"{build}/minnow", MODEL=s8, CHECKPOINT=checkpoint, PYTHON=python)
    steps.add("built-in model", [sys.executable, "tests/cli/test_default_model.py"],
              MINNOW=f"{build}/minnow", MODEL=s8, CHECKPOINT=checkpoint)
    steps.add("generated queries", [sys.executable, "tests/cli/test_generate_queries.py"],
              MINNOW=f"{build}/minnow", MODEL=s8, DATA=DATA)
    steps.add("distilled students", [sys.executable, "tests/cli/test_distill.py"],
              MINNOW=f"{build}/minnow", MODEL=s8, CHECKPOINT=checkpoint)
    steps.add("the benchmark's parts", [sys.executable, "tests/bench/test_peers.py"], WORKER=f"{build}/bench/worker",
              PEAK=f"{build}/peak", MINNOW=f"{build}/minnow", MODEL=s8)
    steps.add("cold start and memory", [sys.executable, "tests/cli/test_cold_start.py"],
              MINNOW=f"{build}/minnow", MODEL=s8)
    steps.add("demo", ["platforms/linux/demo.sh", f"{build}/minnow", f"{build}/demo"])
    steps.add("commands of the README", [sys.executable, "tests/cli/test_readme.py"], BUILD=build)
    steps.add("the tree", ["sh", "tests/tree.sh", build])
    return steps.list


def run(build, step):
    name, command, environment = step
    log = os.path.join(build, "test-logs", name.replace(" ", "-").replace(",", "").replace("'", "") + ".log")
    started = time.monotonic()
    with open(log, "wb") as out:
        code = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                              env={**os.environ, **environment}).returncode
    with open(log, errors="replace") as file:
        text = file.read()
    skipped = [line for line in text.splitlines() if line.startswith("skipped:")]
    return name, code, skipped, text, time.monotonic() - started


def report(result):
    name, code, skipped, text, seconds = result
    state = "FAILED" if code else "skipped" if skipped else "ok"
    print(f"{state:8}{seconds:7.1f} s  {name}", flush=True)
    if code:
        print(f"    exit {code}; the end of its log:")
    for line in (text.splitlines()[-40:] if code else skipped):
        print(f"    {line}", flush=True)
    return state


def main(arguments):
    everything = "--all" in arguments
    build, *names = [a for a in arguments if a != "--all"] or ["build"]
    os.makedirs(os.path.join(build, "test-logs"), exist_ok=True)
    steps = [s for s in make_steps(build, everything) if not names or any(n in s[0] for n in names)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        states = [report(future.result()) for future in
                  concurrent.futures.as_completed([pool.submit(run, build, step) for step in steps])]
    counts = {state: states.count(state) for state in ("ok", "FAILED", "skipped")}
    print(f"{counts['ok']} passed, {counts['FAILED']} failed, {counts['skipped']} skipped")
    return 1 if counts["FAILED"] or not counts["ok"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
