"""What docs/python-workers.md and README.md begin with, as it stands there."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "python-workers.md"


@pytest.mark.parametrize("page", [PAGE, ROOT / "README.md"], ids=lambda page: page.name)
def test_the_worker_of_ten_lines(daemon, tmp_path, page):
    if not PAGE.exists():
        pytest.skip("the pages are not here")
    program = re.search(r"```python\n(.*?)```", page.read_text(), re.DOTALL).group(1)
    (tmp_path / "tasks.py").write_text(program.replace("127.0.0.1:5932", daemon.address))
    for number in range(10):
        (tmp_path / f"{number}.txt").write_text("word " * number)

    def run(*command):
        done = subprocess.run([sys.executable, *command], cwd=tmp_path, env=dict(os.environ, PYTHONPATH=str(tmp_path)), check=True)
        assert done.returncode == 0

    # Twice, since that makes no unit a second time.
    for _ in range(2):
        run("-c", "import glob, tasks; assert tasks.count.map(glob.glob('*.txt'), key=str) == 10")
    run("-c", "from coordinate.commands import main; main()", "worker", "tasks:app", "--processes", "2", "--until-idle")
    run("-c", f"import tasks; assert dict(tasks.count.finished()) == {({f'{n}.txt': {'words': n} for n in range(10)})!r}")
    run("-c", "import tasks; assert list(tasks.count.failed()) == []")


def test_the_example_of_asyncio(daemon, tmp_path):
    example = PAGE.parents[1] / "examples" / "python" / "package" / "probes.py"
    if not example.exists():
        pytest.skip("the example is not here")
    program = tmp_path / "probes.py"
    program.write_text(example.read_text().replace("127.0.0.1:5932", daemon.address))
    done = subprocess.run([sys.executable, program, daemon.address, "127.0.0.1:1"], stdout=subprocess.PIPE, text=True, check=True)
    assert sorted(done.stdout.split("\n")) == sorted([f"{daemon.address} True", "127.0.0.1:1 False", ""])
