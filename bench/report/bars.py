# SPDX-FileCopyrightText: The ddx authors
# SPDX-License-Identifier: BSL-1.0
"""What ddx is to reach, and why it probably loses where it does: the tables that the report marks as met or missed. Ratios are of times in the
same rounds. Against code that is compiled for AVX2 ddx is compiled for AVX2; against libraries that choose their code when they run, for
the CPU."""

HAND, FAST, PLAIN = "by hand, AVX2", "by hand, -ffast-math", "by hand"

# suite, race, contender, the other, at most
RATIOS = [
    ("step", "A 12000 float", "ddx", HAND, 1.10),
    ("step", "A 12000 float", "ddx", "Eigen", 0.45),
    ("step", "A 12000 float", "ddx, native", "libtorch", 0.40),
    ("step", "A 12000 uint8", "ddx", HAND, 1.10),
    ("step", "A 256 float", "ddx", HAND, 1.10),
    ("step", "B 256 float", "ddx", HAND, 1.10),
    ("step", "C 256 float", "ddx", HAND, 1.10),
    ("step", "C 256 float", "ddx, native", "OpenBLAS", 1.00),
    ("step", "D 3 float", "ddx", "by hand, plain", 1.50),
    ("step", "D 1e5 float", "ddx", HAND, 1.05),
    ("step", "D 1e7 float", "ddx", HAND, 1.05),
    *(
        ("functions", race, "ddx", other, limit)
        for race in (
            "rosenbrock 1000",
            "speelpenning 1000",
            "logistic regression 1000x100",
            "normal log-pdf 1000",
            "logsumexp 1000",
            "Helmholtz 50",
            "Black-Scholes 1024",
            "GMM d10 k25 n1000",
        )
        for other, limit in ((HAND, 1.15), (FAST, 1.00))
    ),
    ("functions", "GMM d10 k25 n1000", "ddx", PLAIN, 0.20),
    ("functions", "Black-Scholes", "ddx", PLAIN, 1.05),
    *(("scaling", f"{model} float on threads", "ddx, two threads", "ddx, one thread", 0.556) for model in ("A 12000", "B 256", "C 256")),
    ("tape", "logistic regression 1000x100", "ddx real", PLAIN, 3.5),
    ("tape", "GMM d10 k25 n1000", "ddx real", PLAIN, 2.5),
    ("tape", "logistic regression 1000x100", "ddx real, replaying", "ddx real, recording", 0.5),
    ("tape", "rosenbrock 1000", "ddx real, replaying", "ddx real, recording", 0.5),
    *(
        ("tape", race, "ddx real", other, 0.4)
        for race in ("rosenbrock 1000", "logistic regression 1000x100", "GMM d10 k25 n1000")
        for other in ("ADOL-C, taped once", "Sacado", "Stan Math")
    ),
    ("step", "D 3 double", "ddx tensor", "libtorch", 0.02),
    ("step", "D 1e5 double", "ddx tensor", "libtorch", 0.5),
    ("step", "D 1e7 double", "ddx tensor", "libtorch", 0.5),
    ("step", "B 256 float", "ddx tensor", "libtorch", 0.8),
]

# suite, race, contender, at most, unit, from a result to the number
FIGURES = [
    ("tape", "logistic regression 1000x100", "ddx real", 5.0, "ns a multiply-add, recorded and gone back", lambda c, items: 1e9 * c["seconds"] / items),
    ("tape", "rosenbrock 2", "ddx real", 30.0, "ns, recorded and gone back", lambda c, items: 1e9 * c["seconds"] / items),
    ("tape", "logistic regression 1000x100", "ddx real", 24.0, "bytes a recorded operation", lambda c, items: float(c["note"].split()[0])),
    ("tape", "GMM d10 k25 n1000", "ddx real", 24.0, "bytes a recorded operation", lambda c, items: float(c["note"].split()[0])),
]

# Why ddx loses, as far as its code and that of the others tell: suite, a regular expression of races, the reason.
REASONS = [
    ("step|scaling", r"^(D (3|of (3|100))|A of [0-9]{1,2} rows) ", "a call checks its bindings and sets up its loops, whatever the size"),
    ("step|scaling", r"^D ", "elements before the first and after the last whole vector of memory are computed one by one; by hand memory is aligned"),
    ("step|scaling", r"^A ", "differences of a few percent are those of blocks and of fetching ahead"),
    ("step", r"^[BC] ", "weights are packed into panels at every step; by hand they stay in panels from step to step"),
    ("functions", r"^speelpenning", "products before and behind are two scans and their product a third loop; by hand eight runs go side by side"),
    ("functions", r"^GMM", "factors are full squares of 10 by 10, in vectors of 4 twelve wide, of which the lower half counts"),
    ("functions", r"rosenbrock 1000", "sums and values of four vectors do not fit the registers, and a call has a constant cost"),
    ("functions", r"normal", "value and gradients are three sums; by hand the value is made of the other two, which distributes a sum over a difference"),
    ("functions", r"Helmholtz", "some forty operations on numbers, and three passes around the one over A"),
    ("functions", r"Hessian|^Black-Scholes", "s phi(d1) = k exp(-r t) phi(d2) cancels terms by hand; no rule of ddx knows it"),
    ("tape", r"", "a statement is written to memory and read again; loops by hand keep everything in registers"),
    ("symbolic", r"print", "text goes through the printer's general patterns, a string at a time"),
    ("symbolic", r"differentiate", "every derivative is brought to canonical form, which GiNaC leaves for later"),
    ("symbolic", r"expand", "powers of sums are multiplied out one factor at a time"),
]
