"""The price of the int8 GEMM's inner loops on ARM cores, where there is no ARM machine: llvm-mca.

Usage: loops.py BUILD [--check]        --check: fail where a loop falls under its target (TARGETS below)
Compiles kernels/arm/gemm_s8_*.c with the Makefile's own flags by each cross compiler that is installed, finds every
innermost loop that multiplies bytes and prints a table of products (MACs) per cycle, and per cent of what the core could
do with the multiplications alone. llvm-mca assumes that every load hits L1 and that instructions arrive in time; its
models of cores that run in order (cortex-a53, cortex-a55) let hardly anything run beside a vector instruction, so the
column IN_ORDER is cortex-a55 by the rules of in_order.py.
"""
import collections
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True  # the tree stays as it is
import in_order  # noqa: E402

MCA = "llvm-mca-19"  # 16 maps most of these cores to an old model
OBJDUMP = "aarch64-linux-gnu-objdump"
IN_ORDER = "a55 in order"
COMPILERS = {"gcc": "aarch64-linux-gnu-gcc", "clang": "clang --target=aarch64-linux-gnu"}
TIERS = {  # the cores each may run on
    "neon": ("cortex-a53", "cortex-a55", IN_ORDER, "neoverse-n1", "neoverse-n2", "neoverse-v1"),
    "a55": ("cortex-a55", IN_ORDER, "neoverse-n1"),
    "dotprod": ("cortex-a55", IN_ORDER, "neoverse-n1", "neoverse-n2", "neoverse-v1"),
    "i8mm": ("neoverse-n2", "neoverse-v1"),
}
# MACs per cycle that the loop for many rows must reach; peaks are 8 (neon), 32 (dotprod on n1), 64 (i8mm on n2). On
# cortex-a53 and a55: what the best public kernel reaches in the same model (XNNPACK's 2x8c8 and 4x16c4 for a55).
TARGETS = {
    ("neon", "neoverse-n1"): 7.8, ("neon", "cortex-a53"): 3.37, ("neon", "cortex-a55"): 3.82,
    ("neon", IN_ORDER): 5.1, ("a55", "cortex-a55"): 8.3, ("a55", IN_ORDER): 16,
    ("dotprod", "neoverse-n1"): 31, ("i8mm", "neoverse-n2"): 62,
}
# The share of those that loops for few rows must reach. What holds the lowest back: 17 loads for 16 SDOTs (one row),
# and four zips of weights for every eight SMMLAs (four rows).
SHARE_OF_FEW_ROWS = {"neon": 0.97, "dotprod": 0.93, "i8mm": 0.66}
LEAST_SUMS = 8  # registers, so that no multiplication waits for the one before it
MULTIPLIES = {"sdot": 16, "smmla": 32, "smull": 8, "smull2": 8, "smlal": 8, "smlal2": 8}

Instruction = collections.namedtuple("Instruction", "address name operands")
Loop = collections.namedtuple("Loop", "tier compiler function body")


def output_of(command, text=None):
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


# ---- Finding the loops -------------------------------------------------------------------------------------------


def compile_kernel(build, compiler, tier):
    folder = f"{build}/arm-loops-{compiler}"
    target = f"{folder}/kernels/arm/gemm_s8_{tier}.o"
    output_of(["make", "--no-print-directory", f"BUILD={folder}", "DEPS=no", f"CC={COMPILERS[compiler]}", target])
    return target


def functions_of(path):
    """{name: [Instruction]}"""
    functions, body = {}, []
    for line in output_of([OBJDUMP, "-d", "--no-show-raw-insn", path]).splitlines():
        if start := re.match(r"[0-9a-f]+ <([^>]+)>:", line):
            body = functions.setdefault(start[1].split(".")[0], [])
        elif found := re.match(r"\s+([0-9a-f]+):\s+(\S+)\s*([^/<]*(?:<[^>]*>)?)", line):
            body.append(Instruction(int(found[1], 16), found[2], found[3].strip()))
    return functions


def jump_target(instruction):
    if not re.match(r"b$|b\.|cbn?z|tbn?z", instruction.name):
        return None
    return int(re.search(r"([0-9a-f]+) <", instruction.operands)[1], 16)


def innermost_loops(body):
    """Spans from the target of a jump backwards to the jump, if no other lies within."""
    spans = []
    for end, instruction in enumerate(body):
        target = jump_target(instruction)
        if target is not None and target <= instruction.address:
            starts = [i for i, other in enumerate(body) if other.address == target]
            spans += [(start, end) for start in starts]
    return [body[a:b + 1] for a, b in spans if not any(a <= c and d <= b and (a, b) != (c, d) for c, d in spans)]


def products(body):
    return sum(MULTIPLIES.get(i.name, 0) for i in body)


def loops_of(build, compiler, tier):
    for name, body in functions_of(compile_kernel(build, compiler, tier)).items():
        yield from (Loop(tier, compiler, name, loop) for loop in innermost_loops(body) if products(loop))


def sums(loop):
    """Registers that the loop adds 32-bit sums to."""
    return len({i.operands.split(".")[0] for i in loop.body if i.name in ("sdot", "smmla", "sadalp")})


# ---- Pricing -----------------------------------------------------------------------------------------------------


def cycles(lines, core):
    """Of one turn, when turns follow each other: the first hundred's beginning is left out."""
    text = "again:\n" + "\n".join(lines) + "\n"
    total = [int(re.search(r"Total Cycles:\s+(\d+)", output_of(
        [MCA, "-mtriple=aarch64", f"-mcpu={core}", f"-iterations={count}"], text))[1]) for count in (100, 300)]
    return (total[1] - total[0]) / 200


def source_lines(body, apart):
    """apart: "ldr q0, [x1], 16" as a load and an addition. Models give the new address the latency of the load."""
    for i in body:
        operands = re.sub(r"[0-9a-f]+ <.*>", "again", i.operands)
        post = re.match(r"(.*)\[(\w+)\], #?(-?\w+)$", operands) if apart and i.name[:2] in ("ld", "st") else None
        if post:
            yield f"{i.name} {post[1]}[{post[2]}]"
            yield f"add {post[2]}, {post[2]}, {post[3]}"
        else:
            yield f"{i.name} {operands}"


def speed(loop, core):
    if core == IN_ORDER:
        return products(loop.body) / in_order.cycles(loop.body)
    return products(loop.body) / min(cycles(list(source_lines(loop.body, apart)), core) for apart in (False, True))


def peak(tier, core):
    core = "cortex-a55" if core == IN_ORDER else core
    form = {"neon": "smull v{0}.8h, v28.8b, v29.8b", "i8mm": "smmla v{0}.4s, v28.16b, v29.16b"}
    line = form.get(tier, "sdot v{0}.4s, v28.16b, v29.16b")
    return 24 * MULTIPLIES[line.split()[0]] / cycles([line.format(i) for i in range(24)], core)


# ---- Judging and printing ----------------------------------------------------------------------------------------


def is_main(loop):
    return loop.function in ("multiply", "eight_rows_zipped") or (loop.tier, loop.function) == ("dotprod", "eight_rows")


def least(loop, core):
    target = TARGETS.get((loop.tier, core), 0)
    if is_main(loop):
        return target
    return target * SHARE_OF_FEW_ROWS[loop.tier] if core.startswith("neoverse") else 0


def complaints(loop, speeds):
    name = f"{loop.tier} by {loop.compiler}, {loop.function}"
    if sums(loop) < LEAST_SUMS:
        yield f"{name}: {sums(loop)} sums, at least {LEAST_SUMS} expected"
    for core, found in speeds.items():
        if found < least(loop, core):
            yield f"{name}: {found:.2f} MACs per cycle on {core}, at least {least(loop, core):.2f} expected"


def row(loop, speeds, peaks, cores):
    cells = [f"{speeds[core]:.2f} ({100 * speeds[core] / peaks[loop.tier, core]:.0f}%)" if core in speeds else ""
             for core in cores]
    return " | ".join([f"| {loop.tier}", loop.compiler, loop.function, str(products(loop.body)), str(sums(loop)),
                       *cells]) + " |"


def missing():
    return [tool for tool in (MCA, OBJDUMP, COMPILERS["gcc"]) if not shutil.which(tool)]


def main(arguments):
    check = "--check" in arguments
    build = next((a for a in arguments if a != "--check"), "build")
    if missing():
        print(f"skipped: {', '.join(missing())} not installed")
        return 0
    compilers = [name for name, command in COMPILERS.items() if shutil.which(command.split()[0])]
    cores = TIERS["neon"]
    peaks = {(tier, core): peak(tier, core) for tier in TIERS for core in TIERS[tier]}
    print("| tier | compiler | loop | MACs a turn | sums | " + " | ".join(cores) + " |")
    print("|---" * (5 + len(cores)) + "|")
    failures, mains = [], set()
    for loop in (loop for tier in TIERS for compiler in compilers for loop in loops_of(build, compiler, tier)):
        speeds = {core: speed(loop, core) for core in TIERS[loop.tier]}
        print(row(loop, speeds, peaks, cores), flush=True)
        failures += complaints(loop, speeds)
        mains |= {(loop.tier, loop.compiler)} if is_main(loop) else set()
    failures += [f"{tier} by {compiler}: no loop for many rows found" for tier in TIERS for compiler in compilers
                 if (tier, compiler) not in mains]
    print("\n".join(failures))
    return 1 if check and failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
