import { expect, test } from 'vitest'
import { detectRepository } from '../../../src/checks/plans/detect-repository.ts'
import { projectOf } from '../project-of.ts'

type Files = Readonly<Record<string, string>>

async function planOf(files: Files) {
  const { projects } = await detectRepository(projectOf(files))
  return {
    setup: projects.flatMap(({ setup }) => setup),
    checks: projects.flatMap((one) => one.checks.map(({ inFolder }) => inFolder)),
  }
}

const dotnet = (properties: string) => `<Project><PropertyGroup>${properties}</PropertyGroup></Project>`

test.each<[string, Files, readonly string[]]>([
  ['Swift', { 'Package.swift': '.testTarget(name: "A")' }, ['swift test']],
  [
    'Swift with tests of Xcode alone',
    {
      'Package.swift': '.target(name: "A")',
      'Tests/A.swift': '',
      'README.md': '```sh\nTEST=1 swift test\n```',
    },
    [],
  ],
  ['a text that only has the name of a manifest of R', { DESCRIPTION: 'It is.', 'tests/a.R': '' }, []],
  ['D', { 'dub.sdl': '', 'source/a.d': '' }, ['dub test']],
  ['V', { 'v.mod': '', 'src/a_test.v': '' }, ['v test .']],
  ['Fortran', { 'fpm.toml': '[[test]]' }, ['fpm test']],
  ['Zig', { 'build.zig': 'const t = b.step("test", "Run")' }, ['zig build test']],
  ['mill', { 'build.mill': '', mill: '' }, ['./mill -i __.test']],
  ['stack', { 'stack.yaml': '', 'a.cabal': 'test-suite spec' }, ['stack test']],
  ['cabal without a suite', { 'cabal.project': '', 'a.cabal': 'executable a' }, []],
  ['cabal', { 'a.cabal': 'test-suite spec' }, ['cabal test']],
  ['dune', { 'dune-project': '' }, ['dune test']],
  [
    'Julia',
    { 'Project.toml': '', 'test/runtests.jl': '', 'test/a_test.py': 'import unittest' },
    ["julia --project -e 'using Pkg; Pkg.test()'"],
  ],
  [
    'Julia in folders',
    {
      'Project.toml': '[workspace]',
      'A/Project.toml': '',
      'A/test/runtests.jl': '',
      'docs/Project.toml': '',
    },
    ["julia --project -e 'using Pkg; Pkg.test()'"],
  ],
  [
    'R',
    { DESCRIPTION: 'Package: a', 'tests/testthat/test-a.R': '' },
    ["Rscript -e 'devtools::test(stop_on_failure = TRUE)'"],
  ],
  ['Lua', { 'a-1.rockspec': 'test = { type = "busted" }', 'spec/a_spec.lua': '' }, ['busted']],
  ['Lua for a runner that nothing names', { 'a-1.rockspec': '', 'spec/a_spec.lua': '' }, []],
  [
    'Lua that CI tests by make',
    { 'a-1.rockspec': '', '.busted': '', '.travis.yml': 'script: make test\n' },
    ['make test'],
  ],
  ['Nim', { 'a.nimble': '', 'tests/ta.nim': '' }, ['nimble test']],
  ['Nim without tests that nimble finds', { 'a.nimble': '', 'tests/a/ta.nim': '' }, []],
  ['Crystal', { 'shard.yml': '', 'spec/a_spec.cr': '' }, ['crystal spec']],
  ['Gleam', { 'gleam.toml': '', 'test/a_test.gleam': '' }, ['gleam test']],
  ['Perl', { 'Makefile.PL': '', 't/a.t': '' }, ['prove -lr t']],
  ['Perl with C', { 'Makefile.PL': '', 't/a.t': '', 'a.xs': '' }, ['perl Makefile.PL && make && make test']],
  [
    'Perl as CI builds it, beside a stray test in Python',
    {
      'Makefile.PL': '',
      't/a.t': '',
      't/run_test.py': '',
      '.github/workflows/ci.yml':
        'jobs: { t: { container: perl, steps: [{ run: make }, { run: make test }] } }',
    },
    ['perl Makefile.PL && make && make test'],
  ],
  [
    'what CI leaves out of one command and tests by another',
    {
      'Cargo.toml': '[workspace]',
      '.github/workflows/ci.yml':
        'jobs: { t: { steps: [{ run: cargo test --workspace --exclude a --exclude b }, { run: cargo test -p a }] } }',
    },
    ['cargo test --workspace --exclude b'],
  ],
  [
    "the repository's own program for CI",
    {
      'Cargo.toml': '[workspace]',
      '.github/workflows/ci.yml': 'jobs: { t: { steps: [{ run: cargo run -p ci -- test }] } }',
    },
    ['cargo run -p ci -- test'],
  ],
  [
    'cabal, where CI builds with it and with stack nothing',
    {
      'stack.yaml': '',
      'a.cabal': 'test-suite t',
      '.github/workflows/ci.yml': 'jobs: { t: { steps: [{ run: cabal build all }] } }',
    },
    ['cabal test all'],
  ],
  [
    'a file in Python that CI tests itself with',
    {
      'Cargo.toml': '',
      'util/test_x.py': '',
      '.github/workflows/ci.yml':
        'jobs: { t: { steps: [{ run: python3 -m unittest util/test_x.py }, { run: cargo test }] } }',
    },
    ['cargo test'],
  ],
  [
    'an extension of Python in Rust, which CI tests in Python, and a script for jest without tests',
    {
      'Cargo.toml': '[lib]\ncrate-type = ["cdylib"]\n[dependencies.pyo3]\n',
      'package.json': '{"scripts":{"test":"jest --ci"}}',
      'ui/package.json': '{}',
      'ui/a.spec.ts': '',
      'pyproject.toml': '[build-system]\nbuild-backend = "setuptools.build_meta"\n[project]\nname = "a"\n',
      'test_a.py': '',
      '.github/workflows/ci.yml': 'jobs: { t: { steps: [{ run: pytest }] } }',
    },
    ['python3 -m pytest'],
  ],
  [
    'tests of Go that another program starts',
    {
      'go.mod': '',
      '.github/workflows/ci.yml':
        'jobs: { t: { steps: [{ run: "gotestsum --raw-command -- vm -kernel x -- go test -short ./..." }] } }',
    },
    ['go test ./...'],
  ],
  ['Dist::Zilla', { 'dist.ini': '[@Basic]', 't/a.t': '' }, ['dzil test']],
  ['Erlang', { 'rebar.config': '', 'test/a_SUITE.erl': '' }, ['rebar3 ct']],
  ['erlang.mk', { 'rebar.config': '', 'erlang.mk': '', 'test/a_SUITE.erl': '' }, ['make ct']],
  ['Leiningen', { 'project.clj': '' }, ['lein test']],
  [
    'an alias of Clojure',
    { 'deps.edn': '{:aliases {:test {:main-opts ["-m" "x"]}}}', 'pom.xml': '' },
    ['clojure -M:test'],
  ],
  ['babashka', { 'bb.edn': '{:tasks {test x}}' }, ['bb test']],
  ['Terraform', { 'main.tf': '' }, ['terraform fmt -check -recursive', 'terraform validate']],
  ['Bazel', { 'MODULE.bazel': '' }, ['bazel test //...']],
  ['pest', { 'composer.json': '{"require-dev":{"pestphp/pest":"3"}}' }, ['vendor/bin/pest']],
  ['rspec', { Gemfile: '', 'spec/a_spec.rb': '' }, ['bundle exec rspec']],
  [
    'specs of minitest',
    {
      Gemfile: 'gemspec',
      'a.gemspec': 's.add_development_dependency "minitest"',
      Rakefile: 'Rake::TestTask.new(:test)',
      'spec/a_spec.rb': '',
    },
    ['bundle exec rake test'],
  ],
  [
    'specs of rspec beside minitest',
    { Gemfile: 'gem "minitest"\ngem "rspec"', Rakefile: 'Rake::TestTask.new', 'spec/a_spec.rb': '' },
    ['bundle exec rspec'],
  ],
  ['rails', { Gemfile: '', 'bin/rails': '', 'test/a_test.rb': '' }, ['bin/rails test']],
  [
    'Flutter',
    { 'pubspec.yaml': 'dependencies:\n  flutter:\n    sdk: flutter\n', 'test/a_test.dart': '' },
    ['flutter test'],
  ],
  ['tasks of Deno', { 'deno.jsonc': '{ // x\n "tasks": { "test": "deno test -A" } }' }, ['deno task test']],
  ['task', { 'Taskfile.yml': 'tasks:\n  test:\n    cmds: [x]\n' }, ['task test']],
  ['a solution for Visual Studio', { 'win/a.sln': '' }, []],
  [
    'a project of tests by its packages',
    { 'a.csproj': '<Project><ItemGroup><PackageReference Include="xunit" /></ItemGroup></Project>' },
    ['dotnet test'],
  ],
  [
    'tests of .NET that are for Windows, too',
    {
      'a.sln': '"t\\A.Tests.csproj" "w\\W.Tests.csproj"',
      't/Directory.Build.props': dotnet('<Wanted>net462;net8.0;net9.0</Wanted>'),
      't/A.Tests.csproj':
        dotnet('<TargetFrameworks>$(Wanted)</TargetFrameworks>') +
        dotnet("<TargetFrameworks Condition=\"'$(OS)' == 'Windows_NT'\">net48</TargetFrameworks>"),
      'w/W.Tests.csproj': dotnet('<TargetFrameworks>net8.0-windows</TargetFrameworks>'),
    },
    ['dotnet test t/A.Tests.csproj -f net9.0 -p:EnableWindowsTargeting=true'],
  ],
  [
    'a function of an alias of Clojure',
    { 'deps.edn': '{:aliases {:test {:extra-paths ["test"] :exec-fn a/b} :cljs {:main-opts ["-m" "b"]}}}' },
    ['clojure -X:test'],
  ],
  [
    'a gem below a Gemfile, and a file that a text only shows',
    { Gemfile: '', 'a/a.gemspec': '', 'a/.rspec': '', 'README.md': '```sh\nrspec spec/b_spec.rb\n```' },
    ['bundle exec rspec'],
  ],
  ['several files of .NET', { 'a.sln': '', 'b.csproj': '', 't/A.Tests.csproj': '' }, ['dotnet test a.sln']],
])('%s is checked', async (_name, files, expected) => {
  expect((await planOf(files)).checks).toEqual(expected)
})

test.each<[string, Files, readonly string[], string]>([
  [
    'options that add tests are turned on, in a folder that git ignores',
    {
      'CMakeLists.txt':
        'project(a)\noption(A_BUILD_TESTS\n "Tests" OFF)\noption(A_BENCH_TESTS "x" OFF)\nenable_testing()',
      '.gitignore': '/build/\n',
    },
    [],
    'cmake -S . -B build -DA_BUILD_TESTS=ON && cmake --build build --parallel 4 && ctest --test-dir build --output-on-failure',
  ],
  [
    'what CI defines is taken, but not its machines',
    { 'CMakeLists.txt': 'project(a)', 'tests/CMakeLists.txt': 'add_test(a)' },
    [
      'cmake -B b -DCMAKE_BUILD_TYPE=Release -DA_TESTS=ON -DCMAKE_CXX_COMPILER=g++-12',
      'ctest --test-dir b -E slow -j4',
    ],
    'cmake -S . -B /tmp/build -DCMAKE_BUILD_TYPE=Release -DA_TESTS=ON && cmake --build /tmp/build --parallel 4 && ctest --test-dir /tmp/build --output-on-failure -E slow',
  ],
  [
    'Meson',
    { 'meson.build': "project('a', 'c')\ntest('a', a)", '.gitignore': '' },
    [],
    'meson setup /tmp/build . && meson test -C /tmp/build --print-errorlogs',
  ],
  ['autotools', { 'configure.ac': '', 'Makefile.am': 'TESTS = a' }, [], 'make -j4 && make check'],
  [
    'what CI tests with wins over CMake',
    { 'CMakeLists.txt': 'project(a)\nenable_testing()', Makefile: 'test:\n' },
    ['make', 'make test'],
    'make test',
  ],
])('C and C++: %s', async (_name, files, commands, expected) => {
  const steps = commands.map((command) => `      - run: ${command}`).join('\n')
  const ci: Files =
    commands.length > 0 ? { '.github/workflows/ci.yml': `jobs:\n  test:\n    steps:\n${steps}` } : {}
  expect((await planOf({ ...files, ...ci })).checks).toEqual([expected])
})
