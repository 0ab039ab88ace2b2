import { expect, test } from 'vitest'
import { type Files, PACKAGE, planOf } from './plan-of-python.ts'

test.each<[string, Files, readonly string[], readonly string[]]>([
  [
    'extras that a variable of setup.py holds',
    {
      'setup.py': 'extras = {}\nextras["testing"] = ["a"]\nsetup(extras_require=extras)',
      'tests/test_a.py': '',
    },
    [`${'uv run '.repeat(2000)}pytest`, 'tox -e py310_smoke'],
    ["pip -e '.[testing]' pytest", 'python3 -m pytest'],
  ],
  [
    'files named like tests of pytest, where nothing names it and CI tests otherwise',
    { 'pyproject.toml': PACKAGE, 'tests/test_a.py': 'import x', 'tests/conftest.py': '' },
    ['./build.sh'],
    ['pip -e .'],
  ],
  [
    'one class among the tests of CI, and a version of another index',
    { 'pyproject.toml': `${PACKAGE}[tool.pytest.ini_options]`, 'tests/test_a.py': '' },
    [
      'pip install torch==2.1.0+cpu -e .',
      'python3 -m unittest tests.test_a.TestA.test_b',
      'pytest tests-cuda',
    ],
    ['pip torch -e . pytest', 'python3 -m pytest'],
  ],
  [
    'a program of the repository, with what the job with services installs for it',
    { 'setup.py': '', 'runtests.py': '', 'a/tests/test_a.py': '' },
    ['docker run -d redis', 'pip install gevent redis', 'python runtests.py -v 2'],
    ['pip gevent redis', 'pip -e .', 'python3 runtests.py'],
  ],
  [
    'a tool that CI installs for another check, beside extras for tests',
    { 'pyproject.toml': `${PACKAGE}[project.optional-dependencies]\ntest = ["pytest"]` },
    ['pip install jupyter-builder', 'uv sync --group x --extra more'],
    ["pip -e '.[test,more]' pytest", 'python3 -m pytest'],
  ],
  [
    'tests_require of setup.py',
    { 'setup.py': "setup(tests_require=['mock>=2', 'pytest'])", 'test_a.py': '' },
    [],
    ["pip -e . 'mock>=2' pytest", 'python3 -m pytest'],
  ],
  [
    'packages in folders, which the job for tests installs by a variable',
    {
      'pyproject.toml': '[tool.pytest.ini_options]',
      'tests/test_a.py': '',
      'a/pyproject.toml': `${PACKAGE}[project.optional-dependencies]\ntest = ["pytest"]`,
    },
    ['pip install spin', 'pip install ./a[test] ./b', './ci/run.sh'],
    ["pip -e './a[test]' pytest", 'python3 -m pytest'],
  ],
  [
    'hatch test, by another launcher',
    {
      'pyproject.toml': `${PACKAGE}[tool.hatch.envs.hatch-test]\ndefault-args = ["a/test"]`,
      'a/test/test_a.py': '',
    },
    ['uv run hatch test --cover', 'hatch run coverage:combine'],
    [
      'pip -e . pytest pytest-mock pytest-randomly pytest-rerunfailures pytest-xdist',
      'python3 -m pytest a/test',
    ],
  ],
  [
    'a script of an environment of hatch with a template',
    {
      'pyproject.toml': `${PACKAGE}[tool.hatch.envs.base]\ndependencies = ["pytest"]\n[tool.hatch.envs.test]\ntemplate = "base"\n[tool.hatch.envs.test.scripts]\nall = ["pytest {args:a/test}"]`,
      'a/test/test_a.py': '',
      'uv.lock': '',
    },
    ['uv run --group x hatch run +py=3.12 test:all'],
    ['pip -e . pytest', 'python3 -m pytest a/test'],
  ],
  [
    'a lock file of uv beside a manifest of poetry',
    { 'pyproject.toml': '[tool.poetry]\nname = "a"', 'uv.lock': '', 'poetry.lock': '', 'test_a.py': '' },
    ['poetry install --extras x', 'poetry run pytest'],
    ['pip poetry', 'poetry install --no-interaction --extras x', 'poetry run python3 -m pytest'],
  ],
  [
    'as CI does, for editing',
    { 'setup.py': '', 'tests/test_a.py': '', 'ci/req.txt': '' },
    [
      'python -m pip install -U pip wheel',
      'pip install -r ci/req.txt .[test] codecov',
      'pytest --cov=a -n auto -v docs/a tests',
    ],
    ["pip -r ci/req.txt -e '.[test]' pytest", 'python3 -m pytest docs/a tests'],
  ],
  [
    'groups of CI',
    {
      'pyproject.toml': `${PACKAGE}[dependency-groups]\nt = ["pytest", "a; python_version<'4'"]`,
      'test_a.py': '',
    },
    ['pip install --group t -e .', 'coverage run -m pytest -m "not slow"'],
    ["pip pytest 'a; python_version<'\\''4'\\''' -e .", "python3 -m pytest -m 'not slow'"],
  ],
  [
    'options of uv in CI',
    { 'pyproject.toml': PACKAGE, 'uv.lock': '', 'test_a.py': '' },
    ['docker run -d redis', 'uv sync', 'uv sync --locked --all-extras --group ci', 'uv run pytest'],
    ['pip uv', 'uv sync --frozen --all-extras --group ci --inexact', 'uv run --frozen python3 -m pytest'],
  ],
  [
    'pdm',
    {
      'pyproject.toml': `${PACKAGE}[tool.pdm.scripts]\ntest = "pytest -x tests"`,
      'pdm.lock': '',
      'tests/test_a.py': '',
    },
    ['pdm install -G test', 'pdm run test'],
    ['pdm install --frozen-lockfile -G test', 'pdm run python3 -m pytest tests'],
  ],
  [
    'hatch',
    {
      'pyproject.toml': `${PACKAGE}[tool.hatch.envs.test]\ndependencies = ["pytest", "c[d] @ {root:uri}/c"]\n[tool.hatch.envs.test.scripts]\ncov = "pytest --cov {args:tests}"`,
      'tests/test_a.py': '',
    },
    ['hatch run test:cov'],
    ["pip -e . pytest -e './c[d]'", 'python3 -m pytest tests'],
  ],
  [
    'nox',
    {
      'setup.py': '',
      'tests/test_a.py': '',
      'noxfile.py':
        'def tests(session):\n    session.install("pytest", ".")\n    session.run("pytest", "-m", "not slow", *session.posargs)\n',
    },
    ['nox -s tests-3.12'],
    ['pip -e . pytest', "python3 -m pytest -m 'not slow'"],
  ],
  [
    'a session that cannot be read runs with the Python that is here',
    {
      'setup.py': '',
      'tests/test_a.py': '',
      'noxfile.py': 'def tests(session):\n    session.run(COMMAND)\n',
    },
    ['nox -s tests-3.12'],
    ['pip -e . nox', 'python3 -m nox -s tests --force-python python3'],
  ],
  [
    'a part is less than the manifests mean, and a job of something else is no test',
    { 'pyproject.toml': `${PACKAGE}[tool.pytest.ini_options]`, 'tests/a/test_a.py': '', 'tools/gen.py': '' },
    ['tox -e docs', 'tox -e pycodestyle', './test.py lint', 'pytest tests/a', 'pytest -k memory'],
    ['pip -e . pytest', 'python3 -m pytest'],
  ],
  [
    'an environment of tox that has what factors say, without what is extra',
    {
      'setup.py': '',
      'test_a.py': '',
      'tox.ini':
        '[tox]\nenvlist =\n  py{310,314}-{test}-{deps,mindeps,devdeps}\n  py314-docs\n[testenv]\ndeps =\n  test: pytest>8\n  docs, test: b\n  mindeps: c<2\ncommands =\n  test: pytest --pyargs a {env:FLAGS} {posargs}\n',
    },
    [],
    ["pip -e . 'pytest>8' b pytest", 'python3 -m pytest --pyargs a'],
  ],
  [
    'one that cannot be read is made by its name',
    {
      'setup.py': '',
      'tox.ini': '[tox]\nenvlist = py310-test,py310-cov\n[testenv]\ncommands = test: make $X\n',
      'test_a.py': '',
    },
    [],
    ['pip -e . tox', 'python3 -m tox -e py-test'],
  ],
  [
    'a module of a package is a part, and so are sessions for another runtime',
    { 'setup.py': '', 'test_a.py': '' },
    ['uvx nox -s test-emscripten', 'pytest --pyargs a.b'],
    ['pip -e . pytest', 'python3 -m pytest'],
  ],
  [
    'a session that uvx starts',
    { 'pyproject.toml': PACKAGE, 'noxfile.py': '' },
    ['uvx --with a nox -s test-rust'],
    ['pip -e . nox', 'python3 -m nox -s test-rust --force-python python3'],
  ],
  [
    'a program of its own, with arguments that the run of a workflow knows',
    { 'setup.py': '', 'run_tests.py': '', 'test_a.py': '' },
    ['./run_tests.py $CI_ARGS -- $MORE_ARGS'],
    ['pip -e .', 'python3 run_tests.py'],
  ],
  [
    'markers in a list of setup.py, and extras in a table of its own',
    {
      'setup.py':
        'TESTS_REQUIRE = [\n  # has no "x"\n  "a; python_version < \'3.9\'",\n]\nEXTRAS = {\n  "tests": TESTS_REQUIRE,\n}\nsetup(extras_require=EXTRAS)',
      'test_a.py': '',
    },
    [],
    ["pip -e '.[tests]' 'a; python_version < '\\''3.9'\\''' pytest", 'python3 -m pytest'],
  ],
  [
    'the package by its name, and not the job for its quality',
    { 'pyproject.toml': `${PACKAGE}[project.optional-dependencies]\nx=[]\n`, 'test_a.py': '' },
    ['uv pip install --system "a[x] @ ."', 'pytest -m unit'],
    ["pip -e '.[x]' pytest", 'python3 -m pytest'],
  ],
  [
    'a program of its own for a part, and a task of invoke',
    { 'setup.py': '', 'run_tests.py': '', 'test_a.py': '' },
    ['python run_tests.py test/a -k b', 'invoke ci-tests -m unit'],
    ['pip -e . invoke', 'python3 -m invoke ci-tests -m unit'],
  ],
  [
    'an interpreter in a variable, in a job that is not for another runtime',
    { 'setup.py': '', 'test_a.py': '', 'x/__init__.py': '' },
    ['$PYTHON -m pytest -svra --store-durations x'],
    ['pip -e . pytest', 'python3 -m pytest x'],
  ],
  [
    "the repository's own program, where nothing names pytest",
    { 'setup.py': '', 'runtests.py': '', 'a/test_a.py': '' },
    [],
    ['pip -e .', 'python3 runtests.py'],
  ],
  [
    'Django',
    { 'manage.py': '', 'requirements.txt': '', 'a/tests.py': '' },
    [],
    ['pip -r requirements.txt', 'python3 manage.py test'],
  ],
  [
    'sections of setup.cfg',
    {
      'setup.cfg':
        '[metadata]\nname = a\n[options.extras_require]\n# all\nunit =\n  pytest>8 # x\ndocs = sphinx\n[tool:pytest]\n',
      'test_a.py': '',
    },
    [],
    ["pip -e '.[unit]' pytest", 'python3 -m pytest'],
  ],
])('Python: %s', async (_name, files, commands, expected) => {
  expect(await planOf(files, commands)).toEqual(expected)
})
