"""``python -m dti_platform.cli``."""

from dti_platform.cli import main

main(prog_name="dti")
