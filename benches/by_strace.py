#!/usr/bin/env python3
"""What it costs to kill a program at each of its changes by hand, and whether that leaves what halfway says.

    benches/by_strace.py HALFWAY [--count-only] FILE.toml...

Takes Linux, strace 6 and Python 3.11. For each file of a program, as docs/programs.md describes it:

1. *By hand*: strace lists the calls with which the request changes its world. Then the request runs once more for each of
   them, on a fresh copy of the world, and strace kills the process as it makes that call. The application is started
   again, and the request sent again. One more case dies after the last call.
2. *halfway* does the same with `--faults crash --depth 1`. Its starts of commands are counted by a wrapper in a run of its
   own; the time is that of a run without it.
3. *Compared* is, without `--count-only`, how three promises fare at each change that both name: all-or-nothing,
   retry-succeeds, retry-converges.

By hand only the process that makes the call is killed; what started it goes on, and a call is found again by its number
within its thread. A point that is not reached that way is told as missed.
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

CALLS = {
    "open": "open", "openat": "open", "creat": "open", "write": "write", "writev": "write", "pwrite64": "write",
    "ftruncate": "truncate", "truncate": "truncate", "rename": "rename", "renameat": "rename", "renameat2": "rename",
    "link": "link", "linkat": "link", "symlink": "symlink", "symlinkat": "symlink", "unlink": "unlink",
    "unlinkat": "unlink", "rmdir": "rmdir", "mkdir": "mkdir", "mkdirat": "mkdir", "copy_file_range": "write",
    "sendfile": "write",
}
PROMISES = ["all-or-nothing", "retry-succeeds", "retry-converges"]


class Program:
    """A program under test, and where it is tried."""

    def __init__(self, path, scratch):
        here = str(path.resolve().parent)
        self.file = tomllib.loads(path.read_text().replace("{here}", here))
        self.name = self.file["name"] + "/" + self.file.get("strategy", path.stem)
        self.here, self.scratch, self.starts = here, scratch, 0
        self.environment = os.environ | self.file.get("environment", {})
        self.open_files = [rule[0] for rule in self.file.get("rules", {}).get("generated_in_files", [])]
        self.before = scratch / "before"
        if "template" in self.file:
            shutil.copytree(Path(here, self.file["template"]), self.before)
        else:
            self.before.mkdir()
        for words in self.commands("setup"):
            subprocess.run(words, cwd=self.before, env=self.environment, check=True, capture_output=True)

    def commands(self, key):
        """Commands as lists of words."""
        said = self.file.get(key, [])
        said = [said] if said and isinstance(said[0], str) else said
        return [[str(Path(self.here, words[0])) if "/" in words[0] else words[0], *words[1:]] for words in said]

    def copy(self, name):
        world = self.scratch / name
        shutil.rmtree(world, ignore_errors=True)
        return shutil.copytree(self.before, world, symlinks=True)

    def run(self, key, world, tracer=()):
        """Whether all commands of a kind succeed."""
        for words in self.commands(key):
            self.starts += 1
            nothing = {"stdin": subprocess.DEVNULL, "capture_output": True}
            run = subprocess.run([*tracer, *words], cwd=world, env=self.environment, **nothing)
            if run.returncode != self.file.get("success", {}).get("exit", 0):
                return False
        return True

    def look(self, world):
        """What a world holds: rows as text, files as bytes."""
        seen = {}
        for path in sorted(world.rglob("*")):
            name = str(path.relative_to(world))
            if path.is_dir():
                if not any(path.iterdir()):
                    seen[name] = "an empty folder"
            elif not path.is_symlink() and path.read_bytes()[:15] == b"SQLite format 3":
                copy = shutil.copytree(world, self.scratch / "look", dirs_exist_ok=True)
                with sqlite3.connect(copy / name) as database:
                    seen[name] = list(database.iterdump())
                database.close()
                shutil.rmtree(copy)
            elif not re.search("-(journal|wal|shm)$", name):
                is_open = any(path.match(pattern) for pattern in self.open_files)
                seen[name] = "" if is_open else os.readlink(path) if path.is_symlink() else path.read_bytes()
        return seen


def changes(log, program):
    """The calls of a trace that change the world: (kind, path, call, its number among the calls of its thread)."""
    numbers, unfinished, found = {}, {}, []
    world = program.scratch / "world"
    there = {str(path.relative_to(program.before)) for path in program.before.rglob("*")}
    for line in log.read_text(errors="replace").splitlines():
        thread, said = line.split(None, 1)
        if started := re.match(r"(\w+)\((.*) <unfinished \.\.\.>$", said):
            call = started[1]
            unfinished[thread] = len(found), call, started[2]
            numbers[thread, call] = numbers.get((thread, call), 0) + 1
            found.append(None)
            continue
        if resumed := re.match(r"<\.\.\. (\w+) resumed>(.*)$", said):
            at, call, arguments = unfinished.pop(thread)
            said = f"{call}({arguments}{resumed[2]}"
        elif ended := re.match(r"(\w+)\(", said):
            at, call = len(found), ended[1]
            numbers[thread, call] = numbers.get((thread, call), 0) + 1
            found.append(None)
        else:
            continue
        if call not in CALLS or re.search(r"= (-1|\?)( |$)", said) or (CALLS[call] == "write" and said.endswith(" = 0")):
            continue
        kind, paths = CALLS[call], [os.path.relpath(path, world) for path in named(said, world)]
        paths = [path for path in paths if not path.startswith("..")]
        if not paths or (kind == "open" and not re.search(r"O_(WRONLY|RDWR|CREAT)|^creat", said)):
            continue
        path = paths[-1]
        if kind == "open" and re.search("O_CREAT|^creat", said) and path not in there:
            kind = "create"
        if "AT_REMOVEDIR" in said:
            kind = "rmdir"
        if kind in ("unlink", "rmdir", "rename"):
            there.discard(paths[0])
        if kind in ("create", "rename", "link", "symlink", "mkdir"):
            there.add(path)
        found[at] = kind, path, call, numbers[thread, call]
    return [change for change in found if change]


def named(said, world):
    """The paths of a call: those of its descriptors, and those that are spelled out, from the folder before them on."""
    base, paths = str(world), []
    pattern = r'(?:AT_FDCWD|\d+)<(/[^>]*)>|"((?:[^"\\]|\\.)*)"'
    is_of_data = re.match(r"(p?write|ftruncate|copy_file|sendfile)", said)
    for descriptor, text in re.findall(pattern, said):
        if descriptor and is_of_data:
            paths.append(descriptor)
        elif descriptor:
            base = descriptor
        elif not is_of_data:
            paths.append(os.path.join(base, text))
            base = str(world)
    return paths[-1:] if is_of_data and "sendfile" not in said else paths[:1] if is_of_data else paths


def strace(log, *options):
    calls = "trace=" + ",".join(CALLS)
    return ["strace", "-f", "-qq", "-y", "-e", "signal=none", "-o", str(log), "-e", calls, *options]


def by_hand(program):
    """All cases by hand: the changes, and how the promises fare when the process is killed before each, or after the last."""
    log = program.scratch / "log"
    world = program.copy("world")
    assert program.run("boot", world) and program.run("request", world, strace(log)), "it succeeds where nothing breaks it"
    known, result, before = changes(log, program), program.look(world), program.look(program.before)
    fared = []
    for at in range(len(known) + 1):
        world = program.copy("world")
        program.run("boot", world)
        kill = [] if at == len(known) else ["-e", f"inject={known[at][2]}:signal=KILL:when={known[at][3]}"]
        program.run("request", world, strace(log, *kill))
        reached = [change[0] for change in changes(log, program)] == [change[0] for change in known[:at]]
        worlds = [program.look(world)]
        program.run("boot", world)
        worlds.append(program.look(world))
        is_answered = program.run("request", world)
        worlds.append(program.look(world))
        is_whole = [seen in (before, result) for seen in worlds]
        grade = "VIOLATED" if not is_whole[2] or (is_answered and worlds[2] != result) else (
            "held" if all(is_whole) else "healed-by-recovery" if is_whole[1] else "healed-by-retry")
        grades = [grade, "held" if is_answered else "VIOLATED", "held" if worlds[2] == result else "VIOLATED"]
        fared.append(grades if reached else None)
    return known, fared


def operations(halfway, path, name):
    """The changes as halfway names them, in their order: (kind, path, number)."""
    told = subprocess.run([halfway, path, "replay", "--operations", name], capture_output=True, text=True).stdout
    found = []
    for line in told.split("\n\n")[1].splitlines():
        if said := re.match(r"  . (\w+) (.+) #(\d+)(?:\.\.#(\d+))?(?:: .*)?$", line):
            if not line.startswith("  ✗") and said[1] != "sync":
                found.extend((said[1], said[2], at) for at in range(int(said[3]), int(said[4] or said[3]) + 1))
    return found


def replayed(halfway, path, point):
    """How the promises fare in one case of halfway's."""
    told = subprocess.run([halfway, path, "replay", point], capture_output=True, text=True).stdout
    return [re.search(rf"^  {promise} +(\S+)$", told, re.MULTILINE)[1] for promise in PROMISES]


def counted(halfway, program, options):
    """How many commands halfway starts."""
    count = program.scratch / "count"
    count.touch()
    wrapper = ["sh", "-c", f'echo >>{count}; exec "$@"', "sh"]
    kept = ("name", "strategy", "expect", "success", "environment", "rules")
    lines = {key: program.file[key] for key in kept if key in program.file}
    lines |= {"setup": program.commands("setup")}
    lines |= {key: [[*wrapper, *words] for words in program.commands(key)] for key in ("boot", "request")}
    lines = {key: value for key, value in lines.items() if value != []}
    if "template" in program.file:
        lines["template"] = str(Path(program.here, program.file["template"]))
    file = program.scratch / "counted.toml"
    file.write_text("".join(f"{key} = {toml(value)}\n" for key, value in lines.items()))
    subprocess.run([halfway, file, *options], capture_output=True)
    return len(count.read_text().splitlines())


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(value)}" for key, value in value.items()) + " }"
    return json.dumps(value)


def compare(halfway, path, is_compared):
    """One line of the table, and what differs."""
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=memory) as scratch:
        program = Program(path, Path(scratch))
        options = ["--faults", "crash", "--depth", "1", "--deadline", "60"]
        begin = time.monotonic()
        told = subprocess.run([halfway, path, *options, "--format", "json"], capture_output=True, text=True).stdout
        seconds, totals = time.monotonic() - begin, json.loads(told)["totals"]
        starts = counted(halfway, program, options)
        begin = time.monotonic()
        known, fared = by_hand(program)
        by_hand_seconds = time.monotonic() - begin
        own = operations(halfway, path, program.name) if is_compared else []
        same = differ = 0
        if is_compared and [change[0] for change in own] != [change[0] for change in known]:
            print(f"{program.name}: halfway and strace name other changes", file=sys.stderr)
            print(*own, "", *known, sep="\n", file=sys.stderr)
        for (kind, where, number), change, grades in zip(own, known, fared):
            if grades is None or kind != change[0]:
                continue
            point = f"{program.name} {kind}@{where}#{number}:before=crash"
            if (found := replayed(halfway, path, point)) == grades:
                same += 1
            else:
                differ += 1
                print(f"{point}: halfway {found}, by hand {grades}", file=sys.stderr)
        columns = [
            program.name, len(known), totals["cases"] + totals["pruned"], totals["cases"], starts, f"{seconds:.1f}",
            program.starts, f"{by_hand_seconds:.1f}", f"{same} of {same + differ}", fared.count(None),
        ]
        print("|", " | ".join(str(column) for column in columns), "|", flush=True)


def main():
    halfway = shutil.which(sys.argv[1])
    print("| program | changes | cases | carried out | starts | seconds | starts by hand | seconds by hand | the same | missed |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for path in [argument for argument in sys.argv[2:] if argument != "--count-only"]:
        compare(halfway, Path(path), "--count-only" not in sys.argv)


main()
