"""triagebot: the support desk a freelance web developer never had to hire."""

__version__ = "0.1.0"
