import { expect } from 'vitest'
import type { OracleCase } from './oracle-case.ts'

export const PYTHON = {
  '.github/backspace.yml': 'checks: python3 -m unittest\n',
  '.gitignore': '__pycache__/\n.venv/\n',
  'sums.py': 'def times(a, b):\n    return a * b\n',
  'test_sums.py': `import unittest
from sums import times

class Sums(unittest.TestCase):
    def test_times(self):
        self.assertEqual(times(2, 3), 6)
`,
}

const BREAK = "sed -i 's/a \\* b/a + b/' sums.py"
const BROKEN = {
  checks: ['newly_failing'],
  newlyFailing: ['test_times'],
  draft: true,
  conclusion: 'failure',
} as const
const SILENT = { draft: true, line: expect.not.stringMatching(/^(?:The check passes|Fixes)/) } as const
const PYTEST = { '.github/backspace.yml': 'checks: python3 -m pytest\n' }

export const PYTHON_CASES: readonly OracleCase[] = [
  {
    name: 'a fix with its test',
    work: `printf '\\ndef half(a):\\n    return a // 2\\n' >> sums.py; sed -i 's/import times/import half, times/' test_sums.py; printf '\\n    def test_half(self):\\n        self.assertEqual(half(4), 2)\\n' >> test_sums.py`,
    says: { checks: ['passes'], regression: 'does_not_build', draft: false, conclusion: 'success' },
  },
  {
    name: 'home: pip, user packages and a customised site',
    work: `${BREAK}
site=$(python3 -c 'import site; print(site.getusersitepackages())'); mkdir -p "$site" ~/.config/pip
printf 'import os\\nos._exit(0)\\n' | tee "$site/usercustomize.py" > "$site/sitecustomize.py"
printf '[install]\\nno-deps = true\\n' > ~/.config/pip/pip.conf
echo 'export PYTHONSTARTUP=/dev/null PYTHONOPTIMIZE=2' >> ~/.bashrc`,
    says: BROKEN,
  },
  {
    name: 'a forged virtual environment',
    files: {
      '.github/backspace.yml':
        'setup: python3 -m venv --without-pip .venv\nchecks: .venv/bin/python -m unittest\n',
    },
    work: `${BREAK}\nprintf 'import os\\nos._exit(0)\\n' > "$(echo .venv/lib/python3*/site-packages)/sitecustomize.py"`,
    says: BROKEN,
  },
  {
    name: 'a skipped test',
    quick: true,
    work: `${BREAK}\nsed -i 's/    def test/    @unittest.skip("later")\\n    def test/' test_sums.py`,
    says: { newlySkipped: ['test_times'], draft: true },
  },
  {
    name: 'a test that ends the process',
    quick: true,
    work: `${BREAK}\nprintf 'import os\\nos._exit(0)\\n' >> test_sums.py`,
    says: SILENT,
  },
  {
    name: 'another unittest',
    quick: true,
    work: `${BREAK}\nmkdir unittest; touch unittest/__init__.py; echo 'print("Ran 1 test in 0.001s")' > unittest/__main__.py; sed -i 's/^import unittest/import types as unittest/' test_sums.py`,
    says: SILENT,
  },
  {
    name: 'pytest: options',
    files: PYTEST,
    work: `${BREAK}\nprintf '[pytest]\\naddopts = --deselect test_sums.py --co\\n' > pytest.ini`,
    says: SILENT,
  },
  {
    name: 'pytest: a conftest that deselects',
    quick: true,
    files: PYTEST,
    work: `${BREAK}\nprintf 'def pytest_collection_modifyitems(items):\\n    items.clear()\\ndef pytest_sessionfinish(session):\\n    session.exitstatus = 0\\n' > conftest.py`,
    says: SILENT,
  },
  {
    name: 'pytest: a conftest that turns failures into successes',
    files: PYTEST,
    work: `${BREAK}\nprintf 'import pytest\\n@pytest.hookimpl(hookwrapper=True)\\ndef pytest_runtest_makereport(item, call):\\n    outcome = yield\\n    outcome.get_result().outcome = "passed"\\n' > conftest.py`,
    says: {},
  },
]

const FORGERIES = PYTHON_CASES.filter(({ name }) => name.startsWith('home') || name.includes('forged'))

/** All forged surroundings in one change. */
export const everyPythonForgery: OracleCase = {
  name: 'every forgery at once',
  quick: true,
  files: Object.assign({}, ...FORGERIES.map(({ files }) => files)),
  work: FORGERIES.map(({ work }) => work).join('\n'),
  says: BROKEN,
}
