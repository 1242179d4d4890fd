"""Every loss of the distiller against NumPy.

Usage: losses_parity.py DRIVER

Each case below is a function of float64 arrays to a loss, written from the papers' formulas; its gradient comes from
central differences of that function, so no derivation is shared with the code under test. The driver's losses and
gradients, in f32, must agree with both.
"""
import subprocess
import sys

import numpy as np

RNG = np.random.default_rng(20261121)


def normal(*shape, scale=1.0):
    """float32 values, so that both sides see the same numbers."""
    return (RNG.standard_normal(shape) * scale).astype(np.float32)


def array(values):
    values = np.asarray(values).ravel()
    return f"{len(values)} " + " ".join(repr(float(v)) for v in values)


def log_softmax(values, axis=-1):
    shifted = values - np.max(values, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def expit(logits):
    return 1 / (1 + np.exp(-logits))


def split(scores, lengths):
    return np.split(scores, np.cumsum(lengths)[:-1])


# ---- The formulas ------------------------------------------------------------------------------

def embedding(metric, teacher, student):
    if metric == "l2":
        return np.mean(np.sqrt(np.sum((teacher - student) ** 2, axis=1)))
    if metric == "mse":
        return np.mean((teacher - student) ** 2)
    cosine = np.sum(teacher * student, axis=1) / np.linalg.norm(teacher, axis=1) / np.linalg.norm(student, axis=1)
    return np.mean(1 - cosine)


def kl(lengths, target, student, target_temperature, temperature):
    total = 0.0
    for t, s in zip(split(target, lengths), split(student, lengths)):
        log_p, log_q = log_softmax(t / target_temperature), log_softmax(s / temperature)
        total += np.sum(np.exp(log_p) * (log_p - log_q))
    return total / len(lengths)


def nll(lengths, positives, scores, temperature):
    lists = split(scores, lengths)
    return -np.mean([log_softmax(s / temperature)[p] for s, p in zip(lists, positives)])


def cross_entropy(logits, targets):
    return -(targets * np.log(expit(logits)) + (1 - targets) * np.log(expit(-logits)))


def soft_and_hard(temperature, alpha, teacher, labels, student):
    soft = temperature ** 2 * cross_entropy(student / temperature, expit(teacher / temperature))
    return np.mean(alpha * soft + (1 - alpha) * cross_entropy(student, labels))


def pair_losses(kind, t_positive, t_negative, positive, negative):
    margin, t_margin = positive - negative, t_positive - t_negative
    return {
        "margin_mse": lambda: np.mean((margin - t_margin) ** 2),
        "pair_mse": lambda: (np.mean((positive - t_positive) ** 2) + np.mean((negative - t_negative) ** 2)) / 2,
        "ranknet": lambda: np.mean(np.logaddexp(0, -margin)),
        "weighted_ranknet": lambda: np.mean(t_margin * np.logaddexp(0, -margin)),
    }[kind]()


def relation(heads, teacher, student):
    total = 0.0
    for t, s in zip(np.split(teacher, heads, axis=1), np.split(student, heads, axis=1)):
        log_p = log_softmax(t @ t.T / np.sqrt(t.shape[1]), axis=1)
        log_q = log_softmax(s @ s.T / np.sqrt(s.shape[1]), axis=1)
        total += np.sum(np.exp(log_p) * (log_p - log_q))
    return total / heads / len(teacher)


# ---- Cases: what the driver reads, the formula, the arrays by which there are gradients, what else it prints ----------

class Case:
    def __init__(self, name, text, formula, inputs, constants=()):
        self.name, self.text, self.formula = name, text, formula
        self.inputs = [np.asarray(x, np.float64) for x in inputs]
        self.constants = list(constants)


def embedding_cases(weight):
    for number, metric in enumerate(("l2", "mse", "cosine")):
        for count, width in ((1, 1), (3, 7), (5, 64)):
            if metric == "cosine" and width == 1:
                continue  # its gradient is 0, which central differences cannot tell from noise
            teacher, student = normal(count, width), normal(count, width)
            yield Case(f"embedding matching {metric} {count}x{width}",
                       f"embedding {weight} {number} {width} {array(teacher)} {array(student)}",
                       lambda s, m=metric, t=teacher: embedding(m, t.astype(np.float64), s), [student])


def kl_cases(weight):
    for lengths in ([1], [4, 1, 7], [16] * 6):
        for both, tt, ts, scale in ((0, 1, 1, 1), (1, 1, 1, 3), (0, 2, 0.5, 1), (1, 0.05, 0.1, 0.1)):
            teacher, student = normal(sum(lengths), scale=scale), normal(sum(lengths), scale=scale)

            def formula(t, s, lengths=lengths, both=both, tt=tt, ts=ts):
                forward = kl(lengths, t, s, tt, ts)
                return forward + kl(lengths, s, t, ts, tt) if both else forward
            yield Case(f"score KL {len(lengths)} lists, both={both}, T={tt}/{ts}",
                       f"score_kl {weight} {both} {array(lengths)} {tt} {array(teacher)} {ts} {array(student)}",
                       formula, [teacher, student])


def contrastive_cases(weight):
    for lengths, positives in (([2], [1]), ([3, 1, 9], [0, 0, 8]), ([8] * 8, range(8))):
        for temperature in (1, 0.05):
            scores = normal(sum(lengths))
            yield Case(f"contrastive {len(lengths)} lists, T={temperature}",
                       f"contrastive {weight} {array(lengths)} {array(list(positives))} {temperature} {array(scores)}",
                       lambda s, a=lengths, b=list(positives), c=temperature: nll(a, b, s, c), [scores])


def pointwise_cases(weight):
    for temperature, alpha in ((1, 1), (2, 0.7), (4, 0.5), (1, 0)):
        teacher, student, labels = normal(9, scale=4), normal(9, scale=4), (RNG.random(9) < 0.4).astype(np.float32)
        yield Case(f"soft labels T={temperature} alpha={alpha}",
                   f"pointwise_bce {weight} {temperature} {alpha} {array(teacher)} {array(labels)} {array(student)}",
                   lambda s, T=temperature, a=alpha, t=teacher, y=labels: soft_and_hard(T, a, t.astype(np.float64), y, s),
                   [student])
    teacher, student = normal(12, scale=8), normal(12)
    yield Case("pointwise MSE through a scale",
               f"pointwise_mse {weight} 7.5 -0.25 {array(teacher)} {array(student)}",
               lambda s, scale, bias: np.mean((scale * s + bias - teacher) ** 2),
               [student, np.array([7.5]), np.array([-0.25])])


def pair_cases(weight):
    for number, kind in enumerate(("margin_mse", "pair_mse", "ranknet", "weighted_ranknet")):
        for count in (1, 11):
            t_positive, t_negative, positive, negative = (normal(count, scale=5) for _ in range(4))
            yield Case(f"{kind} {count}",
                       f"pairs {weight} {number} " + " ".join(map(array, (t_positive, t_negative, positive, negative))),
                       lambda p, n, k=kind, a=t_positive, b=t_negative: pair_losses(
                           k, a.astype(np.float64), b.astype(np.float64), p, n), [positive, negative])


def lead_cases(weight):
    for layers, lengths, tau in ((1, [3, 5], 10), (5, [8] * 4, 10), (3, [4, 2, 6], 0.5), (3, [4, 2, 6], np.inf)):
        positives = [int(RNG.integers(n)) for n in lengths]
        scores = [normal(sum(lengths), scale=2) for _ in range(2 * layers)]
        losses = np.array([nll(lengths, positives, t.astype(np.float64), 1) for t in scores[::2]])
        weights = np.exp(log_softmax(-losses / tau))  # detached: fixed while the scores move

        def formula(*s, lengths=lengths, weights=weights):
            return sum(w * kl(lengths, s[2 * i], s[2 * i + 1], 1, 1) for i, w in enumerate(weights))
        yield Case(f"LEAD {layers} layers, tau={tau}",
                   f"lead {weight} {tau} {layers} {array(lengths)} {array(positives)} "
                   + " ".join(f"1 {array(s)}" for s in scores), formula, scores, weights)


def relation_cases(weight):
    for tokens, heads, teacher_width, student_width in ((1, 1, 4, 4), (5, 2, 12, 4), (7, 4, 16, 24)):
        teacher, student = normal(tokens, teacher_width), normal(tokens, student_width)
        yield Case(f"attention relations {tokens} tokens, {heads} heads",
                   f"relation {weight} {tokens} {heads} {teacher_width} {student_width} {array(teacher)} {array(student)}",
                   lambda s, h=heads, t=teacher: relation(h, t.astype(np.float64), s), [student])


# ---- Comparison ---------------------------------------------------------------------------------

def differences(case, step=1e-5):
    """The gradient of the formula by central differences, all inputs one after the other."""
    out = []
    for which, values in enumerate(case.inputs):
        for i in np.ndindex(values.shape):
            moved = []
            for sign in (1, -1):
                inputs = [x.copy() for x in case.inputs]
                inputs[which][i] += sign * step
                moved.append(case.formula(*inputs))
            out.append((moved[0] - moved[1]) / (2 * step))
    return np.array(out)


def check(case, weight, line):
    loss, *rest = map(float, line.split())
    expected_loss = float(case.formula(*case.inputs))
    expected = np.concatenate([weight * differences(case), case.constants])
    if len(rest) != len(expected):
        return f"{len(rest)} numbers, expected {len(expected)}"
    if abs(loss - expected_loss) > 1e-6 * max(1, abs(expected_loss)):
        return f"loss {loss}, expected {expected_loss}"
    error = np.abs(np.array(rest) - expected).max()
    tolerance = 2e-6 * max(1, np.abs(expected).max())
    return f"gradient is {error:.2e} away, expected at most {tolerance:.1e}" if error > tolerance else None


def main(driver):
    weight = 0.75
    makers = (embedding_cases, kl_cases, contrastive_cases, pointwise_cases, pair_cases, lead_cases, relation_cases)
    cases = [case for maker in makers for case in maker(weight)]
    result = subprocess.run([driver], input="\n".join(case.text for case in cases) + "\n", capture_output=True,
                            text=True, check=True)
    lines = result.stdout.splitlines()
    if len(lines) != len(cases):
        sys.exit(f"{len(lines)} answers to {len(cases)} cases")
    failed = 0
    for case, line in zip(cases, lines):
        problem = check(case, weight, line)
        failed += problem is not None
        print(f"{'FAILED' if problem else 'ok':7}{case.name}{': ' + problem if problem else ''}")
    print(f"{len(cases) - failed} losses and gradients agree with NumPy, {failed} do not")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
