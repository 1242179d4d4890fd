"""Cycles of a loop on a core like Cortex-A55, which llvm-mca misjudges: two instructions a cycle, in order.

The rules, as developers of other libraries measured them: a cycle takes one vector operation of 128 bits and beside it
one other instruction: a load of up to 8 bytes, an integer operation or a move into a lane. A load of 16 bytes takes two
cycles alone. An instruction waits until what it reads is ready. The order of kernels is to be trusted, not the digits.
"""
import re

LATENCY = {"vector": 4, "load": 3, "lane": 2, "integer": 1}  # cycles until the result may be read
ADDS_TO_RESULT = re.compile(r"sdot|smmla|smlal2?|sadalp|ins")


def registers(text):
    return ["v" + number if letter in "vqds" else "x" + number
            for letter, number in re.findall(r"\b([vqdsxw])(\d+)\b", text)]


def kind(instruction):
    if instruction.name.startswith("ld"):
        return "load"
    if re.match(r"v\d+\.\w\[", instruction.operands):
        return "lane"
    return "vector" if instruction.operands.startswith("v") else "integer"


def loaded_bytes(instruction):
    names = instruction.operands.split("[")[0]
    if "{" in names:
        count = len(registers(names))
        return count * (4 if instruction.name.endswith("r") else 16 if ".16b" in names else 8)
    size = {"q": 16, "s": 4, "w": 4}.get(names[0], 8)
    return size * (2 if instruction.name == "ldp" else 1)


def reads_and_writes(instruction):
    operands, name = instruction.operands, instruction.name
    if name.startswith("ld"):
        names, address = operands.split("[", 1)
        return registers(address), registers(names)
    if name.startswith(("b.", "cb", "tb", "cmp")):
        return registers(operands), []
    found = registers(operands)
    keeps = ADDS_TO_RESULT.match(name) or kind(instruction) == "lane"
    return found if keeps else found[1:], found[:1]


class Core:
    def __init__(self):
        self.ready, self.cycle, self.kinds = {}, 0, []

    def next_cycle(self, cycle):
        self.cycle, self.kinds = cycle, []

    def fits(self, what):
        return len(self.kinds) < 2 and what not in [k for k in self.kinds if k in ("vector", "load")]

    def issue(self, instruction):
        what, (reads, writes) = kind(instruction), reads_and_writes(instruction)
        size = loaded_bytes(instruction) if what == "load" else 0
        start = max([self.cycle] + [self.ready.get(register, 0) for register in reads])
        if start > self.cycle:
            self.next_cycle(start)
        if not self.fits(what) or (size > 8 and self.kinds):
            self.next_cycle(self.cycle + 1)
        alone = -(-size // 8) if size > 8 else 0
        for register in writes:
            self.ready[register] = self.cycle + LATENCY[what] + max(alone - 1, 0)
        self.kinds.append(what)
        if alone:
            self.next_cycle(self.cycle + alone)


def cycles(body, turns=20):
    """Of one turn, when turns follow each other; a taken branch ends its cycle."""
    core, ends = Core(), []
    for _ in range(2 * turns):
        for instruction in body:
            core.issue(instruction)
        core.next_cycle(core.cycle + (1 if core.kinds else 0))
        ends.append(core.cycle)
    return (ends[-1] - ends[turns - 1]) / turns
