"""Settings of the numerical libraries, which count only before these are imported."""

from __future__ import annotations

import os

# Nested thread pools on few cores cost more than they give; parallelism is by process.
SINGLE_THREADED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# NumPy and BLAS pick code by processor: other last bits, another order of equal values, and from
# there another search. All processors with AVX2 shall run the same; none loses what it lacks.
SAME_CODE = {
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "OPENBLAS_CORETYPE": "Haswell",
}


def settle() -> None:
    """Set what is not set already, for this process and those that it starts."""
    for name, value in {**dict.fromkeys(SINGLE_THREADED, "1"), **SAME_CODE}.items():
        os.environ.setdefault(name, value)
