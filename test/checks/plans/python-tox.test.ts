import { expect, test } from 'vitest'
import { type Files, PACKAGE, planOf } from './plan-of-python.ts'

test.each<[string, Files, readonly string[], readonly string[]]>([
  [
    'what tox gives pytest',
    {
      'setup.py': '',
      'tox.ini':
        '[testenv]\ndeps = pytest\ncommands = pytest --cov {env_site_packages_dir}{/}a {posargs:tests} --ignore=tests/x\n[pytest]\na = b',
      'tests/test_a.py': '',
    },
    [],
    ['pip -e . pytest', 'python3 -m pytest tests --ignore=tests/x'],
  ],
  [
    'factors and references of tox',
    {
      'setup.py': '',
      'tests/test_a.py': '',
      'r.txt': '',
      'tox.ini':
        '[base]\ndeps =\n  mock\n[testenv]\ndeps =\n  {[base]deps}\n  -rr.txt\n  py312: new\n  py27: old\n  cov: coverage\nextras = x\nsetenv =\n  PYTHONPATH = {toxinidir}/src\ncommands = {env:RUN:} python -W error -m pytest {posargs:tests}\n',
    },
    ['tox -e py312'],
    ["pip -e '.[x]' mock -r r.txt new pytest", 'PYTHONPATH=./src python3 -m pytest tests'],
  ],
  [
    'generated environments of tox',
    {
      'setup.py': '',
      'test_a.py': '',
      'tox.ini': '[testenv:{,ci-}py{311,312}]\ndeps = a\ncommands =\n  pip install -e .[d]\n  pytest\n',
    },
    [],
    ["pip -e . a -e '.[d]' pytest", 'python3 -m pytest'],
  ],
  [
    'a session with parameters would run with each of them',
    {
      'pyproject.toml': `${PACKAGE}[dependency-groups]\ntests = ["pytest>8"]\n`,
      'test_a.py': '',
      'tox.ini': '[testenv]\ndeps = old',
      'noxfile.py':
        'def tests(\n    session: nox.Session,\n    database: str,\n) -> None:\n    _tests(session, database)\n',
    },
    ['nox -t py-default'],
    ["pip -e . 'pytest>8' pytest", 'python3 -m pytest'],
  ],
  [
    'what its commands install before the tests',
    {
      'setup.py': '',
      'test_a.py': '',
      'r.txt': '',
      'tox.ini':
        '[testenv]\ndeps = uv\ncommands_pre = pip install --no-index f\n  python -m pip install -U "g>=1" -r r.txt\ncommands =\n  uv pip install -e .[d]\n  pytest\n',
    },
    [],
    ["pip -e . uv 'g>=1' -r r.txt -e '.[d]' pytest", 'python3 -m pytest'],
  ],
  [
    'and those of a table',
    {
      'setup.py': '',
      'test_a.py': '',
      'tox.toml':
        '[env_run_base]\ncommands_pre = [["uv", "pip", "install", ".[d]"]]\ncommands = [["pytest"]]\n',
    },
    [],
    ["pip -e . -e '.[d]' pytest", 'python3 -m pytest'],
  ],
  [
    'extras that CI installs beside those of tox',
    { 'setup.py': '', 'tox.ini': '[testenv]\nextras = dev\ncommands = pytest tests/unit' },
    ["pip3 install '.[ssh,dev]'", 'pytest tests/unit'],
    ["pip -e '.[ssh,dev]' pytest", 'python3 -m pytest tests/unit'],
  ],
  [
    'extras of tox, where CI installs others',
    { 'pyproject.toml': PACKAGE, 'tox.ini': '[testenv]\nextras = dev\ncommands = pytest tests/unit' },
    ["pip3 install '.[docs]'", 'pytest tests/unit'],
    ["pip -e '.[dev]' pytest", 'python3 -m pytest tests/unit'],
  ],
  [
    'reports of coverage after the tests',
    {
      'pyproject.toml': PACKAGE,
      'tox.ini':
        '[testenv]\ndeps = pytest\ncommands =\n  python -m coverage run -m pytest {posargs}\n  python -m coverage html\n  python -m coverage report\n',
    },
    ['tox -e py312'],
    ['pip -e . pytest', 'python3 -m pytest'],
  ],
  [
    'folders of tox in tables',
    {
      'pyproject.toml': `${PACKAGE}[dependency-groups]\ntests = ["pytest"]\n[tool.tox.env_run_base]\nrunner = "uv-venv-lock-runner"\ndependency_groups = ["tests"]\ncommands = [["pytest", "--basetemp={env_tmp_dir}", { replace = "posargs", default = [], extend = true }]]`,
      'uv.lock': '',
      'test_a.py': '',
    },
    ['uv run --locked --group dev tox run'],
    ['pip uv', 'uv sync --frozen --group tests --inexact', 'uv run --frozen python3 -m pytest'],
  ],
  [
    'folders of tox',
    {
      'setup.py': '',
      'test_a.py': '',
      'tox.ini':
        '[testenv]\ndeps = pytest\ncommands = pytest --basetemp="{envtmpdir}" -o cache_dir={toxworkdir}/c {posargs:--int}',
    },
    [],
    ['pip -e . pytest', 'python3 -m pytest'],
  ],
  [
    'commands of tox that count for some environments only',
    {
      'pyproject.toml': `${PACKAGE}[dependency-groups]\ntests = ["pytest"]`,
      'uv.lock': '',
      'test_a.py': '',
      'tox.ini':
        '[testenv]\ndependency_groups =\n  tests: tests\n  mypy: mypy\ncommands =\n  tests: pytest {posargs:-n auto}\n  mypy: mypy src\n',
    },
    ['uv run --only-group tox tox run -f lint', 'uv run --only-group tox tox run -e $PYTHON-tests'],
    ['pip uv', 'uv sync --frozen --group tests --inexact', 'uv run --frozen python3 -m pytest'],
  ],
  [
    'environments of tox without a command',
    { 'setup.py': '', 'test_a.py': '', 'tox.ini': '[testenv]\ncommands =\n  lint: ruff check\n' },
    ['tox -e py'],
    ['pip -e . pytest', 'python3 -m pytest'],
  ],
  [
    'an environment that has commands only with a factor, and which tox alone can expand',
    {
      'setup.py': '',
      'test_a.py': '',
      'tox.ini': '[testenv]\ncommands =\n  test: {env:RUN} {envdir}/bin/trial a\n  lint: ruff check\n',
    },
    ['tox run -e $ENV'],
    ['pip -e . tox', 'python3 -m tox -e py-test'],
  ],
  [
    'the first environment for an interpreter that is not the usual one',
    {
      'setup.py': '',
      'test_a.py': '',
      'tox.ini': '[testenv]\ndeps = a\ncommands =\n  {env:RUN} a-manage test\n',
    },
    ['tox -e pypy3.11', 'tox -e 3.14'],
    ['pip -e . tox', 'python3 -m tox -e py'],
  ],
  [
    'calls of make, where CI tests by other targets',
    {
      'setup.py': '',
      'tests/unit/test_a.py': '',
      'tox.ini': '[testenv]\ndeps = b\ncommands = make test\n',
      Makefile: 'unit:\n\tnosetests\n',
    },
    ['make unit'],
    ['make unit'],
  ],
  [
    'the runner of a plugin of tox',
    {
      'setup.py': '',
      'test_a.py': '',
      'tox.ini': '[testenv]\nrunner = uv-venv-runner\ncommands = make test',
    },
    ['tox -e py'],
    ['pip -e . tox tox-uv', 'python3 -m tox -e py'],
  ],
  [
    'tables of tox',
    {
      'pyproject.toml': `${PACKAGE}[dependency-groups]\ntests = ["pytest"]\n[tool.tox.env_run_base]\ndependency_groups = ["tests"]\ncommands = [["pytest", "-v", { replace = "posargs", default = ["t"] }]]`,
      't/test_a.py': '',
    },
    ['tox run'],
    ['pip -e . pytest', 'python3 -m pytest t'],
  ],
  [
    'the only environment that has commands',
    {
      'setup.py': '',
      'tox.ini': '[testenv]\ndeps = a\n[testenv:py3]\ncommands = a-manage test\n',
      'test_a.py': '',
    },
    ['tox'],
    ['pip -e . tox', 'python3 -m tox -e py3'],
  ],
  [
    'the plainest environment of the list, without a server',
    {
      'setup.py': '',
      'runtests.py': '',
      'tests/test_a.py': '',
      'tox.ini':
        '[tox]\nenvlist =\n  py{310,311}-dj42-{sqlite,postgres}\n  py{311,312}-dj{52,main}-{sqlite,postgres}-cov\n  py{311,312}-dj52-{sqlite,postgres}\n  docs\n[testenv]\ndeps =\n  dj42: a~=4.2\n  dj52: a~=5.2\n  djmain: a\n  postgres: b\ncommands = ./runtests.py {posargs}\n',
    },
    ['tox'],
    ["pip -e . 'a~=5.2'", 'python3 runtests.py'],
  ],
  [
    'the folder that tox changes to',
    {
      'setup.py': '',
      'src/test_a.py': 'import unittest',
      'tox.ini': '[testenv]\nchangedir = {toxinidir}/src\ncommands = python -m unittest discover\n',
    },
    [],
    ['pip -e .', 'cd src && python3 -m unittest discover'],
  ],
  [
    'what another manager installs inside of tox',
    {
      'pyproject.toml': '[build-system]\n[tool.poetry]\nname = "a"',
      'tests/test_a.py': '',
      'tox.ini':
        '[testenv]\ndeps = poetry\ncommands =\n  poetry install -E b\n  poetry run python -m pytest\n',
    },
    ['tox'],
    ['pip -e . poetry tox', 'python3 -m tox -e py'],
  ],
  [
    'of several environments one for this system that tests',
    {
      'setup.py': '',
      'tests/core/test_a.py': '',
      'tox.ini':
        '[tox]\nenvlist = py{311,312}-{linux,windows}-{core,root,wheel}\n[testenv]\ncommands =\n  core: pytest {posargs:tests/core}\n  wheel: sh build.sh\n',
    },
    ['tox -e $ENV'],
    ['pip -e . pytest', 'python3 -m pytest tests/core'],
  ],
  [
    'a file that tox copies for the tests',
    {
      'setup.py': '',
      'tox.ini': '[testenv]\ndeps = pytest\ncommands =\n  cp a/x-dist a/x.py\n  pytest\n',
      'test_a.py': '',
    },
    [],
    ['pip -e . pytest', 'cp a/x-dist a/x.py', 'python3 -m pytest'],
  ],
])('Python, tox: %s', async (_name, files, commands, expected) => {
  expect(await planOf(files, commands)).toEqual(expected)
})
