"""`python -m deskgym` is the command `deskgym`."""

# pyright: reportMissingImports=false
# The root imports itself by its installed name, which no type checker can see from in here.

from deskgym.cli import main

main()
