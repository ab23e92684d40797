"""Installs uv into .tools and the locked packages into .venv. Called by bin/_setup; needs Python ≥ 3.11."""

import fcntl
import hashlib
import html.parser
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path
from typing import NoReturn

UV = "0.13.9"
INDEX = "https://pypi.org/simple"
ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
DOWNLOAD_SECONDS = 120
CAUSES = {
    r"No space left|disk quota": "The disk is full: free some space, and start this again.",
    r"wheel for the current platform": "A package has no build for this system: Tacit runs on macOS and "
    "Linux with glibc.",
    r"[Cc]ertificate|TLS": "The connection's certificate is not trusted: behind a proxy, SSL_CERT_FILE "
    "must name its certificates.",
    r"dns|resolve|connect|timed? ?out|unreachable|error sending request|urlopen|retries": "The package index "
    "cannot be reached: check the network, or set HTTPS_PROXY to your proxy.",
    r"Permission denied": "This folder cannot be written by this user.",
}


def main(mode: str, wanted: str) -> None:
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another start is installing; waiting for it …", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        ready = VENV / f".ready-{mode}"
        if ready.is_file() and ready.read_text() == wanted and (VENV / "bin" / "tacit").exists():
            return
        uv = TOOLS / f"uv-{UV}" / "bin" / "uv"
        if not uv.is_file():
            print("Installing the installer (uv) …", flush=True)
            install_uv(uv)
        print("Installing the packages; the first time takes a minute …", flush=True)
        sync(uv, mode)
        ready.write_text(wanted)


def install_uv(uv: Path) -> None:
    """Put the pinned uv at its place: complete, or not at all."""
    with tempfile.TemporaryDirectory(dir=TOOLS) as name:
        draft = Path(name) / "uv"
        if importlib.util.find_spec("pip"):
            arguments = ["install", "--quiet", "--no-deps", "--no-input", "--target", str(draft), f"uv=={UV}"]
            environment = {
                **os.environ,
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                "PIP_ROOT_USER_ACTION": "ignore",
            }
            run([sys.executable, "-m", "pip", *arguments], "uv cannot be installed", environment)
        else:
            unpack_uv(draft)
        if not (draft / "bin" / "uv").is_file():
            stop("uv cannot be installed", "The package has no program uv.")
        shutil.rmtree(uv.parent.parent, ignore_errors=True)
        draft.rename(uv.parent.parent)


def unpack_uv(target: Path) -> None:
    """Fetch uv's wheel and take the program out of it, for a Python without pip (such as Debian's)."""
    address, digest = find_wheel()
    wheel = fetch(address)
    if hashlib.sha256(wheel).hexdigest() != digest:
        stop("uv cannot be installed", f"{address} is not what the index announced (its SHA-256 differs).")
    (target / "bin").mkdir(parents=True)
    archive = target / "uv.whl"
    archive.write_bytes(wheel)
    with zipfile.ZipFile(archive) as files:
        (target / "bin" / "uv").write_bytes(files.read(f"uv-{UV}.data/scripts/uv"))
    archive.unlink()
    (target / "bin" / "uv").chmod(0o755)


def find_wheel() -> tuple[str, str]:
    """Address and SHA-256 of the wheel for this machine, from the index's page of uv."""
    index = os.environ.get("PIP_INDEX_URL", "").strip() or INDEX
    page = f"{index.rstrip('/')}/uv/"
    accept = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
    links = [(urllib.parse.urljoin(page, link), digest) for link, digest in read_index(fetch(page, accept))]
    system = "macosx" if sys.platform == "darwin" else "manylinux" if platform.libc_ver()[0] else "musllinux"
    machine = {"AMD64": "x86_64"}.get(platform.machine(), platform.machine())
    wheel = re.compile(rf"uv-{re.escape(UV)}-py3-none-.*{system}.*_{machine}\.whl")
    fitting = [
        (address, digest)
        for address, digest in links
        if digest and wheel.fullmatch(urllib.parse.unquote(address.rsplit("/", 1)[-1]))
    ]
    if not fitting:
        words = f"{page} has no uv {UV} for {system} {machine}. Install pip for {sys.executable}."
        stop("uv cannot be installed", words)
    return fitting[0]


def read_index(page: bytes) -> list[tuple[str, str]]:
    """The files an index page names, as (address, SHA-256): JSON or HTML, as the index likes."""
    if page.lstrip().startswith(b"{"):
        return [(file["url"], file.get("hashes", {}).get("sha256", "")) for file in json.loads(page)["files"]]
    found: list[tuple[str, str]] = []

    class Links(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            link = dict(attrs).get("href") if tag == "a" else None
            if link:
                address, _, fragment = link.partition("#")
                found.append((address, fragment.removeprefix("sha256=")))

    Links().feed(page.decode("utf-8", "replace"))
    return found


def fetch(address: str, accept: str = "*/*") -> bytes:
    if not address.startswith(("https://", "http://", "file://")):
        stop("uv cannot be installed", f"{address} is not an address of a package index.")
    try:
        request = urllib.request.Request(address, headers={"Accept": accept})  # noqa: S310  checked above
        with urllib.request.urlopen(request, timeout=DOWNLOAD_SECONDS) as answer:  # noqa: S310
            return bytes(answer.read())
    except (OSError, ValueError) as error:
        stop("uv cannot be installed", f"{address}: {error}")


def sync(uv: Path, mode: str) -> None:
    """Install what the lock file says. `--inexact` keeps the tools an earlier bin/test has installed."""
    arguments = ["sync", "--frozen", "--no-progress", "--python", sys.executable]
    arguments += ["--no-dev", "--inexact"] if mode == "demo" else ["--all-groups"]
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    environment |= {"UV_PROJECT_ENVIRONMENT": str(VENV), "UV_PYTHON_DOWNLOADS": "never"}
    environment.setdefault("UV_HTTP_TIMEOUT", str(DOWNLOAD_SECONDS))
    run([str(uv), *arguments], "The packages cannot be installed", environment)


def run(command: list[str], failure: str, environment: dict[str, str]) -> None:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        stop(failure, done.stdout)


def stop(failure: str, words: str) -> NoReturn:
    """End with what was said last, what failed, and what can be done about it."""
    print("\n".join(words.strip().splitlines()[-8:]), file=sys.stderr)
    hints = [hint for pattern, hint in CAUSES.items() if re.search(pattern, words)]
    print(f"{failure}. {hints[0] if hints else 'The lines above say why.'}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2])
    except OSError as problem:
        stop("The packages cannot be installed", str(problem))
    except KeyboardInterrupt:
        sys.exit(130)
