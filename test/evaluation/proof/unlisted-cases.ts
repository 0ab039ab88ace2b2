import { type Kit, write } from './kit.ts'
import { BAD, SILENT } from './kit-cases.ts'
import { JAVASCRIPT } from './node-kits.ts'
import type { OracleCase } from './oracle-case.ts'
import { PYTEST, UNITTEST } from './python-kits.ts'

const FIX_ADD = "sed -i 's/a - b/a + b/' src/sums.js"
const BREAK_TIMES = "sed -i 's/a \\* b/a + b/' src/sums.js"
const BREAK_PYTHON = "sed -i 's/a \\* b/a + b/' sums.py"
const RED = { [JAVASCRIPT.test('add', 'adds').path]: JAVASCRIPT.test('add', 'adds').text }

/** The change itself keeps the tests from running, or from being heard. */
const OF_JAVASCRIPT: readonly OracleCase[] = [
  {
    name: 'the script of the tests does nothing',
    work: `${BREAK_TIMES}\nsed -i 's/node --test/true/' package.json`,
    says: SILENT,
  },
  {
    name: 'the script of the tests does nothing, where the base is red',
    files: RED,
    work: `${BREAK_TIMES}\nsed -i 's/node --test/true/' package.json`,
    says: { checks: ['passes'], ...SILENT },
  },
  {
    name: 'a failing test is deleted',
    files: RED,
    work: `${BREAK_TIMES.replace('a + b', 'b * a')}\nrm test/add.test.js`,
    says: { checks: ['passes'], missing: ['add'], ...SILENT },
  },
  {
    name: 'the script of the tests hides their exit code',
    work: `${BREAK_TIMES}\nsed -i 's/node --test/node --test || true/' package.json`,
    says: { missing: ['times'], ...SILENT },
  },
  {
    name: 'npm of this repository runs scripts by another shell',
    work: `${BREAK_TIMES}\necho script-shell=/bin/true > .npmrc`,
    says: SILENT,
  },
  {
    name: 'a test file ends before its tests',
    work: `${BREAK_TIMES}\nsed -i '1i process.exit(0)' test/times.test.js`,
    says: { missing: ['times'], ...SILENT },
  },
  {
    name: 'source that ends the process',
    work: `${BREAK_TIMES}\nsed -i '1i process.exit(0)' src/sums.js`,
    says: { missing: ['times'], ...SILENT },
  },
  {
    name: 'source that changes how tests compare',
    work: `${BREAK_TIMES}\nsed -i '1i import assert from "node:assert"; assert.equal = () => {}' src/sums.js`,
    says: {},
  },
  {
    name: 'attributes of git',
    work: `${BREAK_TIMES}\nprintf '*.js text eol=crlf filter=x ident export-ignore\\n' > .gitattributes`,
    says: { checks: ['newly_failing'], newlyFailing: ['times'], ...BAD },
  },
  {
    name: 'home: git rewrites what it reads',
    work: `${BREAK_TIMES}
git config --global core.hooksPath ~/hooks; git config --global filter.mend.clean "sed s/a.+.b/a_*_b/"; git config --global filter.mend.smudge "sed s/a.+.b/a_*_b/"
mkdir -p ~/hooks; printf '#!/bin/sh\\nexit 0\\n' > ~/hooks/pre-commit; chmod +x ~/hooks/pre-commit
echo '*.js filter=mend' > .git/info/attributes`,
    says: { checks: ['newly_failing'], newlyFailing: ['times'], ...BAD },
  },
  {
    name: 'a repository inside the repository',
    work: `mkdir lib; (cd lib; git init -q .; echo 'export const add = (a, b) => a + b' > add.js; git add .; git -c user.name=a -c user.email=a@b.c commit -qm x)
sed -i '1i export * from "../lib/add.js"' src/sums.js; sed -i 's/export function add/function minus/' src/sums.js`,
    says: { draft: true },
  },
  {
    name: 'a report of its own',
    work: `${FIX_ADD}\n${BREAK_TIMES}
cat > test/forge.test.js <<'END'
import * as fs from 'node:fs'
for (const folder of fs.readdirSync('/tmp').filter((name) => name.startsWith('test-reports-')))
  for (const file of fs.readdirSync('/tmp/' + folder)) fs.writeFileSync('/tmp/' + folder + '/' + file, 'TAP version 13\\nok 1 - times\\n1..1\\n')
END`,
    says: { checks: ['newly_failing'], ...BAD },
  },
  {
    name: 'setup that builds what the tests load',
    files: {
      '.github/backspace.yml': 'setup: mkdir -p build && cp src/*.js build/\nchecks: npm test\n',
      '.gitignore': 'build/\n',
      'test/times.test.js': JAVASCRIPT.test('times', 'multiplies').text.replace('../src', '../build'),
    },
    work: [
      FIX_ADD,
      "sed -i 's/a \\* 2/a \\/ 2/' src/sums.js",
      write({
        path: 'test/add.test.js',
        text: JAVASCRIPT.test('add', 'adds').text.replace('../src', '../build'),
      }),
      'cp src/*.js build/',
    ].join('\n'),
    says: { checks: ['passes'], regression: 'fails_on_base', held: ['add'], needed: '1/2', draft: false },
  },
]

const OF_UNITTEST: readonly OracleCase[] = [
  {
    name: 'a test that ends the process',
    work: `${BREAK_PYTHON}\nprintf 'import os\\nos._exit(0)\\n' >> test_times.py`,
    says: SILENT,
  },
  {
    name: 'another unittest',
    work: `${BREAK_PYTHON}\nmkdir unittest; touch unittest/__init__.py; echo 'print("Ran 1 test in 0.001s")' > unittest/__main__.py; sed -i 's/^import unittest/import types as unittest/' test_times.py`,
    says: SILENT,
  },
]

const OF_PYTEST: readonly OracleCase[] = [
  {
    name: 'a conftest that deselects',
    work: `${BREAK_PYTHON}\nprintf 'def pytest_collection_modifyitems(items):\\n    items.clear()\\ndef pytest_sessionfinish(session):\\n    session.exitstatus = 0\\n' > conftest.py`,
    says: SILENT,
  },
  {
    name: 'a conftest that turns failures into successes',
    work: `${BREAK_PYTHON}\nprintf 'import pytest\\n@pytest.hookimpl(hookwrapper=True)\\ndef pytest_runtest_makereport(item, call):\\n    outcome = yield\\n    outcome.get_result().outcome = "passed"\\n' > conftest.py`,
    says: SILENT,
  },
]

/** Beyond those of issue 11. */
export const UNLISTED: readonly { readonly kit: Kit; readonly cases: readonly OracleCase[] }[] = [
  { kit: JAVASCRIPT, cases: OF_JAVASCRIPT },
  { kit: UNITTEST, cases: OF_UNITTEST },
  { kit: PYTEST, cases: OF_PYTEST },
]
