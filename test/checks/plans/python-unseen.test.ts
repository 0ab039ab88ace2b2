import { expect, test } from 'vitest'
import { type Files, PACKAGE, planOf } from './plan-of-python.ts'

const TESTED: Files = { 'pyproject.toml': PACKAGE, 'tests/test_a.py': '' }
const LOCKED = `${PACKAGE}[project.optional-dependencies]\ntest = ["pytest"]\nall = ["b"]\nodd = ["c"]\n`
const BY_VARIABLES =
  '[gh-actions:env]\nTARGET =\n  pil: pil\n  dbm: dbm\nDJANGO =\n  main: djmain\n[tox]\nenvlist = py{311,312}-dj52-{pil,dbm,z}, py312-djmain-pil\n[testenv]\nsetenv =\n  pil: DJANGO_SETTINGS_MODULE=a.pil\n  z: DJANGO_SETTINGS_MODULE=a.z\ndeps =\n  pil: b\n  dbm: c\n  z: d\ncommands = pytest\n'

test.each<[string, Files, readonly string[], readonly string[]]>([
  [
    'what functions of the noxfile install in a session',
    {
      ...TESTED,
      'noxfile.py':
        'def _own(session):\n    session.install("-e", ".")\n\ndef _more(session):\n    session.install("responses")\n\n@nox.session\ndef tests(session):\n    _own(session)\n    _more(session)\n    session.install("pytest")\n    session.run("pytest")\n    session.notify("cover")\n',
    },
    ['python3 -m nox --session tests-3.12'],
    ['pip -e . responses pytest', 'python3 -m pytest'],
  ],
  [
    'a function of the noxfile with other arguments is not read',
    {
      ...TESTED,
      'noxfile.py':
        'def _more(session, what):\n    session.install(what)\n\ndef tests(session):\n    _more(session, "b")\n    session.install("c")\n    session.run("pytest")\n',
    },
    ['nox -s tests'],
    ['pip -e . c pytest', 'python3 -m pytest'],
  ],
  [
    'functions of the noxfile that call each other',
    {
      ...TESTED,
      'noxfile.py':
        'def a(session):\n    a(session)\n    session.install("b")\n\ndef tests(session):\n    a(session)\n    session.run("pytest")\n',
    },
    ['nox -s tests'],
    ['pip -e . b pytest', 'python3 -m pytest'],
  ],
  [
    'of several sessions of nox, the one for the core',
    {
      ...TESTED,
      'noxfile.py':
        'def test_tools(session):\n    x(session, 1)\n\ndef test_core(session):\n    x(session, 1)\n    session.install("b", x)\n',
    },
    ['nox -s test_tools test_core -ts'],
    ['pip -e . nox', 'python3 -m nox -s test_core --force-python python3'],
  ],
  [
    'a session that a quoted expression names, before one for something special',
    {
      ...TESTED,
      'noxfile.py': 'def test(session):\n    x(session, 1)\n\ndef test_odd(session):\n    x(session, 1)\n',
    },
    ['nox -s test_odd', `nox -s "\${{ '' || format('test-{0}', '3.12') }}"`],
    [
      'pip -e . nox',
      'python3 -m nox -s test --force-python python3',
      'python3 -m nox -s test_odd --force-python python3',
    ],
  ],
  [
    'a session of nox that only reports what the session for tests has measured',
    {
      ...TESTED,
      'noxfile.py':
        'def tests(session):\n    session.install("pytest", *MORE)\n    session.run("coverage", "run", "-m", "pytest", *session.posargs)\n\ndef coverage(session):\n    args = session.posargs or ["report"]\n    session.install("coverage")\n    session.run("coverage", *args)\n',
    },
    ['nox --session=coverage'],
    ['pip -e . nox', 'python3 -m nox -s tests --force-python python3'],
  ],
  [
    'a session of nox that measures its tests by itself',
    {
      ...TESTED,
      'noxfile.py':
        'def coverage(session):\n    session.install("coverage", *MORE)\n    session.run("coverage", "run", "-m", "x", *session.posargs)\n    session.run("coverage", "report")\n',
    },
    ['nox --session=coverage'],
    ['pip -e . nox', 'python3 -m nox -s coverage --force-python python3'],
  ],
  [
    'tests from inside their folder, where the paths of their settings hold',
    {
      ...TESTED,
      '.github/workflows/ci.yml':
        'jobs:\n  test:\n    steps:\n      - run: coverage run -m pytest --mpl-baseline-path=b\n        working-directory: tests\n',
    },
    [],
    ['pip -e . pytest', 'cd tests && python3 -m pytest --mpl-baseline-path=b'],
  ],
  [
    'tests that CI runs from inside their folder and at the root',
    {
      ...TESTED,
      '.github/workflows/ci.yml':
        'jobs:\n  test:\n    steps:\n      - run: pytest\n      - run: pytest -x\n        working-directory: tests\n',
    },
    [],
    ['pip -e . pytest', 'python3 -m pytest'],
  ],
  [
    'one file of tests from inside their folder',
    {
      ...TESTED,
      '.github/workflows/ci.yml':
        'jobs:\n  test:\n    steps:\n      - run: pytest test_a.py\n        working-directory: tests\n',
    },
    [],
    ['pip -e .'],
  ],
  [
    'environments of tox that begin with what they do, and lists in deep folders',
    {
      'setup.py': '',
      'tests/test_a.py': '',
      'tox.ini':
        '[tox]\nenvlist =\n  docs\n  test-py{3.12, 3.11}{-extra, }\n  mypy-py3.12\n[testenv]\ncommands = python -c "import sys; sys.exit(1)"\n[testenv:test-py{3.12, 3.11}{-extra, }]\ndeps =\n  -r requirements/test/all.txt\n  extra: b\ncommands = coverage run -m pytest {posargs:}\n',
    },
    [],
    ['pip -e . -r requirements/test/all.txt pytest', 'python3 -m pytest'],
  ],
  [
    'environments of tox that begin with what they do, and do not test',
    {
      'setup.py': '',
      'tests/test_a.py': '',
      'tox.ini':
        '[tox]\nenvlist = test-py{312,311}\n[testenv]\ndeps = c\ncommands = pytest\n[testenv:test-py311]\ncommands = python -m build\n',
    },
    [],
    ['pip -e . c pytest', 'python3 -m pytest'],
  ],
  [
    'versions of Python with a dot in names of tox',
    {
      'setup.py': '',
      'tests/test_a.py': '',
      'tox.ini':
        '[tox]\nenvlist = py3.{10,11,12}-django{42,52}\n[testenv]\ndeps =\n  django42: Django<5\n  django52: Django<6\ncommands = pytest\n',
    },
    [],
    ["pip -e . 'Django<6' pytest", 'python3 -m pytest'],
  ],
  [
    'conditions of tox with a space before the colon',
    {
      'setup.py': '',
      'tests/test_a.py': '',
      'tox.ini':
        '[testenv:py{,311}{,-fast,-cov}]\ncommands =\n  !fast-!cov : python -X dev -m pytest\n  fast : python -m pytest -n auto tests\n  cov  : python -m coverage run -m pytest c\n',
    },
    ['tox -e py-cov'],
    ['pip -e . pytest', 'python3 -m pytest c'],
  ],
  [
    'a configuration of tox in TOML that is indented, and an environment by a variable',
    {
      'pyproject.toml': `${PACKAGE}[tool.tox]\nlegacy_tox_ini = """\n    [tox]\n    envlist = py{3.8,3.12}\n    [testenv]\n    deps = b\n    commands =\n        python3 -c 'import sys'\n        coverage run -m unittest discover tests\n"""\n`,
      'tests/test_a.py': '',
    },
    ['TOXENV=py3.12 tox'],
    ['pip -e . b', 'python3 -m unittest discover tests'],
  ],
  [
    'the environment of tox that a variable of tox-gh-actions chooses',
    { 'setup.py': '', 'tests/test_a.py': '', 'tox.ini': BY_VARIABLES },
    ['TARGET=pil tox -v', 'TARGET=dbm tox -v'],
    ['pip -e . b pytest', 'DJANGO_SETTINGS_MODULE=a.pil TARGET=pil python3 -m pytest'],
  ],
  [
    'the environment that a variable chooses in a job with a service',
    { 'setup.py': '', 'tests/test_a.py': '', 'tox.ini': BY_VARIABLES },
    ['docker run -d redis', 'TARGET=dbm tox'],
    ['pip -e . c pytest', 'python3 -m pytest'],
  ],
  [
    'variables that choose no environment, or one for what is not released',
    { 'setup.py': '', 'tests/test_a.py': '', 'tox.ini': BY_VARIABLES },
    ['TARGET=odd DJANGO=main tox'],
    ['pip -e . d pytest', 'DJANGO_SETTINGS_MODULE=a.z TARGET=odd DJANGO=main python3 -m pytest'],
  ],
  [
    'tox with tests that only a run chooses',
    { ...TESTED, 'tox.ini': '[testenv]\ndeps = b\ncommands = pytest {posargs:tests}\n' },
    [`tox run --list-dependencies -e py312 -- \${CHANGED}`],
    ['pip -e . b pytest', 'python3 -m pytest tests'],
  ],
  [
    'what comes after a string for a program is no text for it',
    TESTED,
    [
      `|\n          OS=$(cut -d- -f1 <<< ubuntu-24.04)\n          COVERAGE_FILE=".cov.$OS" \\\n            pytest tests --strict`,
    ],
    ['pip -e . pytest', 'python3 -m pytest tests'],
  ],
  [
    'a text for a program is no command',
    TESTED,
    [`|\n          cat <<END > a.sh\n          pytest b\n          END\n          pytest tests`],
    ['pip -e . pytest', 'python3 -m pytest tests'],
  ],
  [
    'targets of make that enter an environment first',
    {
      ...TESTED,
      'tests/requirements.txt': 'pytest',
      Makefile:
        'install:\n\t. venv/bin/activate; pip install .\nready: install\n\t. venv/bin/activate; pip install -r tests/requirements.txt\nmeasured:\n\t. venv/bin/activate; \\\n\tpytest --cov=a tests --ignore=tests/live\n',
    },
    ['make install ready', 'make measured'],
    ['pip -e .', 'pip -r tests/requirements.txt pytest', 'python3 -m pytest tests --ignore=tests/live'],
  ],
  [
    'all groups that uv installs by default, if those for tests are among them',
    {
      'pyproject.toml': `${PACKAGE}[dependency-groups]\nci = ["pytest"]\ndocs = ["b"]\nodd = ["c"]\n[tool.uv]\ndefault-groups = ["ci", "docs"]\n`,
      'tests/test_a.py': '',
    },
    [],
    ['pip -e . pytest b', 'python3 -m pytest'],
  ],
  [
    'groups that uv installs by default beside those for tests',
    {
      'pyproject.toml': `${PACKAGE}[dependency-groups]\ntest = ["pytest"]\nlint = ["b"]\n[tool.uv]\ndefault-groups = ["lint"]\n`,
      'tests/test_a.py': '',
    },
    [],
    ['pip -e . pytest', 'python3 -m pytest'],
  ],
  [
    'extras that CI installs by pip, in a project that uv locks',
    { 'pyproject.toml': LOCKED, 'uv.lock': '', 'tests/test_a.py': '' },
    ['pip install .[test,all]', 'pytest'],
    ['pip uv', 'uv sync --frozen --extra test --extra all --inexact', 'uv run --frozen python3 -m pytest'],
  ],
  [
    'extras for something else that CI installs by pip, in a project that uv locks',
    { 'pyproject.toml': LOCKED, 'uv.lock': '', 'tests/test_a.py': '' },
    ['pip install .[odd,none]', 'pytest'],
    ['pip uv', 'uv sync --frozen --extra test --inexact', 'uv run --frozen python3 -m pytest'],
  ],
])('Python that nobody had seen: %s', async (_, files, commands, expected) => {
  expect(await planOf(files, commands)).toEqual(expected)
})
