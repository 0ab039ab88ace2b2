import { apart, type Kit, type Look, SOCKET } from './kit.ts'

/** The tests, as functions that throw or reject. */
const LOOKS: Readonly<Record<Look, string>> = {
  adds: '() => assert.equal(sums.add(1, 2), 3)',
  halves: '() => assert.equal(sums.half(4), 2)',
  multiplies: '() => assert.equal(sums.times(2, 3), 6)',
  always: '() => assert.ok(sums)',
  hangs: '() => new Promise((done) => setTimeout(done, 600_000))',
  flaky: `() => { const seen = fs.existsSync('generated'); fs.mkdirSync('generated', { recursive: true }); assert.ok(seen) }`,
  environment: `() => assert.equal(process.env.ORACLE, 'yes')`,
  server: `() => new Promise((done, fail) => { const socket = net.connect('${SOCKET}', () => { socket.destroy(); done() }); socket.on('error', fail) })`,
  ignored: `() => assert.ok(fs.existsSync('generated/answer'))`,
  submodule: `() => assert.ok(fs.existsSync('lib/answer'))`,
}

const MODULES = `import assert from 'node:assert'
import * as fs from 'node:fs'
import * as net from 'node:net'
`
const REQUIRED = `const assert = require('node:assert')
const fs = require('node:fs')
const net = require('node:net')
const sums = require('../src/sums.js')
`

const functions = (type: string, word: string) =>
  [
    ['add', `a${type}, b${type}`, 'a - b'],
    ['half', `a${type}`, 'a * 2'],
    ['times', `a${type}, b${type}`, 'a * b'],
  ].map(([name, args, value]) => `${word}function ${name}(${args}) {\n  return ${value}\n}\n`)

interface NodeRunner {
  readonly name: string
  readonly check: string
  /** Before the imports that all have. */
  readonly imports: string
  readonly skip: string
  readonly configuration: string
  readonly files?: Readonly<Record<string, string>>
  readonly ending?: 'js' | 'ts'
  readonly isCommon?: boolean
  readonly needs?: string
}

function nodeKit(runner: NodeRunner): Kit {
  const {
    name,
    check,
    imports,
    skip,
    configuration,
    files = {},
    ending = 'js',
    isCommon = false,
    needs,
  } = runner
  const source = `src/sums.${ending}`
  const type = ending === 'ts' ? ': number' : ''
  const body = functions(type, isCommon ? '' : 'export ').join(`\n${apart('// apart')}\n`)
  const head = isCommon ? REQUIRED : `${MODULES}import * as sums from '../${source}'\n`
  const test: Kit['test'] = (title, look, skipped = false) => ({
    path: `test/${title}.test.${ending}`,
    text: `${imports}${head}${skipped ? skip : 'test'}('${title}', ${LOOKS[look]})\n`,
  })
  const times = test('times', 'multiplies')
  const installs = needs === undefined ? '' : `setup: ln -s ${process.env[needs]}/node_modules node_modules\n`
  return {
    name,
    files: {
      'package.json': `{ ${isCommon ? '' : '"type": "module", '}"scripts": { "test": "${check}" } }\n`,
      '.github/backspace.yml': `${installs}checks: npm test\n`,
      '.gitignore': 'node_modules\ngenerated/\n',
      [source]: isCommon ? `${body}\nmodule.exports = { add, half, times }\n` : body,
      [times.path]: times.text,
      ...files,
    },
    source,
    test,
    forged: {
      home: `echo script-shell=/bin/true > ~/.npmrc`,
      programs: ['node', 'npm', 'npx', ...(needs === undefined ? [] : [check.split(' ')[0] ?? ''])],
      installed: {
        files: {
          'vendor/dep.cjs': 'exports.six = 6\n',
          '.github/backspace.yml': `setup:\n  - mkdir -p .venv/dep${needs === undefined ? '' : ` && ln -s ${process.env[needs]}/node_modules node_modules`}\n  - cp vendor/dep.cjs .venv/dep/index.cjs\nchecks: npm test\n`,
          [times.path]: times.text.replace(
            'sums.times(2, 3), 6',
            `sums.times(2, 3), JSON.parse(fs.readFileSync('.venv/dep/index.cjs', 'utf8').replace(/\\D/g, ''))`,
          ),
        },
        work: `echo 'exports.six = 5' > .venv/dep/index.cjs`,
      },
    },
    configuration,
    ...(needs === undefined ? {} : { needs }),
  }
}

const NPM = 'ORACLES_NPM'
/** One that knows TypeScript: that of a sandbox may be older. */
const NODE = process.env.ORACLES_NODE ?? 'node'
const NO_SCRIPT = 'sed -i \'s/"test": "/"test": "true || /\' package.json'

export const JAVASCRIPT = nodeKit({
  name: 'JavaScript (node:test)',
  check: 'node --test',
  imports: "import { test } from 'node:test'\n",
  skip: 'test.skip',
  configuration: NO_SCRIPT,
})

export const NODE_KITS: readonly Kit[] = [
  JAVASCRIPT,
  nodeKit({
    name: 'TypeScript (node:test)',
    check: `${NODE} --test`,
    imports: "import { test } from 'node:test'\n",
    skip: 'test.skip',
    configuration: 'echo script-shell=/bin/true > .npmrc',
    ending: 'ts',
  }),
  nodeKit({
    name: 'vitest',
    check: 'vitest run',
    imports: "import { test } from 'vitest'\n",
    skip: 'test.skip',
    configuration:
      'echo "export default { test: { exclude: [\'test/times.test.js\'], passWithNoTests: true } }" > vitest.config.js',
    needs: NPM,
  }),
  nodeKit({
    name: 'jest',
    check: 'jest',
    imports: '',
    skip: 'test.skip',
    configuration:
      'echo "module.exports = { testPathIgnorePatterns: [\'times\'], passWithNoTests: true }" > jest.config.js',
    isCommon: true,
    needs: NPM,
  }),
  nodeKit({
    name: 'mocha',
    check: 'mocha test',
    imports: 'const test = it\n',
    skip: 'it.skip',
    configuration: `echo '{ "grep": "nothing" }' > .mocharc.json`,
    needs: NPM,
  }),
]
