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
const DEPENDENCY_FILES = 4_000
/** The time that a registry takes. */
const DOWNLOAD_MS = 5_000

/** What `npm ci` does with a thousand packages, without a registry. */
const INSTALL = `import { mkdirSync, writeFileSync } from 'node:fs'
for (let index = 0; index < ${DEPENDENCY_FILES}; index++) {
  const folder = 'node_modules/dependency-' + (index >> 3)
  mkdirSync(folder, { recursive: true })
  writeFileSync(folder + '/' + (index & 7) + '.js', 'module.exports = ' + index + '\\n'.repeat(index & 511))
}
setTimeout(() => {}, ${DOWNLOAD_MS})
`

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
  name: `mid-size: Node, ${TESTED} test files, ${DEPENDENCY_FILES} files of dependencies`,
  files: {
    '.github/backspace.yml': 'setup: node install.js\nchecks: node --test\n',
    '.gitignore': 'node_modules/\n',
    'package.json': '{ "name": "middle", "version": "1.0.0", "type": "module" }\n',
    'package-lock.json': '{ "name": "middle", "version": "1.0.0", "lockfileVersion": 3, "packages": {} }\n',
    'install.js': INSTALL,
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
