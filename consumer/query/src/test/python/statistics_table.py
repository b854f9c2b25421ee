"""Writes what numpy and scipy say of some samples, for StatisticsTest to compare with.

    pip install numpy scipy
    python3 consumer/query/src/test/python/statistics_table.py

Each line is a sample: its values, then n, mean, standard deviation, median, min, max and the ends of the 95 % confidence
interval of the mean, all as Java's and Python's hexadecimal floating point, which rounds nothing. A number that is not
defined is a dash.
"""

from pathlib import Path

import numpy
from scipy import stats

TABLE = Path(__file__).parents[1] / "resources/io/runledger/query/groups/statistics.tsv"


def samples():
    random = numpy.random.default_rng(20261129)
    yield []
    yield [0.25]
    yield [-0.0]
    yield [0.5, 0.5]
    yield [0.5, 0.5, 0.5, 0.5, 0.5]
    yield [1.0, 2.0]
    yield [3.0, 1.0, 2.0]
    yield [0.1, 0.2, 0.3, 0.4]
    # The classic of the textbook formula: the digits that differ are the last ones.
    yield [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]
    yield [1e300, 2e300, 4e300]
    yield [1e-300, 2e-300, 4e-300]
    yield [5e-324, 1e-323]
    yield [1e16, 1.0, -1e16]
    for n in (2, 3, 4, 5, 7, 10, 30, 31, 100, 1000):
        yield random.normal(0.3, 0.05, n).tolist()
        yield random.lognormal(0, 2, n).tolist()
        yield random.integers(-5, 5, n).astype(float).tolist()


def line(sample):
    values = numpy.array(sample, dtype=numpy.float64)
    n = len(values)
    # Numbers whose squares are out of range are scaled by a power of two, which rounds nothing.
    exponent = int(numpy.frexp(numpy.max(numpy.abs(values)))[1]) if n and numpy.any(values) else 0
    scaled = numpy.ldexp(values, -exponent)
    numbers = [None] * 7
    if n:
        mean = numpy.ldexp(scaled.mean(), exponent)
        numbers = [mean, None, numpy.ldexp(numpy.median(scaled), exponent), values.min(), values.max(), None, None]
    if n > 1:
        std = scaled.std(ddof=1)
        low, high = scaled.mean(), scaled.mean()
        if std > 0:
            low, high = stats.t.interval(0.95, n - 1, loc=scaled.mean(), scale=stats.sem(scaled))
        numbers[1] = numpy.ldexp(std, exponent)
        numbers[5:] = [numpy.ldexp(low, exponent), numpy.ldexp(high, exponent)]
    cells = [" ".join(float(value).hex() for value in sample), str(n)]
    cells += ["-" if number is None else float(number).hex() for number in numbers]
    return "\t".join(cells)


def main():
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text("".join(line(sample) + "\n" for sample in samples()), encoding="ascii")


if __name__ == "__main__":
    main()
