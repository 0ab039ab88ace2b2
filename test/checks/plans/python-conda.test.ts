import { expect, test } from 'vitest'
import { detectRepository } from '../../../src/checks/plans/detect-repository.ts'
import { projectOf } from '../project-of.ts'

type Files = Readonly<Record<string, string>>
const CI = '.github/workflows/ci.yml'
const PACKAGE = '[build-system]\n[project]\nname = "a"\n[tool.pytest.ini_options]\n'
const steps = (...lines: readonly string[]) =>
  `jobs:\n  test:\n    steps:\n${lines.map((line) => `      - ${line}\n`).join('')}`

async function planOf(files: Files, tools: readonly string[] = []) {
  const { projects } = await detectRepository(projectOf(files, tools))
  return projects.flatMap(({ setup, checks, missing }) => [
    ...setup,
    ...checks.map(({ inFolder }) => inFolder),
    `missing ${missing?.filter((one) => one !== 'python3').join(' ')}`,
  ])
}

const OWN = '.venv/bin/python3 -m pip install --quiet --no-deps -e .'

test.each<[string, Files, readonly string[], readonly string[]]>([
  [
    'the environment that an action makes',
    {
      'pyproject.toml': PACKAGE,
      'tests/test_a.py': '',
      'ci/env.yml': '',
      [CI]: steps(
        'uses: conda-incubator/setup-miniconda@v3\n        with: { environment-file: ci/env.yml }',
        'run: pytest',
      ),
    },
    [],
    ['conda env create --quiet --prefix .venv --file ci/env.yml', OWN, 'python3 -m pytest', 'missing conda'],
  ],
  [
    'an environment by another program',
    { 'pyproject.toml': PACKAGE, 'test_a.py': '', 'environment.yml': 'dependencies:\n  - pytest\n' },
    ['micromamba'],
    [
      'micromamba create --yes --quiet --prefix .venv --file environment.yml',
      OWN,
      'python3 -m pytest',
      'missing ',
    ],
  ],
  [
    'lists that CI installs by conda',
    {
      'pyproject.toml': PACKAGE,
      'tests/test_a.py': '',
      'tests/requirements.txt': 'pytest',
      [CI]: steps('run: conda install --yes --file tests/requirements.txt', 'run: pytest'),
    },
    ['conda'],
    [
      'conda create --yes --quiet --prefix .venv pip --file tests/requirements.txt',
      OWN,
      'python3 -m pytest',
      'missing ',
    ],
  ],
  [
    'a task of pixi',
    { 'pyproject.toml': PACKAGE, 'test_a.py': '', 'pixi.toml': '[feature.test.tasks]\ntest = "pytest"' },
    [],
    ['pixi install', 'pixi run test', 'missing pixi'],
  ],
  [
    'pip, where a manifest says what tests need',
    {
      'pyproject.toml': `${PACKAGE}[project.optional-dependencies]\ntest = ["pytest"]`,
      'test_a.py': '',
      'environment.yml': 'dependencies:\n  - pytest\n',
      'pixi.toml': '[tasks]\ntest = "pytest"',
    },
    [],
    [
      'python3 -m venv .venv',
      ".venv/bin/python3 -m pip install --quiet -e '.[test]' pytest",
      'python3 -m pytest',
      'missing ',
    ],
  ],
  [
    'a list that a job installs if it is there',
    {
      'pyproject.toml': PACKAGE,
      'dev.txt': '',
      'tests/a/test_a.py': '',
      [CI]: steps('run: if [ -f dev.txt ]; then pip install -r dev.txt; fi', 'run: pytest tests/a/test_a.py'),
    },
    [],
    [
      'python3 -m venv .venv',
      '.venv/bin/python3 -m pip install --quiet -r dev.txt',
      '.venv/bin/python3 -m pip install --quiet -e . pytest',
      'python3 -m pytest',
      'missing ',
    ],
  ],
  [
    'versions of what a matrix tests with, beside extras for tests',
    {
      'pyproject.toml': `${PACKAGE}[project.optional-dependencies]\ntest = ["x"]\n`,
      [CI]: steps('run: pip install "b<3"', 'run: pytest'),
    },
    [],
    [
      'python3 -m venv .venv',
      ".venv/bin/python3 -m pip install --quiet 'b<3'",
      ".venv/bin/python3 -m pip install --quiet -e '.[test]' pytest",
      'python3 -m pytest',
      'missing ',
    ],
  ],
])('Python: %s', async (_name, files, tools, expected) => {
  expect(await planOf(files, tools)).toEqual(expected)
})
