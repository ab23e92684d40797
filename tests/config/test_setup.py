"""bin/_setup: what it installs with, and what it says when it cannot."""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def setup() -> ModuleType:
    spec = importlib.util.spec_from_file_location("setup_script", ROOT / "bin" / "_setup.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """As much of a checkout as bin/_setup looks at."""
    (tmp_path / "bin").mkdir()
    for name in ("bin/_setup", "bin/_setup.py", "uv.lock", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    return tmp_path


def prepare(clone: Path, *, path: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["/bin/bash", "bin/_setup", "demo"],
        cwd=clone,
        env={"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def tools(folder: Path, **scripts: str) -> str:
    """A PATH with the few tools bin/_setup calls, and scripts of ours."""
    folder.mkdir()
    for name in ("cat", "cksum", "dirname", "bash"):
        real = next(each for each in ("/bin", "/usr/bin") if Path(each, name).exists())
        (folder / name).symlink_to(Path(real, name))
    for name, text in scripts.items():
        (folder / name).write_text(f"#!/bin/bash\n{text}\n")
        (folder / name).chmod(0o755)
    return str(folder)


def test_no_fitting_python_is_one_clear_line(clone: Path) -> None:
    done = prepare(clone, path=tools(clone / "tools", python3="exit 1"))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Python 3.11" in done.stderr


def test_what_is_done_is_not_done_again(clone: Path) -> None:
    path = tools(clone / "tools", python3='echo "$@" >> called; exit 0')
    (clone / ".venv" / "bin").mkdir(parents=True)
    for name in ("python", "tacit"):
        (clone / ".venv" / "bin" / name).write_text("")
        (clone / ".venv" / "bin" / name).chmod(0o755)
    assert prepare(clone, path=path).returncode == 0
    calls = (clone / "called").read_text().splitlines()
    wanted = calls[-1].removeprefix("bin/_setup.py demo ")
    assert len(calls) == 2, calls
    (clone / ".venv" / ".ready-test").write_text(wanted)  # the tests' tools include what the demo needs
    assert prepare(clone, path=path).returncode == 0
    assert (clone / "called").read_text().splitlines() == calls
    with (clone / "uv.lock").open("a") as lock:
        lock.write("\n")
    assert prepare(clone, path=path).returncode == 0
    assert len((clone / "called").read_text().splitlines()) == 4


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("error: No space left on device (os error 28)", "disk is full"),
        ("error: Failed to fetch: dns error: failed to lookup address", "HTTPS_PROXY"),
        ("error: invalid peer Certificate: UnknownIssuer", "SSL_CERT_FILE"),
        ("error: something else", "lines above"),
    ],
)
def test_a_failure_says_what_to_do(
    setup: ModuleType, capsys: pytest.CaptureFixture[str], words: str, hint: str
) -> None:
    with pytest.raises(SystemExit) as end:
        setup.run(
            [sys.executable, "-c", f"print({words!r}); exit(2)"], "It cannot be installed", dict(os.environ)
        )
    assert end.value.code == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == words
    assert lines[1].startswith("It cannot be installed. ")
    assert hint in lines[1]


@pytest.mark.parametrize("form", ["json", "html"])
def test_uv_without_pip_is_fetched_and_checked(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    import zipfile

    index = tmp_path / "uv"
    index.mkdir()
    wheel = tmp_path / "wheel"
    with zipfile.ZipFile(wheel, "w") as files:
        files.writestr(f"uv-{setup.UV}.data/scripts/uv", "#!/bin/sh\necho uv\n")
    good = hashlib.sha256(wheel.read_bytes()).hexdigest()
    names = [
        f"uv-{setup.UV}-py3-none-{tag}.whl"
        for tag in (
            "manylinux_2_17_x86_64.manylinux2014_x86_64",
            "manylinux_2_17_aarch64.manylinux2014_aarch64",
            "musllinux_1_1_x86_64",
            "macosx_10_12_x86_64",
            "macosx_11_0_arm64",
        )
    ]
    asked: list[str] = []

    def fetch(address: str, accept: str = "*/*") -> bytes:
        asked.append(address)
        if not address.endswith("/uv/"):
            return wheel.read_bytes()
        if form == "json":
            entries = [{"url": f"../files/{name}", "hashes": {"sha256": good}} for name in names]
            return json.dumps({"files": entries}).encode()
        return "".join(f'<a href="../files/{name}#sha256={good}">{name}</a>' for name in names).encode()

    monkeypatch.setattr(setup, "fetch", fetch)
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple")
    setup.unpack_uv(tmp_path / "target")
    assert asked[0] == "https://index.example/simple/uv/"
    assert asked[1].startswith("https://index.example/simple/files/uv-")
    assert subprocess.run([tmp_path / "target/bin/uv"], capture_output=True, check=True).stdout == b"uv\n"
    good = "0" * 64
    with pytest.raises(SystemExit):
        setup.unpack_uv(tmp_path / "other")
    assert not (tmp_path / "other" / "bin" / "uv").exists()
