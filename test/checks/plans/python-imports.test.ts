import { expect, test } from 'vitest'
import { type Files, PACKAGE, planOf } from './plan-of-python.ts'

const CHECK = 'python3 -m pytest'
const importing = (text: string): Files => ({ 'pyproject.toml': PACKAGE, 'tests/test_a.py': text })
const EXTRA = `${PACKAGE}[project.optional-dependencies]\nodd = ["responses>=0.2"]\n`

test.each<[string, Files, readonly string[], string]>([
  [
    'an extra',
    { ...importing('import responses\n'), 'pyproject.toml': EXTRA },
    [],
    "-e . pytest 'responses>=0.2'",
  ],
  [
    'a group',
    {
      ...importing('from responses.matchers import a\n'),
      'pyproject.toml': `${PACKAGE}[dependency-groups]\nodd = ["Responses"]\n`,
    },
    [],
    '-e . pytest Responses',
  ],
  [
    'strings of a program beside setup.py',
    {
      'setup.py': '',
      'testsrequire.py': "tests_require = [\n    'freezegun',\n]\n",
      'tests/test_a.py': 'import freezegun\n',
    },
    [],
    '-e . pytest freezegun',
  ],
  [
    'a list that is not for tests, under another name than its module',
    { ...importing('import os, yaml as y\n'), 'requirements-docs.txt': 'PyYAML==5.1  # old\n' },
    [],
    '-e . pytest PyYAML',
  ],
  [
    'an environment of tox that does not test',
    {
      ...importing('import responses\n'),
      'tox.ini': '[testenv:docs]\ndeps =\n  py3: responses<1\ncommands = sphinx-build .\n',
    },
    [],
    "-e . pytest 'responses<1'",
  ],
  [
    'another list, and only the name where places ask for other versions',
    {
      ...importing('import responses\n'),
      'docs/requirements.txt': 'responses<1\n',
      'more/requirements.txt': 'responses>2\n',
    },
    [],
    '-e . pytest responses',
  ],
  [
    'lists of a setup.py',
    {
      'setup.py':
        'more = {\n  "x": ["responses>=1"],\n}\nDEV_NEEDS = ["freezegun"]\nsetup(extras_require=more)',
      'tests/test_a.py': 'import responses\nimport freezegun\n',
    },
    [],
    "-e . pytest 'responses>=1' freezegun",
  ],
  [
    'what conftest.py imports',
    { ...importing(''), 'pyproject.toml': EXTRA, 'tests/conftest.py': 'import responses\n' },
    [],
    "-e . pytest 'responses>=0.2'",
  ],
  [
    'plugins of pytest that tests use',
    {
      ...importing(
        'def test_a(tmp_path, mocker):\n    pass\n\n@pytest.mark.asyncio\nasync def test_b():\n    pass\n',
      ),
      'noxfile.py': 'def odd(session):\n    session.install("pytest-asyncio", "pytest-mock")\n',
    },
    [],
    '-e . pytest pytest-asyncio pytest-mock',
  ],
])('what tests import is installed as %s names it', async (_, files, commands, installs) => {
  const plan = await planOf(files, commands)
  expect(plan.at(-1)).toBe(CHECK)
  expect(plan.filter((line) => line.startsWith('pip ')).join(' ')).toContain(installs)
})

test.each<[string, Files]>([
  ['nothing in the repository names', importing('import responses\n')],
  [
    'only a part of a test imports',
    { ...importing('def test_a():\n    import responses\n'), 'pyproject.toml': EXTRA },
  ],
  [
    'a test skips without',
    {
      ...importing('pytest.importorskip("responses")\nimport responses\n'),
      'pyproject.toml': EXTRA,
    },
  ],
  [
    'is a module of the repository',
    { ...importing('import responses\n'), 'pyproject.toml': EXTRA, 'tests/responses.py': '' },
  ],
  [
    'is a module of Python',
    { ...importing('import dataclasses\n'), 'pyproject.toml': EXTRA.replace('responses', 'dataclasses') },
  ],
  [
    'is the project itself',
    { ...importing('import a\n'), 'pyproject.toml': EXTRA.replace('responses>=0.2', 'a[x]') },
  ],
  [
    'only fixtures import',
    { ...importing(''), 'pyproject.toml': EXTRA, 'tests/fixtures/conftest.py': 'import responses\n' },
  ],
])('what %s is not installed', async (_, files) => {
  expect(await planOf(files)).toEqual(['pip -e . pytest', CHECK])
})

test('what the project itself or its list brings is not named again', async () => {
  const needs = '[project]\nname = "a"\ndependencies = ["responses>=1"]\n[build-system]\n'
  const docs = { 'docs/requirements.txt': 'responses\npyyaml\n', 'requirements-dev.txt': '-r more/b.txt\n' }
  const files = { ...importing('import responses\nimport yaml\n'), ...docs, 'more/b.txt': 'PyYAML\n' }
  expect(await planOf({ ...files, 'pyproject.toml': needs })).toEqual([
    'pip -r requirements-dev.txt -e . pytest',
    CHECK,
  ])
})

test('a lock file keeps what is installed as it is', async () => {
  const files = { ...importing('import responses\n'), 'pyproject.toml': EXTRA, 'uv.lock': '' }
  expect((await planOf(files)).join('\n')).not.toContain('responses')
})
