"""python -m triagebot"""

from triagebot.cli.main import main

main()
