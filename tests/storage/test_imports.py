"""What storage costs before it is used, and that an old release is still read."""

from __future__ import annotations

import subprocess
import sys

from dti_platform import storage

HEAVY = {"polars", "pandas", "pandera", "pyarrow", "dagster", "great_expectations", "numpy", "filelock", "rfc8785"}


def test_importing_storage_imports_nothing_heavy() -> None:
    code = f"import sys, dti_platform.storage; print(sorted({HEAVY!r} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert ran.stdout.strip() == "[]"


def test_the_public_names() -> None:
    assert all(hasattr(storage, name) for name in storage.__all__)
    assert len({*storage.__all__}) == len(storage.__all__)
