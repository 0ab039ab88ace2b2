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
    ['python utest/run.py -v', 'python -m a.utils.run_tests --include_only=b'],
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
