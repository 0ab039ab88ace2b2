import { expect, test } from 'vitest'
import { type Files, PACKAGE, planOf } from './plan-of-python.ts'

const TESTED: Files = { 'pyproject.toml': `${PACKAGE}[tool.pytest.ini_options]`, 'tests/test_a.py': '' }

test.each<[string, Files, readonly string[], readonly string[]]>([
  [
    'an environment of tox that a variable names, and one that only reports',
    {
      'pyproject.toml': PACKAGE,
      'tox.toml':
        'env_run_base.commands = [["pytest"]]\nenv_run_base.deps = ["mock"]\nenv.coverage.commands = [["coverage", "combine"]]',
    },
    ['tox -e $BASE --skip-pkg-install', 'tox -e coverage'],
    ['pip -e . mock pytest', 'python3 -m pytest'],
  ],
  [
    'an environment of tox whose name is the version of Python',
    {
      'setup.py': '',
      'tox.ini': '[testenv]\nbasepython = python{envname}\ncommands = make check\n',
      Makefile: 'check: x\n\tpython -c "import tests"\n',
    },
    ['tox -e $VERSION'],
    ['pip -e .'],
  ],
  [
    'a group of tox that a variable may choose',
    {
      ...TESTED,
      'pyproject.toml': `${PACKAGE}[dependency-groups]\ndev = ["pytest", "mock"]`,
      'tox.ini': '[testenv]\ndependency_groups = {env:GROUP:dev}\ncommands = pytest tests\n',
    },
    ['tox run -vv --skip-pkg-install'],
    ['pip -e . pytest mock', 'python3 -m pytest tests'],
  ],
  [
    'a group for units, of several that are named for tests',
    {
      ...TESTED,
      'pyproject.toml': `${PACKAGE}[dependency-groups]\ntest-base = ["pytest"]\ntest-unit = [{include-group = "test-base"}, "attrs"]`,
    },
    [],
    ['pip -e . attrs pytest', 'python3 -m pytest'],
  ],
  [
    'extras that CI installs by pip, beside a lock file',
    {
      'pyproject.toml': `${PACKAGE}[project.optional-dependencies]\ndev = ["pytest"]\nall = ["numpy"]`,
      'uv.lock': '',
      'tests/test_a.py': '',
    },
    ['uv pip install -e ".[dev, all]"', 'uv run pytest tests'],
    [
      'pip uv',
      'uv sync --frozen --extra dev --extra all --inexact',
      'uv run --frozen python3 -m pytest tests',
    ],
  ],
  [
    'an environment of hatch that only looks, and one that a variable names',
    {
      'pyproject.toml': `${PACKAGE}[project.optional-dependencies]\ntest = ["pytest"]\n[tool.hatch.envs.test]\nfeatures = ["test"]\n[tool.hatch.envs.test.scripts]\ntest = "pytest {args}"\n[tool.hatch.envs.typing]\ndependencies = ["pre-commit"]\n[tool.hatch.envs.typing.scripts]\ntest = "pre-commit run mypy"`,
      'tests/test_a.py': '',
    },
    ['hatch run typing:test', 'hatch run $target'],
    ["pip -e '.[test]' pytest", 'python3 -m pytest'],
  ],
  [
    'the tests of the installed package, from anywhere, and those of another one',
    { ...TESTED, 'a/tests/test_a.py': '' },
    [
      'pip install -q "a[test] @ ."',
      'cd "$TEMP_DIR" && pytest --pyargs sklearn',
      'cd "$TEMP_DIR" && pytest -n auto --pyargs a',
    ],
    ["pip -e '.[test]' pytest", 'python3 -m pytest --pyargs a'],
  ],
  [
    'examples in texts alone, and the package without what conda has installed',
    { ...TESTED, 'a/tests/test_a.py': '' },
    ['pip install -e . --no-deps', 'pytest -v -r a a/', 'pytest --doctest-only a'],
    ['pip -e . pytest', 'python3 -m pytest a/'],
  ],
  [
    'options of pip with values that are no packages',
    TESTED,
    ['pip install --trusted-host pypi.org --config-settings x=y mock', 'pytest'],
    ['pip mock', 'pip -e . pytest', 'python3 -m pytest'],
  ],
  [
    'an option that depends on the matrix, and a variable for a server that CI has fetched',
    TESTED,
    [
      `A_VERSION=3.9 pytest tests ${'$'}{{ runner.os == 'Linux' && '--tls' || '' }} ${'$'}{{ runner.os != 'Linux' && '-x' || '' }}`,
    ],
    ['pip -e . pytest', 'python3 -m pytest tests --tls'],
  ],
  [
    'a program without an ending, by its folder and name',
    { 'requirements.txt': 'pytest', 'setup.py': '', 'tests/unit/test_a.py': '' },
    ['python scripts/ci/install', 'python scripts/ci/run-tests --with-cov'],
    ['pip -r requirements.txt -e .', 'python3 scripts/ci/run-tests --with-cov'],
  ],
  [
    'an extension that uv does not install, and CI builds in place',
    {
      'pyproject.toml':
        '[build-system]\nbuild-backend = "maturin"\n[project]\nname = "a"\n[tool.uv]\npackage = false\n[tool.pytest.ini_options]',
      'tests/test_a.py': '',
    },
    ['uv run --no-sync maturin develop', 'pytest'],
    ['pip -e . pytest', 'python3 -m pytest'],
  ],
  [
    'what wheels are tested with, where nothing else says it',
    {
      'pyproject.toml': `${PACKAGE}[tool.cibuildwheel]\nbefore-test = "pip install mock b>=2"\ntest-requires = "attrs -r r.txt"\ntest-command = "pytest {project}/tests -x"`,
      'tests/test_a.py': '',
      'r.txt': '',
    },
    [],
    ["pip -e . attrs -r r.txt mock 'b>=2' pytest", 'python3 -m pytest ./tests'],
  ],
  [
    'a package among the tests, which is for them',
    {
      'setup.py': '',
      'tests/pyproject.toml': '',
      'tests/__init__.py': '',
      'tests/test_a.py': 'import unittest',
    },
    ['uv run other -vv'],
    ['pip -e .', 'python3 -m unittest discover -s tests -t .'],
  ],
  [
    'a task of poe that is a list, with what its line installs',
    {
      'pyproject.toml': `${PACKAGE}[tool.poe.tasks.test]\nsequence = [{cmd = "pytest --cov"}, {cmd = "pytest tests/e2e"}]`,
      'uv.lock': '',
      'tests/test_a.py': '',
    },
    ['uv run --all-extras --group test poe test'],
    ['pip uv', 'uv sync --frozen --all-extras --group test --inexact', 'uv run --frozen python3 -m pytest'],
  ],
  [
    'a version of a matrix beside what conda has installed',
    { ...TESTED, 'test_requirements.txt': 'pytest\nmoto' },
    ['pip install "b<4"', 'pip install . --no-deps', 'pytest --durations-path d.json'],
    ["pip 'b<4'", 'pip -e .', 'pip -r test_requirements.txt pytest', 'python3 -m pytest'],
  ],
  [
    'sessions of nox by what they run, and those for coverage last',
    {
      ...TESTED,
      'noxfile.py':
        'def a(session):\n    deps(session)\n    session.run("pytest")\n\ndef coverage(session):\n    deps(session)\n    session.run("coverage", "run", "-m", "pytest")\n',
    },
    ['nox -s coverage', 'nox --add-timestamp -s a b'],
    ['pip -e . nox', 'python3 -m nox -s a --force-python python3'],
  ],
  [
    'a session of nox that is not there',
    { ...TESTED, 'noxfile.py': 'def lint(session):\n    session.run("ruff")\n' },
    ['nox -x'],
    ['pip -e . pytest', 'python3 -m pytest'],
  ],
  [
    'a session of nox with parameters and versions of a matrix',
    {
      ...TESTED,
      'noxfile.py':
        'def test(session, django, project):\n    session.install(\n        f"django~={django}",\n        "b>=1,<2",  # of it\n        # "c",\n        ".[d,e]",\n    )\n    session.run("coverage", "run", "-m", "pytest", f"--ds={project}", "tests/")\n',
    },
    ['nox -x --session test-3.12'],
    ["pip -e . 'b>=1,<2' -e '.[d,e]' pytest", 'python3 -m pytest tests/'],
  ],
  [
    'programs that run the tests of a package, or those in a folder',
    { 'pyproject.toml': PACKAGE, 'a/tests/test_a.py': '', 'utest/run.py': '' },
    ['coverage run --omit=b.py utest/run.py -v', 'python -m a.utils.run_tests --include_only=b'],
    ['pip -e .', 'python3 utest/run.py'],
  ],
  [
    'a job for tutorials, whose installations say nothing about tests',
    {
      'pyproject.toml': `${PACKAGE}[project.optional-dependencies]\ntesting = ["pytest"]`,
      'tests/test_a.py': '',
    },
    ['docker run a pytest tests/*', 'echo tutorials'],
    ["pip -e '.[testing]' pytest", 'python3 -m pytest'],
  ],
  [
    'tests with a database that is a file, in a job with servers, as make calls them',
    {
      'pyproject.toml': '[tool.poetry]\nname = "a"\n[build-system]\n',
      'poetry.lock': '',
      'tests/test_a.py': '',
      Makefile:
        'opts = -n auto\ndeps:\n\t@poetry install -E a\nci: deps _all\n_all: sqlite pg\nsqlite:\n\tDB=sqlite://:memory: pytest $(opts) tests\npg:\n\tDB=postgres://x pytest $(opts)\n',
    },
    ['docker run -d postgres', 'make ci'],
    [
      'pip poetry',
      'poetry install --no-interaction -E a',
      'DB=sqlite://:memory: poetry run python3 -m pytest tests',
    ],
  ],
])('Python as CI tests it: %s', async (_, files, commands, expected) => {
  expect(await planOf(files, commands)).toEqual(expected)
})
