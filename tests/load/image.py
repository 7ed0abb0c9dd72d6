"""The Dockerfile's steps, run without Docker: what they make must serve the page and read a drawing.

Run by hand, as root, on a Debian with the Dockerfile's Python, which stands in for its FROM and stays as it is:

    python -m tests.load.image

Every RUN is run as it stands, in a root file system of its own: this machine's, with all changes in memory (some 3 GB,
gone at the end), and the project's files where COPY and .dockerignore have them. CMD is then started as the image's
user. --base FOLDER: another Debian, as debootstrap makes it, which shows what is missing where little is installed.
--build-arg NAME=VALUE: as Docker has it. Prints each step with its seconds; fails where one fails. It tests neither the
image python:* itself nor the volume.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.load.cold_start import read
from tests.support.servers.pageserver import ROOT, free_port

#: Seconds that the page may take until it answers.
PATIENCE = 300.0

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def steps() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, each with what follows it."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def instructions(word: str) -> list[str]:
    """What follows each `word` in the Dockerfile."""
    return [rest for one, rest in steps() if one == word]


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path of the project out; a pattern counts for all that lies below it."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    parts = path.split("/")
    heads = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    for pattern in patterns:
        tail = pattern.removeprefix("**/")
        if tail != pattern:
            if any(fnmatch.fnmatchcase(part, tail) for part in parts):
                return True
        elif any(fnmatch.fnmatchcase(head, pattern) and head.count("/") == pattern.count("/") for head in heads):
            return True
    return False


class Image:
    """A root file system in which the Dockerfile's instructions are carried out, one after another."""

    def __init__(self, root: Path, build_args: dict[str, str]) -> None:
        self.root, self.build_args = root, build_args
        self.workdir, self.user, self.command = "/", "root", [""]
        self.built_with = {"PATH": _PATH, "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive", **build_args}
        self.served_with = {"PATH": _PATH}

    def carry_out(self, word: str, rest: str) -> None:
        """One instruction. CalledProcessError if a command fails; SystemExit at what is not known here."""
        pairs = dict(pair.partition("=")[::2] for pair in shlex.split(rest)) if word in ("ARG", "ENV") else {}
        if word == "FROM":
            self._check_python(rest)
        elif word == "WORKDIR":
            self.workdir = rest
            self._inside(rest).mkdir(parents=True, exist_ok=True)
        elif word == "RUN":
            subprocess.run(self.within(["/bin/sh", "-c", rest]), env=self.built_with, check=True)
        elif word == "ARG":
            self.built_with |= {**pairs, **self.build_args}
        elif word == "ENV":
            self.built_with |= pairs
            self.served_with |= pairs
        elif word == "COPY":
            *sources, target = shlex.split(rest)
            self._copy(sources, self._inside(self.workdir) / target)
        elif word == "USER":
            self.user = rest
        elif word == "CMD":
            self.command = json.loads(rest)
        elif word not in ("VOLUME", "EXPOSE"):
            sys.exit(f"{word} is not known here.")

    def within(self, command: list[str]) -> list[str]:
        """The command that runs `command` there: in the working folder, as the user."""
        entered = ["/bin/sh", "-c", f'cd {shlex.quote(self.workdir)} && exec "$@"', "sh", *command]
        return ["chroot", f"--userspec={self.user}", str(self.root), *entered]

    def _inside(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def _check_python(self, image: str) -> None:
        wanted = re.match(r"python:(\d+\.\d+)", image)
        told = subprocess.run(self.within(["python3", "-V"]), env=self.built_with, capture_output=True, text=True)
        if wanted is None or not told.stdout.startswith(f"Python {wanted[1]}."):
            sys.exit(f"The Dockerfile begins with {image}; the Debian given has {told.stdout.strip() or 'no Python'}.")

    def _copy(self, sources: list[str], target: Path) -> None:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
        for name in filter(None, listed.split("\0")):
            if not ignored(name) and ("." in sources or name in sources):
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, target / name)


def serves(image: Image) -> None:
    """Start the image's command; it must serve the page and read a drawing. TimeoutError if it does not."""
    port = free_port()
    environment = {**image.served_with, "GRADIO_SERVER_PORT": str(port), "HOME": f"/home/{image.user}"}
    child = subprocess.Popen(image.within(image.command), env=environment)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}", timeout=PATIENCE).raise_for_status()
                break
            except httpx.ConnectError:
                if time.monotonic() > deadline or child.poll() is not None:
                    raise TimeoutError("the image's command does not serve the page") from None
                time.sleep(0.2)
        read(f"http://127.0.0.1:{port}", PATIENCE)
        told = subprocess.run(image.within(["sh", "-c", "test -w /data && ! test -w ."]), env=image.served_with)
        assert told.returncode == 0, "the image's user must be able to write to /data, and not to the program"
    finally:
        child.terminate()
        child.wait()


def build(base: Path, folder: Path, build_args: dict[str, str]) -> None:
    """Carry out the Dockerfile in `folder`, above `base`, and try what came of it.

    Only in a mount namespace of its own: what is mounted here goes when that ends.
    """
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(folder)], check=True)
    changes, work, root = (folder / name for name in ("changes", "work", "root"))
    for place in (changes, work, root):
        place.mkdir()
    layers = f"lowerdir={base},upperdir={changes},workdir={work}"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, str(root)], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", f"{root}/proc"], check=True)
    subprocess.run(["mount", "--rbind", "/dev", f"{root}/dev"], check=True)
    _forget_people(root / "etc" / "passwd")
    if base != Path("/"):
        shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    image = Image(root, build_args)
    for word, rest in steps():
        began = time.monotonic()
        image.carry_out(word, rest)
        print(f"{time.monotonic() - began:6.1f} s  {word} {rest}", flush=True)
    began = time.monotonic()
    serves(image)
    print(f"{time.monotonic() - began:6.1f} s  the page was served, and read a drawing", flush=True)


def _forget_people(passwd: Path) -> None:
    """Take this machine's own users out: where the Dockerfile begins there are none."""
    lines = passwd.read_text(encoding="utf-8").splitlines(keepends=True)
    passwd.write_text("".join(line for line in lines if not 1000 <= int(line.split(":")[2]) < 65534), encoding="utf-8")


def main() -> int:
    """The command line; 1 if a step fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, default=Path("/"), help="the folder of another Debian")
    parser.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--within", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.within:
        build(given.base.resolve(), given.within, dict(pair.partition("=")[::2] for pair in given.build_arg))
        return 0
    # The folder is deleted out here, where nothing that is mounted in it can be seen.
    apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", sys.executable, "-m", "tests.load.image"]
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run([*apart, *sys.argv[1:], "--within", folder], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
