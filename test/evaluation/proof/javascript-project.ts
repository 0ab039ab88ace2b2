/** Three functions, one of them tested; two of them are wrong. */
export const JAVASCRIPT = {
  'package.json': '{ "type": "module", "scripts": { "test": "node --test" } }\n',
  '.github/backspace.yml': 'checks: node --test\n',
  '.gitignore': 'node_modules/\ngenerated/\n',
  'src/sums.js': `export function add(a, b) {
  return a - b
}
${'// apart\n'.repeat(8)}
export function half(a) {
  return a * 2
}
${'// apart\n'.repeat(8)}
export function times(a, b) {
  return a * b
}
`,
  'test/sums.test.js': `import assert from 'node:assert'
import { test } from 'node:test'
import { times } from '../src/sums.js'

test('times', () => assert.equal(times(2, 3), 6))
`,
}

/** A test that fails before any change, and so do the checks. */
export const RED = {
  'test/add.test.js': `import assert from 'node:assert'
import { test } from 'node:test'
import { add } from '../src/sums.js'

test('add', () => {
  assert.equal(add(1, 2), 3)
})
`,
}

export const FIX_ADD = "sed -i 's/a - b/a + b/' src/sums.js"
export const FIX_HALF = "sed -i 's/a \\* 2/a \\/ 2/' src/sums.js"
export const BREAK_TIMES = "sed -i 's/a \\* b/a + b/' src/sums.js"

/** @param body of a test called `name`. */
export function writeTest(name: string, body: string): string {
  return `cat > test/${name}.test.js <<'END'
import assert from 'node:assert'
import * as fs from 'node:fs'
import * as net from 'node:net'
import { test } from 'node:test'
import * as sums from '../src/sums.js'
test('${name}', ${body})
END`
}

export const TEST_ADD = writeTest('add', '() => assert.equal(sums.add(1, 2), 3)')
export const TEST_HALF = writeTest('half', '() => assert.equal(sums.half(4), 2)')
