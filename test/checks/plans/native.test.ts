import { expect, test } from 'vitest'
import { detectRepository } from '../../../src/checks/plans/detect-repository.ts'
import { projectOf } from '../project-of.ts'

type Files = Readonly<Record<string, string>>
const CI = '.github/workflows/ci.yml'
const job = (...lines: readonly string[]) =>
  `jobs:\n  test:\n    steps:\n${lines.map((line) => `      - run: ${line}\n`).join('')}`
const CMAKE = 'project(a)\nenable_testing()\na_test(t)\n'
const BUILT = 'cmake -S . -B /tmp/build && cmake --build /tmp/build --parallel 4'
const RUN = 'ctest --test-dir /tmp/build --output-on-failure'
const VENV = 'python3 -m venv .venv'
const PIP = '.venv/bin/python3 -m pip install --quiet'

async function commandsOf(files: Files) {
  const { projects } = await detectRepository(projectOf(files))
  return projects.flatMap(({ setup, checks }) => [...setup, ...checks.map(({ command }) => command)])
}

test.each<[string, Files, readonly string[]]>([
  [
    'CI configures one build without tests',
    {
      'CMakeLists.txt': CMAKE,
      [CI]: job(
        'cmake --version',
        'cmake -B build -DA_WITH_TESTS=OFF',
        'cmake -B build -DCMAKE_DISABLE_TESTING=ON -DA_SLOW=1',
        'cmake -B build -DA_FAST=1',
        'ctest --build-and-test b c -E d',
        'ctest',
      ),
    },
    [`${BUILT.replace(' &&', ' -DA_FAST=1 &&')} && ${RUN}`],
  ],
  [
    'a target that CI builds runs the tests, with what its job installs by pip',
    {
      'CMakeLists.txt': 'project(a)\n',
      'pyproject.toml': '[build-system]\n[project]\nname = "a"\n',
      'tests/requirements.txt': 'pytest\n',
      'tests/test_a.py': '',
      'tests/packaging/test_b.py': '',
      [CI]: job(
        'uv pip install --system -r tests/requirements.txt',
        'cmake --build build --target pytest',
        'nox -s build',
        'pytest tests/packaging',
      ),
    },
    [
      VENV,
      `${PIP} -r tests/requirements.txt`,
      `${BUILT} && cmake --build /tmp/build --parallel 4 --target pytest`,
    ],
  ],
  [
    'a test program of autotools that CI installs by pip',
    {
      'configure.ac': '',
      'autogen.sh': '',
      '.travis.yml': 'install:\n  - pip install --user cram\nscript:\n  - ./build.sh && make test\n',
    },
    [VENV, `${PIP} cram`, 'sh ./autogen.sh', './configure', 'make -j4 && make test'],
  ],
  [
    'autotools with the libraries that CI chooses, in place first',
    {
      'configure.ac': '',
      'Makefile.am': 'TESTS = a',
      [CI]: job(
        'mkdir bld && cd bld && ../configure --with-uv --enable-werror',
        'cd x && ./configure --with-other',
        './configure --without-ssl --disable-x',
      ),
    },
    ['autoreconf --force --install', './configure --without-ssl', 'make -j4 && make check'],
  ],
  [
    'a part in Rust of what CI builds with make, and a target that runs its tests',
    {
      'CMakeLists.txt': 'project(a)\n',
      'Cargo.toml': '[package]',
      'tests/test_driver.py': '',
      [CI]: job('mkdir build && cd build && cmake ..', 'make -C build VERBOSE=1 a_run_tests'),
    },
    [`cargo fetch`, `${BUILT} && cmake --build /tmp/build --parallel 4 --target a_run_tests`],
  ],
  [
    'CI that only builds, with make',
    { 'meson.build': "project('a')\ntest('a', a)\n", 'Cargo.toml': '[package]', [CI]: job('make') },
    ['cargo fetch', 'meson setup /tmp/build . && meson test -C /tmp/build --print-errorlogs'],
  ],
  [
    'tests of Meson that are off unless they are asked for',
    {
      'meson.build': "project('a')\ntest('a', exe)\n",
      'meson_options.txt':
        "option('libs', value: true)\noption('tests', type: 'boolean', value: false)\noption('unit-tests', type: 'feature', value: 'disabled')\noption('test', value: true)\n",
    },
    [
      'meson setup /tmp/build . -Dtests=true -Dunit-tests=enabled && meson test -C /tmp/build --print-errorlogs',
    ],
  ],
  [
    'a job that builds its tests by one target and runs them by another, with one of two ways to configure',
    {
      'configure.ac': '',
      [CI]: job('autoconf', './configure CC=x', './configure', 'make -j3 tests', 'make check'),
    },
    ['autoconf', './configure', 'make -j3 tests && make check'],
  ],
  [
    'a target of make in a folder that CI does not name, and one for its language that it runs',
    { 'ports/a/Makefile': 'test: x\n', [CI]: job('make protos', 'make pytest') },
    ['make protos && make pytest'],
  ],
  ['Meson without a test', { 'meson.build': "project('a')\nexecutable('test-a', 'a.c')\n" }, []],
  [
    'a target of CMake that runs tests in Python of what is built',
    {
      'CMakeLists.txt': 'project(a)\nadd_custom_target(\n  run_tests\n  COMMAND pytest)\n',
      'requirements.txt': 'pytest\n',
      'tests/test_a.py': '',
      [CI]: job('cmake -S . -B /tmp/build', 'ninja', 'pytest --ignore=tests/x'),
    },
    [
      VENV,
      `${PIP} -r requirements.txt pytest`,
      `${BUILT} && cmake --build /tmp/build --parallel 4 --target run_tests`,
    ],
  ],
  [
    'a program in a folder that is named like one of tests, which CI does not name',
    { 'tests/Makefile': 'a_test: a.c\n\t$(CC) -o $@ a.c\n', [CI]: job('make -C tests FLAGS=-W') },
    [],
  ],
  [
    'a target of make named for tests, where CI runs another program, and what is not installed',
    {
      Makefile: 'test:\n\tpytest\n',
      [CI]: job('./configure --prefix=/usr', 'make', 'sudo make install', 'make install', 'bats ./tests'),
    },
    ['./configure --prefix=/usr', 'make && bats ./tests'],
  ],
  [
    'Bazel, where CI tests with it alone',
    {
      'CMakeLists.txt': CMAKE,
      'MODULE.bazel': '',
      [CI]: job('bazel --output_user_root=x test --test_output=errors //...'),
    },
    ['bazel test //...'],
  ],
  [
    'CMake that allows tests and adds none, and what CI calls all tests',
    {
      'CMakeLists.txt': 'project(a)\nenable_testing()\nadd_subdirectory(src)\n',
      'src/CMakeLists.txt': 'enable_testing()\nadd_executable(t t.c)\n',
      'cmake/a.cmake': 'set(a b)\n',
      configure: '',
      '.travis.yml': 'script:\n  - ./run && make all-test\n',
    },
    ['./configure', 'make -j4 && make all-test'],
  ],
  [
    'a function of its own that adds tests, and no places of the machine of CI',
    {
      'CMakeLists.txt': 'project(a)\na_add_unit_test(t t.c)\n',
      [CI]: job('cmake -B build -DX=/home/runner/x -DA_INSTALLED=ON -D A_TESTS=ON'),
    },
    [`${BUILT.replace(' &&', ' -DA_TESTS=ON &&')} && ${RUN}`],
  ],
  ...['cmake -S . -B build', 'meson setup build'].map((build): [string, Files, readonly string[]] => [
    `pytest in the folder that a job builds in: ${build}`,
    {
      'CMakeLists.txt': 'project(a)\n',
      'meson.build': "project('a')\n",
      'pyproject.toml': '[tool.pytest.ini_options]\n',
      'tests/test_a.py': '',
      [CI]: job('pip install pytest cmake==3.14', build, 'cd build; python -m pytest test/'),
    },
    [
      VENV,
      `${PIP} pytest`,
      `${build.startsWith('cmake') ? BUILT : 'meson setup /tmp/build . && meson compile -C /tmp/build'} && cd /tmp/build && python3 -m pytest test/`,
    ],
  ]),
  [
    'the target of make that CI runs',
    { Makefile: 'test: a\ncheck: a\n', 'tests/a.c': '', [CI]: job('make check') },
    ['make check'],
  ],
  [
    'a build that is configured in place, and a program at the root',
    {
      'test.sh': '',
      [CI]: job("CFLAGS='b c' cmake -G 'Unix Makefiles' .", 'make', '$GITHUB_WORKSPACE/test.sh'),
    },
    ["cmake -G 'Unix Makefiles' .", 'make && ./test.sh'],
  ],
  [
    'a program of tests in the folder that CI builds in',
    {
      'CMakeLists.txt': 'project(a)\n',
      'b/package.json': '{"scripts":{"test":"node x.js"}}',
      [CI]: 'jobs:\n  test:\n    steps:\n      - run: cmake -B _gh_build -DA_TESTS=ON\n      - run: ./bin/test\n        working-directory: _gh_build\n',
    },
    [`${BUILT.replace(' &&', ' -DA_TESTS=ON &&')} && (cd /tmp/build && ./bin/test)`],
  ],
  [
    'a target that starts ctest and builds what it needs',
    {
      'CMakeLists.txt':
        'project(a)\nadd_test(t t)\nadd_executable(t EXCLUDE_FROM_ALL t.c)\nadd_custom_target( testit COMMAND ctest )\n',
    },
    [`${BUILT} && cmake --build /tmp/build --parallel 4 --target testit`],
  ],
  [
    'a target of make with what its job installs by pip, and no program that only tries builds',
    {
      Makefile: 'test:\n\t./a.py\n',
      'requirements.txt': '',
      'run_tests.py': '',
      [CI]: job('pip3 install toml', 'make clean', 'make test', './buildtest.py'),
    },
    [VENV, `${PIP} -r requirements.txt`, `${PIP} toml`, 'make test'],
  ],
  [
    'bats of a clone, and not its version',
    { 'test/a.bats': '', [CI]: job('bats -v', 'A="$PWD" bats/bin/bats --tap test') },
    ['A=. bats --tap test'],
  ],
  [
    'a program of tests that a Makefile makes',
    { Makefile: 'all: a-test\n\na-test: a.c\n\t$(CC) -o $@ a.c\n\ntest-data: x\n\tcp x y\n' },
    ['make a-test && ./a-test'],
  ],
  [
    'a library in Rust that the build around it compiles',
    { 'meson.build': "project('a')\ntest('a', a)\n", 'src/rust/Cargo.toml': '', 'src/rust/meson.build': '' },
    ['meson setup /tmp/build . && meson test -C /tmp/build --print-errorlogs'],
  ],
])('%s', async (_, files, expected) => {
  const commands = await commandsOf(files)
  // The package beside it, and folders that wait for a change.
  const own = commands.filter((command) => !/-e \.|^cd /.test(command))
  expect([...new Set(own)]).toEqual(expected)
})
