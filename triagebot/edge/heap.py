"""Memory that was freed, handed back to the system: glibc alone would keep what lies below something still in use."""

import ctypes


def give_back() -> None:
    """Return to the system whatever pages hold nothing any more; where the C library cannot do that, do nothing."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(ctypes.c_size_t(0))
