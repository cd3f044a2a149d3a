#!/usr/bin/env python3
"""What is installed works by itself: a connector is built, tested and run with nothing but the installed package, and
the Debian packages hold programs that run.

    package_test.py BUILD_DIRECTORY [test…]
"""
import fnmatch
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None
COMPILER = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.M).group(1) if BUILD else None
# Nothing of the source tree may help.
CLEAN = {key: value for key, value in os.environ.items() if not key.startswith(("SLUICE_", "CMAKE_"))}

ORDERS = """
integration: orders-to-file
source: {connector: smallest_source, url: "URL", key: "k"}
destination: {connector: file, path: PATH}
schedule: manual
syncs:
  orders:
    read: {stream: orders}
    write: {object: records, match: id}
    fields: {id: .id, amount: {value: .amount, type: number}}
"""


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], env=options.pop("env", CLEAN), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return done.stdout


class Package(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="sluice-package-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def serve(self, program):
        """Starts a sandbox; its URL."""
        process = subprocess.Popen([program, "--port", "0"], stdout=subprocess.PIPE, text=True, env=CLEAN)

        def end():
            process.send_signal(signal.SIGTERM)
            process.communicate()
        self.addCleanup(end)
        return process.stdout.readline().strip()

    def delivers(self, sluice, url, *options):
        """Runs the pair of smallest source and `file`, and looks at the file."""
        out = self.folder / "out.ndjson"
        file = self.write("orders.yaml", ORDERS.replace("URL", url).replace("PATH", str(out)))
        state = ["--state", self.folder / "state"]
        for verb in ("validate", "initial", "full"):
            run(sluice, verb, file, *state, *options)
        self.assertEqual(len([json.loads(line) for line in out.read_text().splitlines()]), 250)

    def build(self, project, build, prefix, *options):
        """Builds and tests a project with what is installed below `prefix`; what ctest says."""
        run("cmake", "-G", "Ninja", "-S", project, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}",
            f"-DCMAKE_CXX_COMPILER={COMPILER}", *options)
        run("cmake", "--build", build)
        return run("ctest", "--test-dir", build, "--output-on-failure")

    def test_the_installed_examples_need_only_the_installed_package(self):
        prefix, project, build = self.folder / "prefix", self.folder / "project", self.folder / "build"
        run("cmake", "--install", BUILD, "--prefix", prefix)
        # Neither names the other tree.
        for tree in (ROOT, BUILD):
            for file in prefix.rglob("*.cmake"):
                self.assertNotIn(str(tree), file.read_text(), file)
        examples = prefix / "share/doc/sluice-dev/examples"
        tests = self.build(examples, build, prefix, "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Werror")
        for name in ("smallest_source", "smallest_destination", "incremental_source", "bulk_destination"):
            self.assertIn(f"conformance.{name}", tests)
        sluice, plugins = prefix / "bin/sluice", build / "lib/sluice-examples"
        self.assertIn("smallest_source 0.1.0", run(sluice, "connectors", "inspect", "smallest_source", "--plugins", plugins))
        self.delivers(sluice, self.serve(build / "sluice-sandbox-example"), "--plugins", plugins)
        shutil.copytree(ROOT / "tests/package/project", project)
        self.build(project, self.folder / "tests", prefix, f"-DEXAMPLES={examples}", f"-DEXAMPLES_BUILD={build}")

    def test_links_of_installed_documents_lead_to_what_is_installed(self):
        def dead_links(*components):
            prefix = self.folder / "-".join(components)
            for component in components:
                run("cmake", "--install", BUILD, "--prefix", prefix, "--component", component)
            pages = list(prefix.rglob("*.md"))
            self.assertTrue(pages)
            for page in pages:
                for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", page.read_text(), flags=re.S)):
                    path, _, heading = target.partition("#")
                    if re.match(r"\w+:", target):
                        continue
                    file = page.parent / path if path else page
                    titles = re.findall(r"^#+ (.+)$", file.read_text(), re.M) if heading and file.is_file() else []
                    headings = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
                    if not file.exists() or prefix not in file.resolve().parents or heading and heading not in headings:
                        yield f"{page.relative_to(prefix)}: {target}"
        self.assertEqual(list(dead_links("runtime")), [])
        self.assertEqual(list(dead_links("runtime", "development")), [])
        guide = (self.folder / "runtime-development/share/doc/sluice-dev/writing-a-connector.md").read_text()
        self.assertIn("](examples/smallest_source/smallest_source.cpp)", guide)
        self.assertIn("](../sluice/isolation.md#for-authors)", guide)

    def begin(self, kind):
        """Writes, builds and tests a new connector from the installed package; its folder and the programs'."""
        prefix, project = self.folder / "prefix", self.folder / f"acme_{kind}"
        run("cmake", "--install", BUILD, "--prefix", prefix)
        run(prefix / "bin/sluice", "connectors", "new", kind, project.name, cwd=self.folder)
        left = [path for path in project.rglob("*") if "@" in path.name or path.is_file() and "@" in path.read_text()]
        self.assertEqual(left, [])
        tests = self.build(project, project / "build", prefix, "-DCMAKE_CXX_FLAGS=-Werror")
        self.assertIn(f"conformance.{project.name}", tests)
        return project, prefix / "bin"

    def runs(self, project, programs, *verbs):
        url = self.serve(project / f"build/sluice-sandbox-{project.name}")
        name = project.name.upper()
        environment = {**CLEAN, f"{name}_URL": url, f"{name}_API_KEY": "sandbox-key"}
        for verb in verbs:
            run(programs / "sluice", verb, "integration.yaml", "--plugins", "build/lib/sluice", "--state",
                self.folder / "state", cwd=project, env=environment)
        return url

    def test_a_new_source_works_at_once(self):
        project, programs = self.begin("source")
        self.runs(project, programs, "validate", "initial", "full")
        self.assertEqual((project / "items.ndjson").read_text().count("\n"), 25)

    def test_a_new_destination_works_at_once(self):
        project, programs = self.begin("destination")
        url = self.runs(project, programs, "validate", "initial", "full")
        with urllib.request.urlopen(f"{url}/_sandbox/dump") as answer:
            self.assertEqual(json.load(answer), {"a": {"id": "a", "name": "Ada"}, "b": {"id": "b", "name": "Zoë"}})

    def test_a_new_connector_is_refused_with_the_reason(self):
        def refused(*words):
            done = subprocess.run([BUILD / "bin/sluice", "connectors", "new", *words], cwd=self.folder, env=CLEAN,
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 2, done)
            return done.stderr
        self.assertIn("new source NAME", refused("sauce", "acme"))
        self.assertIn("source|destination NAME", refused("source"))
        self.assertIn("lower-case letters", refused("source", "Acme-1"))
        self.write("file", "")
        self.assertIn("is there already", refused("source", "acme", "--into", "."))
        self.assertFalse((self.folder / "acme").exists())

    def test_verify_refuses_what_everybody_may_change(self):
        plugin = self.folder / "libsluice_file.so"
        shutil.copy(BUILD / "lib/sluice" / plugin.name, plugin)
        verify = [BUILD / "bin/sluice", "connectors", "verify", "--plugins", self.folder]
        # The programs' own folder has one of this name too; the first one counts.
        self.assertIn(str(plugin), run(*verify, "file"))
        plugin.chmod(0o777)
        done = subprocess.run(verify, env=CLEAN, capture_output=True, text=True)
        self.assertEqual(done.returncode, 5, done)
        self.assertIn("may be changed by everybody", done.stderr)

    def test_a_missing_component_is_named(self):
        prefix, project = self.folder / "prefix", self.folder / "project"
        run("cmake", "--install", BUILD, "--prefix", prefix, "--component", "development")
        project.mkdir()
        (project / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(p LANGUAGES CXX)\n"
            "find_package(SluiceSdk REQUIRED COMPONENTS sdk tasting)\n")
        done = subprocess.run(["cmake", "-S", project, "-B", self.folder / "build", f"-DCMAKE_PREFIX_PATH={prefix}"],
                              env=CLEAN, capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("it has no component 'tasting'", re.sub(r"\s+", " ", done.stderr))

    @unittest.skipUnless(shutil.which("dpkg-shlibdeps") and shutil.which("dpkg-deb"), "dpkg-dev is not installed")
    def test_the_debian_packages_hold_programs_that_run(self):
        run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", self.folder / "packages", cwd=self.folder)
        packages = {path.name.split("_")[0]: path for path in (self.folder / "packages").glob("*.deb")}
        self.assertEqual(set(packages), {"sluice", "sluice-dev"})
        depends = run("dpkg-deb", "--field", packages["sluice"], "Depends")
        for library in ("libcurl4", "libsqlite3-0", "libc6"):
            self.assertIn(library, depends)
        depends = run("dpkg-deb", "--field", packages["sluice-dev"], "Depends")
        self.assertRegex(depends, r"sluice \(= \d")
        # What the project of a new connector includes and links.
        for package in ("g++", "cmake", "ninja-build", "libgtest-dev", "libgmock-dev"):
            self.assertIn(package, depends.replace(",", "").split())
        root = self.folder / "root"
        for package in packages.values():
            run("dpkg-deb", "--extract", package, root)
        names = [str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()]
        self.assertFalse([name for name in names if not name.startswith("usr/")])
        sluice = root / "usr/bin/sluice"
        self.assertRegex(run(sluice, "--help"), r"^sluice \d+\.\d+\.\d+")
        listed = json.loads(run(sluice, "connectors", "list", "--json"))
        self.assertEqual({row["id"] for row in listed["connectors"]}, {"activecampaign", "chargebee", "file"})
        self.assertEqual(listed["problems"], [])
        verified = json.loads(run(sluice, "connectors", "verify", "--json"))["connectors"]
        self.assertEqual(len(verified), 3)
        for row in verified:
            self.assertEqual(row["sha256"], hashlib.sha256(Path(row["path"]).read_bytes()).hexdigest())
        preset = (ROOT / "configs/chargebee_to_activecampaign.yaml").read_text()
        run(sluice, "test", self.write("preset.yaml", preset))
        url = self.serve(root / "usr/bin/sluice-sandbox-chargebee")
        with urllib.request.urlopen(f"{url}/_sandbox/dump") as answer:
            self.assertTrue(json.load(answer)["customers"])
        self.write("in.ndjson", '{"id":"a"}\n{"id":"b"}\n')
        file = self.write("copy.yaml", """
integration: copy
source: {connector: file, path: in.ndjson}
destination: {connector: file, path: out.ndjson}
schedule: manual
syncs: {copy: {read: {stream: records}, write: {object: records, match: id}, fields: {id: .id}}}
""")
        for verb in ("validate", "initial", "full"):
            run(sluice, verb, file, "--state", self.folder / "state", cwd=self.folder)
        self.assertEqual((self.folder / "out.ndjson").read_text().count("\n"), 2)
        self.container(root, [path.name for path in packages.values()])

    def container(self, root, packages):
        """The Dockerfile installs what it builds, and what it starts works from the package."""
        lines = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text()).splitlines()
        stages = " ".join(lines).split("FROM ")[1:]
        self.assertEqual([stage.split()[0] for stage in stages], ["debian:12-slim"] * 2)
        lists = set(re.findall(r"[\w.+-]+", " ".join(re.findall(r"packages=\(([^)]*)\)", (ROOT / "dev").read_text()))))
        wanted = re.search(r"install -y --no-install-recommends ([^&]*)&&", stages[0])[1].split()
        self.assertLessEqual(set(wanted), lists, "packages that ./dev does not know")
        self.assertIn("./dev build", stages[0])
        pattern = re.search(r"COPY --from=build /packages/(\S+)", stages[1])[1]
        self.assertEqual([name for name in packages if fnmatch.fnmatch(name, pattern)],
                         [name for name in packages if name.startswith("sluice_")])
        program, = json.loads(re.search(r"ENTRYPOINT (\[.*?\])", stages[1])[1])
        state, configs = self.folder / "container", self.folder / "etc"
        configs.mkdir()
        here = {"/etc/sluice": str(configs), "/var/lib/sluice": str(state), "0.0.0.0:8008": "127.0.0.1:0"}
        words = [here.get(word, word) for word in json.loads(re.search(r"CMD (\[.*?\])", stages[1])[1])]
        process = subprocess.Popen([f"{root}{program}", *words, "--json"], stdout=subprocess.PIPE, text=True, env=CLEAN)
        self.addCleanup(process.kill)
        url = json.loads(process.stdout.readline())["url"]
        with urllib.request.urlopen(f"{url}/healthz") as answer:
            self.assertEqual(answer.read(), b"ok\n")
        process.send_signal(signal.SIGTERM)
        process.communicate()
        self.assertEqual(process.returncode, 0)


if __name__ == "__main__":
    unittest.main()
