/**
 * Reporters that Backspace writes into the sandbox, for runners whose own reports do not name the files of tests or would
 * replace the output for people. Each process writes one line per test to its own file, for `readOwnLines`. A runner that
 * the tests themselves start writes nothing.
 */

/** A variable that marks child processes of a runner. */
const NESTED = 'NESTED_TEST_REPORT'

const CLAIM = `
const { env, pid } = process
const nested = env.${NESTED} !== undefined
env.${NESTED} = '1'
const lines = []
`

/** A reporter for `node --test-reporter`: the usual output, without the coverage table that people did not ask for. */
export function quietSpec(): string {
  return `import { spec } from 'node:test/reporters'
export default function quiet() {
  const reporter = new spec()
  const transform = reporter._transform
  reporter._transform = function (event, encoding, done) {
    if (event.type === 'test:coverage') done()
    else transform.call(this, event, encoding, done)
  }
  return reporter
}
`
}

/** A reporter for `node --test-reporter` that prints nothing. It writes coverage to a file beside that of its lines. */
export function nodeReporter(folder: string): string {
  return `import { appendFileSync } from 'node:fs'
${CLAIM}
const target = ${JSON.stringify(folder)} + '/node-' + pid + '.lines'
const coverage = ${JSON.stringify(folder)} + '/node-' + pid + '.info'
export default async function* report(source) {
  const open = new Map()
  for await (const { type, data } of source) {
    if (nested || !data) continue
    if (type === 'test:coverage') {
      for (const file of data.summary.files) {
        const counts = (file.lines ?? []).map(({ line, count }) => 'DA:' + line + ',' + count + '\\n')
        appendFileSync(coverage, 'SF:' + file.path + '\\n' + counts.join('') + 'end_of_record\\n')
      }
      continue
    }
    const file = data.file
    const stack = open.get(file) ?? []
    open.set(file, stack)
    if (type === 'test:start') {
      stack.length = data.nesting
      stack[data.nesting] = { name: data.name, children: 0, failed: 0 }
    } else if (type === 'test:pass' || type === 'test:fail') {
      const own = stack[data.nesting] ?? { children: 0, failed: 0 }
      const above = stack[data.nesting - 1]
      const isOff = data.skip !== undefined && data.skip !== false || data.todo !== undefined && data.todo !== false
      const status = isOff ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed'
      if (above) above.children++
      if (above && (status === 'failed' || own.failed > 0)) above.failed++
      const isFile = data.nesting === 0 && file !== undefined && (data.name === file || file.endsWith('/' + data.name))
      const counts = status === 'failed' ? own.failed === 0 : own.children === 0 && data.details?.type !== 'suite' && !isFile
      if (counts) {
        const path = isFile ? [] : [...stack.slice(0, data.nesting).map((test) => test?.name ?? ''), data.name]
        appendFileSync(target, JSON.stringify({ path, file, status }) + '\\n')
      }
    }
  }
}
`
}

/** A reporter for `mocha --reporter`: mocha's own `spec`, which also writes the lines. */
export function mochaReporter(folder: string): string {
  return `const { createRequire } = require('node:module')
const { writeFileSync } = require('node:fs')
const { reporters } = createRequire(process.argv[1])('mocha')
${CLAIM}
const target = ${JSON.stringify(folder)} + '/mocha-' + pid + '.lines'
module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options)
    if (nested) return
    const note = (test, status) => {
      const path = typeof test.titlePath === 'function' ? test.titlePath() : [test.fullTitle()]
      lines.push(JSON.stringify({ path, file: test.file ?? test.parent?.file ?? undefined, status }))
    }
    runner.on('pass', (test) => note(test, 'passed'))
    runner.on('fail', (test) => note(test, 'failed'))
    runner.on('pending', (test) => note(test, 'skipped'))
    runner.once('end', () => writeFileSync(target, lines.map((line) => line + '\\n').join('')))
  }
}
`
}
