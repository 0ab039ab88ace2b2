import type { ScriptedAnswer } from '../../stand-ins/models/script.ts'

/** A project with something to fix, and the turns that fix it. */
export interface SampleProject {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly turns: readonly ScriptedAnswer[]
}

const call = (name: string, args: unknown): ScriptedAnswer => ({ calls: [{ name, args }] })
const edit = (path: string, from: string, to: string): ScriptedAnswer =>
  call('edit', { file_path: path, edits: [{ old_string: from, new_string: to }] })
const write = (path: string, content: string): ScriptedAnswer => call('write', { file_path: path, content })
/** The first `finish` only shows the agent its diff. */
const FINISH = call('finish', { outcome: 'done', title: 'Add', summary: 'It adds.' })

/** One module, and no dependencies. */
const SMALL: SampleProject = {
  name: 'small: Python, no dependencies',
  files: {
    '.github/backspace.yml': 'checks: python3 -m unittest\n',
    'sums.py': 'def add(a, b):\n    return a - b\n\n\ndef times(a, b):\n    return a * b\n',
    'test_sums.py': pythonTest('times', 'times(2, 3), 6'),
  },
  turns: [
    edit('sums.py', 'a - b', 'a + b'),
    write('test_add.py', pythonTest('add', 'add(1, 2), 3')),
    FINISH,
    FINISH,
  ],
}

function pythonTest(name: string, values: string): string {
  return `import unittest
from sums import ${name}


class Test(unittest.TestCase):
    def test_${name}(self):
        self.assertEqual(${values})
`
}

const MODULES = 300
const TESTED = 40
/** Installs without a registry: a thousand files of pip, in each. */
const SETUP = ['a', 'b', 'c'].map((name) => `  - python3 -m venv .venvs/${name}\n`).join('')

const MODULE = (index: number) => `export function add(a, b) {
  return a ${index === 0 ? '-' : '+'} b
}

export function times(a, b) {
  return a * b
}
`

const TEST = (index: number, name: string, values: string) => `import assert from 'node:assert'
import { test } from 'node:test'
import { ${name} } from '../src/module-${index}.js'

test('${name} ${index}', () => assert.equal(${name}(${values}))
`

/** Many modules, test files that take a second or two together, and dependencies that the setup cache keeps. */
const MIDDLE: SampleProject = {
  name: `mid-size: Node, ${TESTED} test files, three virtual environments`,
  files: {
    '.github/backspace.yml': `setup:\n${SETUP}checks: node --test\n`,
    '.gitignore': '.venvs/\n',
    'package.json': '{ "name": "middle", "type": "module" }\n',
    ...Object.fromEntries(
      Array.from({ length: MODULES }, (_, index) => [`src/module-${index}.js`, MODULE(index)]),
    ),
    ...Object.fromEntries(
      Array.from({ length: TESTED }, (_, index) => [
        `test/module-${index}.test.js`,
        TEST(index, 'times', '2, 3), 6'),
      ]),
    ),
  },
  turns: [
    edit('src/module-0.js', 'a - b', 'a + b'),
    write('test/add.test.js', TEST(0, 'add', '1, 2), 3')),
    FINISH,
    FINISH,
  ],
}

export const SAMPLE_PROJECTS: readonly SampleProject[] = [SMALL, MIDDLE]
