import { TOOLCHAIN_SCRIPT } from './environment/installed-toolchains.ts'
import { PROGRAMS } from './plans/needed-programs.ts'

/** Files that say what a project is and how it is tested, in any folder down to `DEEPEST`. */
const MANIFESTS =
  `package.json package-lock.json npm-shrinkwrap.json pnpm-lock.yaml pnpm-workspace.yaml yarn.lock bun.lock
  bun.lockb deno.json deno.jsonc go.mod go.work Cargo.toml pom.xml mvnw build.gradle build.gradle.kts settings.gradle
  settings.gradle.kts gradlew pyproject.toml setup.py setup.cfg tox.ini pytest.ini noxfile.py Pipfile uv.lock poetry.lock
  *requirements*.txt Gemfile Rakefile .rspec composer.json phpunit.xml phpunit.xml.dist mix.exs pubspec.yaml *.sln *.slnx
  *.csproj *.fsproj Directory.Build.props Makefile GNUmakefile justfile Justfile CMakeLists.txt meson.build Package.swift build.zig build.sbt
  dune-project stack.yaml cabal.project rebar.config project.clj devcontainer.json pdm.lock tox.toml deps.edn bb.edn
  build.mill build.sc *.cabal *.opam shard.yml gleam.toml *.nimble *.rockspec cpanfile Makefile.PL Build.PL dist.ini
  DESCRIPTION Project.toml MODULE.bazel WORKSPACE WORKSPACE.bazel maven-wrapper.properties configure.ac Taskfile.yml pixi.toml manage.py action.yml action.yaml *.sh *.bash`.split(
    /\s+/,
  )
/** Names of files with tests. They show that there is something to run, and some tools are recognised by them alone. */
const TESTS =
  `conftest.py test_*.py *_test.py *.test.* *.spec.* *_spec.rb *_test.rb *_test.dart *_test.exs *Test.php
  *.bats *Tests.swift *_SUITE.erl *_tests.erl *_test.clj *Spec.hs *Spec.scala *Suite.scala *_spec.cr *_spec.lua test-*.R runtests.jl *.t tests.py *Test.java *Tests.java *Test.kt *Spec.groovy *_test.go test_*.c test_*.cc test_*.cpp *_test.c *_test.cc *_test.cpp Test*.java *TestCase.java *IT.java *Spec.kt *_test.gleam`.split(
    /\s+/,
  )
const DEEPEST = 9

/** Folders that are skipped, since they have code of others or caches. */
const PRUNED = '.git node_modules .venv venv .tox vendor third_party __pycache__'.split(' ')

/**
 * Small files that detection reads. Their texts come in the same request as the list of files: first these files, most of
 * them at the root, then manifests.
 */
const OF_ROOT =
  `.github/backspace.yml .github/backspace.yaml .devcontainer/devcontainer.json .devcontainer.json
  .nvmrc .node-version .tool-versions mise.toml .mise.toml rust-toolchain rust-toolchain.toml
  .python-version .ruby-version .java-version .sdkmanrc .gitignore .gitlab-ci.yml .circleci/config.yml .travis.yml azure-pipelines.yml
  AGENTS.md CLAUDE.md CONTRIBUTING.md .github/CONTRIBUTING.md README.md README.rst`.split(/\s+/)
const READ_AT_ONCE =
  '/(package\\.json|pnpm-workspace\\.yaml|deno\\.jsonc?|go\\.(mod|work)|Cargo\\.toml|pom\\.xml|settings\\.gradle(\\.kts)?|pyproject\\.toml|setup\\.(py|cfg)|(tox|pytest)\\.ini|noxfile\\.py|Pipfile|[^/]*requirements[^/]*\\.txt|Gemfile|Rakefile|composer\\.json|mix\\.exs|pubspec\\.yaml|GNUmakefile|[Mm]akefile|[Jj]ustfile|[^/]*\\.(cs|fs)proj|CMakeLists\\.txt|devcontainer\\.json|tox\\.toml|deps\\.edn|Makefile\\.PL|configure\\.ac|Project\\.toml|DESCRIPTION|gleam\\.toml|[^/]*\\.nimble)$|^\\./\\.github/(workflows|actions)/'
const MOST_AT_ONCE = 400
const MAX_AT_ONCE_KIB = 32
const MAX_TOGETHER_BYTES = 1536 * 1024

const TOOLS = [
  ...PROGRAMS,
  'pnpm',
  'yarn',
  'bun',
  'uv',
  'poetry',
  'pdm',
  'tox',
  'rustup',
  'cargo-fmt',
  'cargo-nextest',
]

const pattern = (names: readonly string[]) =>
  names.map((name) => name.replace(/[.+]/g, '\\$&').replaceAll('*', '[^/]*')).join('|')
/** One pattern for all names: `find` alone would compare each file with each of them. */
const SEEN = `^\\./[^/]*(/[^/]*)?$|/(${pattern([...MANIFESTS, ...TESTS])})$|^\\./\\.github/(workflows|actions)/.*\\.ya?ml$`

/** Matches the files that detection sees, as `./path`. */
export const SEEN_FILES = new RegExp(SEEN)

/**
 * Looks for pytest without importing it, which would take a quarter of a second, and not in the workspace, whose code must
 * not run yet.
 */
const HAS_PYTEST =
  'import sys; del sys.path[0]; from importlib.util import find_spec; sys.exit(not getattr(find_spec("pytest"), "origin", None))'

/**
 * Bash that prints `./path` for each file, manifests first; `tool:`, `manager:`, `deb:`, `jdk:` and `have:` lines for installed
 * programs and packages; then `text:path`, followed by the lines of that file after a tab each, and at the end a bare
 * `text:`, which is missing if the output was cut off. It starts Python only for a project with Python files.
 */
export const PROJECT_SCRIPT = `
others=(); while IFS= read -r module; do others+=(-o -path "./$module"); done < <(sed -n 's/^[[:space:]]*path[[:space:]]*=[[:space:]]*//p' .gitmodules 2>/dev/null)
files=$(find . -maxdepth ${DEEPEST} -mindepth 1 \\( ${PRUNED.map((name) => `-name ${name}`).join(' -o ')} "\${others[@]}" \\) -prune -o ! -path '*[[:cntrl:]]*' -type f -print | LC_ALL=C grep -E '${SEEN}' | awk -F/ 'length($0) < 400 { print NF "\\t" $0 }' | sort -n -k1,1 -s | cut -f2-)
known=$(printf '%s\\n' "$files" | LC_ALL=C grep -E '${READ_AT_ONCE}')
printf '%s\\n' "$known" | head -n 5000
printf '%s\\n' "$files" | LC_ALL=C grep -vE '${READ_AT_ONCE}' | head -n 15000
for tool in ${TOOLS.join(' ')}; do command -v "$tool" >/dev/null 2>&1 && echo "tool:$tool"; done
for tool in pnpm yarn; do
  real=$(realpath "$(command -v "$tool" 2>/dev/null)" 2>/dev/null) || continue
  version=$(grep -qs '"name": "corepack"' "\${real%/*/*}/package.json" || sed -n 's/^ *"version": "\\([0-9.]*\\).*/\\1/p' "\${real%/*/*}/package.json" 2>/dev/null | head -n 1)
  [ -n "$version" ] && printf 'manager:%s\\t%s\\n' "$tool" "$version"
done
if grep -qsE 'apt(-get)? (.* )?install' .github/workflows/*.y*ml; then ls /usr/share/doc 2>/dev/null | sed 's/^/deb:/'; fi
javac=$(realpath "$(command -v javac 2>/dev/null)" 2>/dev/null)
[ -z "$JAVA_HOME" ] && [ "\${javac%/bin/javac}" != "$javac" ] && echo "jdk:\${javac%/bin/javac}"
case $files in *.py*) python3 -c '${HAS_PYTEST}' >/dev/null 2>&1 && echo tool:pytest ;; esac
${TOOLCHAIN_SCRIPT}{
  set -f
  IFS='
'
  small=$(find ${OF_ROOT.map((file) => `./${file}`).join(' ')} $(printf '%s\\n' "$known" | head -n ${MOST_AT_ONCE}) -maxdepth 0 -type f -size -${MAX_AT_ONCE_KIB * 2 + 1} 2>/dev/null)
  [ -n "$small" ] && LC_ALL=C awk 'FNR == 1 { print "text:" substr(FILENAME, 3) } { print "\\t" $0 }' $small
  echo text:
} | head -c ${MAX_TOGETHER_BYTES}
exit 0
`
