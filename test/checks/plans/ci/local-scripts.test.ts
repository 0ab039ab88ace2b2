import { expect, test } from 'vitest'
import { readCi } from '../../../../src/checks/plans/ci/read-ci.ts'
import { projectOf } from '../../project-of.ts'

const CI = '.github/workflows/ci.yml'
const job = (script: string) => `jobs:\n  test:\n    steps:\n      - run: ${script}\n`

async function linesOf(files: Readonly<Record<string, string>>) {
  const { ci } = await readCi(projectOf(files))
  return ci.map(
    ({ file, folder, command, needsMore }) => `${file} [${folder}]${needsMore ? ' more' : ''} ${command}`,
  )
}

test.each<[string, string, string, string, readonly string[]]>([
  [
    'a script of the repository is read with the folder that it goes to',
    './scripts/test -x',
    'scripts/test',
    '#!/usr/bin/env bash\ncd "$(dirname "$0")/.."\nnox() { :; }\nnox -s a\nuv run --locked pytest "$@"\n',
    ['scripts/test [] uv run --locked pytest'],
  ],
  [
    'a script at a place that the list of files does not reach',
    'bash tools/ci/run.sh',
    'tools/ci/run.sh',
    'cd $(dirname $BASH_SOURCE)\nmake check\ncd "$(git rev-parse --show-toplevel)"\nmake test',
    ['tools/ci/run.sh [tools/ci] make check', 'tools/ci/run.sh [] make test'],
  ],
  [
    'a script that starts a service',
    './.ci/run.sh',
    '.ci/run.sh',
    'docker run --detach \\\n  redis\npytest\n',
    ['.ci/run.sh [] more pytest'],
  ],
  [
    'a target of make with what it needs, as far as it is Python',
    'make ci EXTRA=-x',
    'Makefile',
    'R ?= poetry run\nci: deps _all\ndeps:\n\t@poetry install -E a\n_all:\n\t$(R) pytest $(EXTRA)\n\t$(MAKE) other\nother:\n\tgo test ./...\n\tcd b && pytest\n',
    ['Makefile [] poetry install -E a', 'Makefile [] poetry run pytest -x'],
  ],
  [
    'a recipe of just with arguments, of a call with what only the run knows',
    `just py=${'$'}{{ matrix.a && format('python{0}', b) }} one tests`,
    'justfile',
    "one name *args='-n auto':\n    uv run {{ if py != '' { '-p ' } else { '' } }} --all-extras pytest {{name}} {{args}}\n",
    ['justfile [] uv run --all-extras pytest tests -n auto'],
  ],
  [
    'a browser as an argument',
    './run.sh',
    'run.sh',
    'lein doo chrome-headless once\n',
    ['run.sh [] more lein doo chrome-headless once'],
  ],
  [
    'a script in a deep folder',
    'bash .github/scripts/ci/unit.sh',
    '.github/scripts/ci/unit.sh',
    'pytest a\n',
    ['.github/scripts/ci/unit.sh [] pytest a'],
  ],
  ['a program in another language', './run-tests', 'run-tests', '#!/usr/bin/env python3\nmake test\n', []],
  ['what tools write', './gradlew test', 'gradlew', '#!/bin/sh\nmake test\n', []],
])('%s', async (_, called, path, text, expected) => {
  const lines = await linesOf({ [CI]: job(called), [path]: text, 'setup.py': '' })
  expect(lines.filter((line) => !line.startsWith(CI))).toEqual(expected)
})

test('a script that makes an environment of its own needs a network each time, and its tests do not', async () => {
  const script = 'python3 -m venv v\nsource v/bin/activate\ncd _t\npytest --pyargs a\n'
  const lines = await linesOf({ [CI]: job('A=1 bash test.sh'), 'test.sh': script })
  expect(lines.filter((line) => !line.includes('venv'))).toEqual([
    `${CI} [] more bash test.sh`,
    'test.sh [] pytest --pyargs a',
  ])
})
