"""The least time that this machine can take, from its measured peaks."""


def best(rates, prefix):
    found = [rate for name, rate in rates.items() if name.startswith(prefix)]
    return max(found) if found else None


def weight_count(model):
    hidden, inner = model["hidden"], model["intermediate"]
    return model["layers"] * (4 * hidden * hidden + 2 * hidden * inner)


def multiplications(model, tokens):
    attention = model["layers"] * 2 * model["hidden"] * tokens * tokens
    return tokens * weight_count(model) + attention


def encoding_ms(model, peak, tokens, kind="int8"):
    """Multiply-adds at the peak, or every weight read once at the bandwidth of their size: the larger, or None."""
    rate = best(peak["gmac_s"], kind)
    if not rate:
        return None
    size = weight_count(model) * (4 if kind == "f32" else 1)
    return max(multiplications(model, tokens) / rate / 1e6, size / reading_rate(peak, size) / 1e6)


def bulk_ms(model, peak, token_counts, kind="int8"):
    rate = best(peak["gmac_s"], kind)
    return sum(multiplications(model, tokens) for tokens in token_counts) / rate / 1e6 if rate else None


def reading_rate(peak, size):
    """GB/s of the smallest measured size that holds `size` bytes, else of the largest."""
    sizes = sorted((int(kilobytes) * 1024, rate) for kilobytes, rate in peak["gb_s"].items())
    return next((rate for held, rate in sizes if held >= size), sizes[-1][1])


def reading_ms(peak, size):
    return size / reading_rate(peak, size) / 1e6
