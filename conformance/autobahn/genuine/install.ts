// The suite itself: Autobahn Testsuite 25.10.1, a Python 2.7 program. In: this machine. Out: how to start it here, in order of preference:
// a CPython 2.7 with the pinned packages below, installed once into .cache/autobahn/; the suite's own image where a Docker engine answers;
// or a sentence that says what is missing. Next file: processes.ts.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { cache, Unable } from "./places.ts";
import type { Command } from "./processes.ts";

/** The last release of the suite. */
export const version = "25.10.1";

/** A suite that is ready to run. */
export interface Suite {
  /** For people: what runs, and from where. */
  readonly name: string;
  /** How to start it with a spec file below .cache/. */
  command(mode: "fuzzingclient" | "fuzzingserver", spec: string): Command;
}

/** Finds the suite or installs it; `say` hears of steps that take time. Throws Unable if this machine can run neither kind. */
export function suite(say: (line: string) => void): Suite {
  const python = python27();
  if (python !== null) return withPython(python, say);
  if (succeeds("docker", "info", "--format", "{{.ServerVersion}}")) return withDocker(say);
  throw new Unable(
    "the Autobahn Testsuite needs a Python 2.7 (on PATH as python2.7, or from pyenv: `pyenv install 2.7.18`) or a running Docker engine; " +
      "neither was found",
  );
}

function withPython(python: string, say: (line: string) => void): Suite {
  const pins = createHash("sha256").update([python, ...wheels, ...sources, accelerator].join()).digest("hex").slice(0, 8);
  const folder = `${cache}autobahn/${pins}/`;
  if (!existsSync(folder)) install(python, folder, say);
  const accelerated = existsSync(`${folder}wsaccel`);
  if (!accelerated) say("note: without wsaccel (no C compiler) sections 9, 12 and 13 take five times longer");
  return {
    name: `Autobahn Testsuite ${version} on ${python}${accelerated ? "" : " without wsaccel"}`,
    command: (mode, spec) => ({
      file: python,
      args: ["-E", "-s", "-u", "-c", loopback, folder, "-m", mode, "-s", spec, "-u", "0"],
    }),
  };
}

/** A Docker engine shares the host's network: the suite listens on the port of its url, whose number must be the one that clients name. */
function withDocker(say: (line: string) => void): Suite {
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  const run = [
    "run",
    "--rm",
    "--init",
    "--network",
    "host",
    "--user",
    user,
    "--env",
    "PYTHONUNBUFFERED=1",
    "--volume",
    `${cache}:${cache}`,
  ];
  const image = `crossbario/autobahn-testsuite:${version}`;
  if (!succeeds("docker", "image", "inspect", image)) {
    say(`fetching the Docker image ${image}`);
    if (!succeeds("docker", "pull", "--quiet", image)) throw new Unable(`docker pull ${image} failed`);
  }
  return {
    name: `Autobahn Testsuite ${version} in Docker (as a server it listens on all interfaces)`,
    command: (mode, spec) => ({ file: "docker", args: [...run, image, "wstest", "-m", mode, "-s", spec, "-u", "0"] }),
  };
}

function python27(): string | null {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const versions = join(process.env.PYENV_ROOT ?? join(homedir(), ".pyenv"), "versions");
  if (existsSync(versions)) {
    folders.push(...readdirSync(versions).filter((name) => name.startsWith("2.7")).map((name) => join(versions, name, "bin")));
  }
  // A file of that name proves nothing: pyenv puts one on PATH for every version that is installed, chosen or not.
  return folders.map((folder) => join(folder, "python2.7")).find((file) => succeeds(file, "-E", "-c", "import ssl, zlib")) ??
    null;
}

function succeeds(file: string, ...args: readonly string[]): boolean {
  return spawnSync(file, args).status === 0;
}

// pip's --target needs neither virtualenv nor rights; --no-deps leaves no version to chance.
function install(python: string, folder: string, say: (line: string) => void): void {
  const making = `${folder.slice(0, -1)}-${process.pid}`;
  const pip = (...args: readonly string[]): string | null => {
    const options = ["--disable-pip-version-check", "--quiet", "--no-deps", "--target", making];
    const run = spawnSync(python, ["-E", "-s", "-m", "pip", "install", ...options, ...args], { encoding: "utf8" });
    return run.status === 0 ? null : `${run.error?.message ?? ""}${run.stderr}`.trim();
  };
  say(`installing Autobahn Testsuite ${version} into ${folder} (once, about a minute)`);
  mkdirSync(making, { recursive: true });
  const trouble = pip("--only-binary", ":all:", ...wheels) ?? pip("--no-binary", ":all:", ...sources);
  if (trouble !== null) {
    rmSync(making, { recursive: true });
    const hint = trouble.includes("No module named pip") ? ` (try: ${python} -m ensurepip --user)` : "";
    throw new Unable(`pip could not install the Autobahn Testsuite with ${python}${hint}:\n${trouble}`);
  }
  pip("--no-binary", ":all:", accelerator);
  // Another run may have been faster.
  if (existsSync(folder)) rmSync(making, { recursive: true });
  else renameSync(making, folder);
}

// A complete set, taken from a working installation: the versions that the suite asks for, and of what those need in turn the last that
// supports Python 2.7. Six are compiled (Twisted, zope.interface, MarkupSafe, cffi, cryptography, ujson); PyPI has them for CPython 2.7 on
// Linux x86-64.
const wheels: readonly string[] = [
  "autobahntestsuite==25.10.1",
  "Twisted==19.10.0",
  "zope.interface==4.6.0",
  "incremental==16.10.1",
  "constantly==15.1.0",
  "Automat==22.10.0",
  "hyperlink==21.0.0",
  "idna==2.10",
  "typing==3.10.0.0",
  "attrs==21.4.0",
  "PyHamcrest==1.9.0",
  "six==1.16.0",
  "klein==17.10.0",
  "Werkzeug==1.0.1",
  "Jinja2==2.11.3",
  "MarkupSafe==1.1.1",
  "pyOpenSSL==19.1.0",
  "cryptography==3.3.2",
  "cffi==1.15.1",
  "pycparser==2.21",
  "enum34==1.1.10",
  "ipaddress==1.0.23",
  "service-identity==18.1.0",
  "pyasn1==0.5.1",
  "pyasn1-modules==0.3.0",
  "setuptools==44.0.0",
  "unittest2==1.1.0",
  "argparse==1.4.0",
  "traceback2==1.4.0",
  "linecache2==1.0.0",
  "ujson==2.0.3",
];

// No wheels, but no C either.
const sources: readonly string[] = ["autobahn==0.10.9", "txaio==2.1.0"];

// Masking and UTF-8 in C. Optional: without a compiler the suite does both in Python. 0.6.6 would need Cython, 0.6.2 brings its C.
const accelerator = "wsaccel==0.6.2";

// Starts wstest from a folder of packages, and lets its server listen on 127.0.0.1 only: it ignores the host of its own url.
const loopback = `
import site, sys
packages = sys.argv.pop(1)
sys.path.insert(0, packages)
site.addsitedir(packages)
from autobahntestsuite import wstest, fuzzing
listen = fuzzing.listenWS
fuzzing.listenWS = lambda factory, context: listen(factory, context, interface='127.0.0.1')
wstest.run()
`;
