import { expect, test } from 'vitest'
import { type Files, PACKAGE, planOf } from './plan-of-python.ts'

const TESTED: Files = { 'pyproject.toml': `${PACKAGE}[tool.pytest.ini_options]`, 'tests/test_a.py': '' }

test.each<[string, Files, readonly string[], readonly string[]]>([
  [
    'what CI installs, where it does not test with tox',
    {
      'setup.py': '',
      'tests/test_a.py': '',
      'r.txt': '',
      'tox.ini': '[testenv]\ndeps = old\ncommands = pytest\n[pytest]\na = b',
    },
    ['pip install -r r.txt', '$VENV/bin/python -Im pytest tests/test_a.py -k x'],
    ['pip -r r.txt', 'pip -e . pytest', 'python3 -m pytest'],
  ],
  [
    'files that a job tests one by one, where others need more',
    {
      ...TESTED,
      'pyproject.toml': `${PACKAGE}optional-dependencies.a = []\n[tool.pytest.ini_options]`,
      'tests/live/test_b.py': '',
      'tests/test_c.py': '',
    },
    ['uv pip install --python $P .[a]', 'pytest -v tests/test_a.py', 'pytest tests/test_c.py'],
    ["pip -e '.[a]' pytest", 'python3 -m pytest tests/test_a.py tests/test_c.py'],
  ],
  [
    'tests that get data that CI fetches, also in a folder with a list of its own',
    { ...TESTED, 'tests/requirements.txt': 'pytest' },
    ['pytest ./tests/test_a.py --image a.img -k a'],
    ['pip -r tests/requirements.txt -e .'],
  ],
  [
    'databases that are files, of a list of addresses',
    TESTED,
    ['docker run -d mysql', 'A_URLS="mysql://x, sqlite:///y" pytest --run-optional-tests=ssh'],
    ['pip -e . pytest', 'A_URLS=sqlite:///y python3 -m pytest'],
  ],
  [
    'what a script exports, but not under a condition',
    { ...TESTED, 'test.sh': 'if [ -d x ]; then\n  export B=c\nfi\nexport A="b"\npytest tests\n' },
    ['./test.sh'],
    ['pip -e . pytest', 'A=b python3 -m pytest tests'],
  ],
  [
    'a requirement that uv takes from a folder, a list deep inside, and not what CI has built itself',
    {
      ...TESTED,
      'pyproject.toml': `${PACKAGE}[dependency-groups]\ntest = ["b"]\n[tool.uv.sources]\nb = {path = "tools/b"}`,
    },
    ['pip install --no-index a', 'pip install "dist/*" --group test -r deps/more/all.txt', 'pytest'],
    ['pip ./tools/b -r deps/more/all.txt', 'pip -e . pytest', 'python3 -m pytest'],
  ],
  [
    'a program that CI runs by tox, in its folder, before options for pytest',
    {
      'setup.cfg': '[metadata]\n[tool:pytest]\na = b',
      'tests/test_a.py': '',
      'tests/testall.py': '',
      'tox.ini': '[testenv]\nchangedir = tests\ncommands = python testall.py\n',
    },
    [`tox -e ${'$'}{{ steps.a.outputs.b }}`],
    ['pip -e .', 'cd tests && python3 testall.py'],
  ],
  [
    'what CI prepares in the environment of tox, between making it and the tests',
    {
      'setup.py': '',
      'test_a.py': '',
      'tox.ini': '[testenv]\ncommands = a-manage test\n',
    },
    ['tox run --notest -e 3.13', 'tox exec -e 3.13 -- python cache.py x', 'tox run -e 3.13'],
    ['pip -e . tox', 'python3 -m tox exec -e py -- python cache.py x', 'python3 -m tox -e py'],
  ],
  [
    'a list for documentation, whose folder has no tests',
    { 'docs/requirements.txt': 'pytest', 'docs/test_a.py': '' },
    ['ruff check'],
    [],
  ],
  [
    'one job of Azure, of several without names',
    {
      ...TESTED,
      'azure-pipelines.yml': `stages: [${['minimum', 'usual', 'publish']
        .map(
          (stage) =>
            `{stage: ${stage}, jobs: [{job: , steps: [{script: pip install ${stage}}, {script: pytest}]}]}`,
        )
        .join()}]`,
    },
    [],
    ['pip usual', 'pip -e . pytest', 'python3 -m pytest'],
  ],
  [
    'the job that tests in the folder of the tests, and no extra that the package does not have',
    {
      ...TESTED,
      'tests/b.txt': '',
      '.github/workflows/ci.yml':
        'jobs:\n  test-cli:\n    steps:\n      - run: pip install ".[a]"\n  units:\n    steps:\n      - run: pip install -r tests/b.txt ".[c]"\n      - run: pytest\n        working-directory: tests\n',
    },
    [],
    ['pip -r tests/b.txt -e . pytest', 'cd tests && python3 -m pytest'],
  ],
  [
    'an environment of tox for units, with options of another list, beside one that measures',
    {
      'setup.py': '',
      'tests/unit/test_a.py': '',
      'tox.ini':
        '[tox]\nenvlist = py{311,312}-{unit,performance}\n[testenv]\nwarn =\n  py{311}: -W error -x\n  other: -y\ncommands =\n  unit: pytest {[testenv]warn} tests/unit --strict-markers\n  performance: pytest tests/perf\n',
    },
    [],
    ['pip -e . pytest', 'python3 -m pytest tests/unit --strict-markers'],
  ],
  [
    'what CI starts by a target of make with variables, and no variable that names a version of Python',
    {
      ...TESTED,
      Makefile:
        'run:\n\tuv run $(DEPS) $(RUN_ONLY) $(CMD)\nall:\n\tA=b make run \\\n\t\tDEPS="--with x" \\\n\t\tCMD="pytest tests -k \'not slow\'"\ndocs:\n\t$(MAKE) run CMD="pytest src --doctest-modules"\n',
    },
    ['make docs', 'TEST_WITH=3.14 DB=sqlite make all'],
    ['pip -e . pytest', "python3 -m pytest tests -k 'not slow'"],
  ],
  [
    'a task of pixi that starts another manager, in an environment that only a run knows',
    {
      ...TESTED,
      'requirements.txt': 'pytest',
      'pixi.toml': '[feature.cpu.tasks]\ntest = { cmd = "uv run pytest -v tests/" }',
    },
    [`pixi run -e ${'$'}{{ steps.a.outputs.b }} test`],
    ['pip -r requirements.txt -e . pytest', 'python3 -m pytest tests/'],
  ],
  [
    'a program of the repository that a target of make starts by its path, and no environment for the oldest versions',
    {
      'pyproject.toml': PACKAGE,
      'requirements.txt': '',
      ...{ 'test/test_a.py': '', 'scripts/run_tests.py': '' },
      'tox.ini': '[testenv]\ndeps = mindeps: a==1\ncommands = python scripts/run_tests.py\n',
      Makefile: 'test:\n\tscripts/run_tests.py\n',
    },
    ['python -m tox run -e "py-mindeps"', 'make test'],
    ['pip -r requirements.txt -e .', 'python3 scripts/run_tests.py'],
  ],
  [
    'all extras that a manager installs in a job that starts a server for the tests',
    {
      'pyproject.toml': '[tool.poetry]\nname = "a"\n[tool.poetry.group.dev.dependencies]\npytest = "*"',
      ...{ 'poetry.lock': '', 'tests/test_a.py': '' },
      'tests/all.sh': 'docker run -d a\npytest -x\n',
    },
    ['poetry install --no-ansi --all-extras', './tests/all.sh'],
    ['pip poetry', 'poetry install --no-interaction --all-extras', 'poetry run python3 -m pytest'],
  ],
  [
    'pip, where the job that tests brings pytest by it and another one makes an environment of conda',
    {
      ...{ 'setup.py': '', 'test_a.py': '', 'ci/environment.yml': 'dependencies:\n  - pip\n' },
    },
    ['conda env create -f ci/environment.yml', 'pip install Cython pytest', 'pytest'],
    ['pip Cython pytest', 'pip -e . pytest', 'python3 -m pytest'],
  ],
])('Python where CI is narrow: %s', async (_, files, commands, expected) => {
  expect(await planOf(files, commands)).toEqual(expected)
})
