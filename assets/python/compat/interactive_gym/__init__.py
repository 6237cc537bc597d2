"""Scripts that were written for Interactive Gym, as MUG was called, import from here; `greenroom_compat` has the contents."""

from greenroom_compat.modules import offer

__getattr__ = offer(__name__)
