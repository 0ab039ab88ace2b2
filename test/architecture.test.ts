import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { STEPS } from '../src/runs/run-event.ts'

const ROOT = join(import.meta.dirname, '..')

/** What belongs to everybody. */
const FOR_ALL = ['errors', 'secrets', 'text', 'time', 'memory', 'processes']

/** Who may import whom; ARCHITECTURE and CONTRIBUTING show the same table. `type:` allows types only. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'start.js': ['main'],
  'compile-cache.js': [],
  main: ['backspace', 'config'],
  ...Object.fromEntries(['backspace', 'wiring', 'functions', 'commands'].map((name) => [name, ['*']])),
  config: ['settings'],
  client: [],
  settings: ['models', 'type:runs', 'type:setup-cache'],
  receipts: ['db', 'audit', 'runs'],
  readiness: 'config github models sandbox db agent wiring'.split(' '),
  web: ['runs', 'triggers', 'db', 'audit', 'receipts', 'type:github', 'type:readiness'],
  triggers: ['runs', 'github', 'audit'],
  pipeline: 'receipts runs agent sandbox checks github audit setup-cache verify type:models'.split(' '),
  'setup-cache': ['db', 'type:runs', 'type:sandbox', 'type:github'],
  agent: ['models', 'sandbox'],
  checks: ['sandbox'],
  verify: ['checks', 'sandbox', 'type:runs', 'type:github'],
  runs: ['db', 'audit', 'type:agent'],
  audit: ['db'],
  telemetry: ['runs', 'type:agent', 'type:models', 'type:pipeline'],
  models: [],
  sandbox: [],
  github: [],
  isolated: [],
  db: [],
  ...Object.fromEntries(FOR_ALL.map((name) => [name, []])),
}

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

function filesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|js)$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes('fixtures/'))
    .sort()
}

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const lineCount = (path: string) => read(path).split('\n').length - 1
const sources = filesUnder('src')
const everything = [...sources, ...filesUnder('test'), ...filesUnder('deploy')]

/** `src/web/app.ts` → `web`; `src/main.ts` → `main`. */
function layerOf(path: string): string {
  return path.split('/')[1]?.replace(/\.ts$/, '') ?? ''
}

/** Statements are as the formatter leaves them, so their text is enough. */
function importsOf(path: string): Import[] {
  const statement = /^(?:import|export)\s+(type\s+)?([^'";]*?)\s*from\s+'(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm
  return [...read(path).matchAll(statement)].map(([, type, names = '', fixed, dynamic]) => ({
    from: path,
    to: join(dirname(path), fixed ?? dynamic ?? ''),
    typeOnly: type !== undefined || isAllTypes(names),
  }))
}

/** `{ type A, type B }` imports nothing that runs. */
function isAllTypes(names: string): boolean {
  const list = /^\{([^}]*)\}$/
    .exec(names.trim())?.[1]
    ?.split(',')
    .map((name) => name.trim()) ?? ['']
  return list.filter((name) => name !== '').every((name) => name.startsWith('type ')) && names.includes('{')
}

const imports = sources.flatMap(importsOf)

test('every folder imports only what the table allows', () => {
  const forbidden = imports.filter(({ from, to, typeOnly }) => {
    const [source, target] = [layerOf(from), layerOf(to)]
    if (source === target || FOR_ALL.includes(target)) return false
    const allowed = MAY_IMPORT[source] ?? []
    return !allowed.some((rule) => rule === '*' || rule === target || (typeOnly && rule === `type:${target}`))
  })
  expect(forbidden.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
})

test('every folder of src has its line in the table', () => {
  const layers = [...new Set(sources.map(layerOf))].sort()
  expect(layers.filter((layer) => MAY_IMPORT[layer] === undefined)).toEqual([])
})

test('the web reaches triggers only through code-request', () => {
  const others = imports.filter(
    ({ from, to }) =>
      layerOf(from) === 'web' && layerOf(to) === 'triggers' && !to.endsWith('code-request.ts'),
  )
  expect(others).toEqual([])
})

test('no file imports itself through others, not even for a type', () => {
  const edges = new Map<string, string[]>()
  for (const { from, to } of imports) edges.set(from, [...(edges.get(from) ?? []), to])
  expect(findCycle(edges)).toBeUndefined()
})

test('a file is a concept: none under 25 lines serves a single file of its own folder', () => {
  const importers = new Map<string, Set<string>>()
  for (const { from, to } of imports) importers.set(to, new Set([...(importers.get(to) ?? []), from]))
  const fragments = sources.filter((path) => {
    const [only, ...others] = importers.get(path) ?? []
    const isAlone = others.length === 0 && only !== undefined && dirname(only) === dirname(path)
    return isAlone && lineCount(path) < 25
  })
  expect(fragments).toEqual([])
})

test('a name is exported by one file only', () => {
  const exported = /^export (?:async )?(?:function\*?|const|let|class|interface|type) (\w+)/gm
  const files = new Map<string, string[]>()
  for (const path of sources) {
    // The same name twice in one file is a type and its value, or an overload.
    for (const name of new Set([...read(path).matchAll(exported)].map(([, found = '']) => found)))
      files.set(name, [...(files.get(name) ?? []), path])
  }
  expect([...files].filter(([, paths]) => paths.length > 1)).toEqual([])
})

function findCycle(edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>()
  function visit(file: string, trail: readonly string[]): string[] | undefined {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const next of edges.get(file) ?? []) {
      const cycle = visit(next, [...trail, file])
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of edges.keys()) {
    const cycle = visit(file, [])
    if (cycle) return cycle
  }
  return undefined
}

test('files stay under 250 lines, and folders under 46 files (decision 8)', () => {
  const large = [...Map.groupBy(sources, dirname)].filter(([, files]) => files.length > 45)
  expect(large.map(([folder]) => folder)).toEqual([])
  expect(everything.filter((path) => lineCount(path) > 250)).toEqual([])
})

test('only config.ts reads the environment', () => {
  expect(sources.filter((path) => path !== 'src/config.ts' && read(path).includes('process.env'))).toEqual([])
})

test('programs are started by sandboxes, and by the small process for it (S25)', () => {
  const starters = sources.filter((path) => /child_process/.test(read(path)))
  const others = starters.filter((path) => !/^src\/(?:sandbox|processes)\//.test(path))
  // A person's own clone, on their own machine, and npm, which an operator asks to download.
  const clones = ['compare-clone', 'local-clone', 'open-tree'].map((name) => `terminal/clone/${name}`)
  expect(others).toEqual(['install/fetch-claude-code', ...clones].map((name) => `src/commands/${name}.ts`))
})

test('only main and commands end the process or print', () => {
  const entry = (path: string) => /^src\/(?:main\.ts|commands\/|processes\/spawner-process\.js)/.test(path)
  const browser = (path: string) => path.startsWith('src/web/pages/')
  const loud = sources.filter(
    (path) => !entry(path) && !browser(path) && /console\.|process\.exit\(/.test(read(path)),
  )
  expect(loud.filter((path) => !path.startsWith('src/sandbox/box/'))).toEqual([])
})

test('no folder is a drawer for odds and ends', () => {
  expect(everything.filter((path) => /\/(utils?|helpers?|common|lib|misc)(\/|\.)/.test(path))).toEqual([])
})

test('our own modules are never mocked, no test is left out or singled out, and none waits a second at most', () => {
  // `vi.waitFor` and `vi.waitUntil` wait a second; `expect.poll` and `eventually` wait two minutes.
  const marks = /\bvi\.(?:mock|waitFor|waitUntil)\(|\b(?:test|describe|it)\.(?:only|skip|todo)\(/
  const self = 'test/architecture.test.ts'
  expect(everything.filter((path) => path !== self && marks.test(read(path)))).toEqual([])
})

test('nothing is left for later, and no type is waved through', () => {
  const marks = /\b(?:TODO|FIXME|XXX)\b|@ts-(?:ignore|expect-error|nocheck)|\bas any\b|: any\b/
  const self = 'test/architecture.test.ts'
  expect(everything.filter((path) => path !== self && marks.test(read(path)))).toEqual([])
})

test('modules keep no mutable state of their own', () => {
  const stateful = sources.filter(
    (path) => !path.startsWith('src/web/pages/') && /^(?:export )?let /m.test(read(path)),
  )
  expect(stateful.filter((path) => !path.startsWith('src/sandbox/box/'))).toEqual([])
})

test('source files have the kebab-case name of what they export', () => {
  expect(
    sources.filter((path) => !/^[a-z0-9]+([-.][a-z0-9]+)*\.(ts|mjs|js)$/.test(path.split('/').at(-1) ?? '')),
  ).toEqual([])
})

/** Folders and files of `src/pipeline`, from the ground up: each may import only what is below it. */
const PIPELINE_FLOORS = [
  ['workspace', 'mask', 'run-report', 'usage'],
  ['attempt', 'collect'],
  ['journal'],
  ['sandbox', 'clone'],
  ['merge'],
  ['setup'],
  ['checks', 'checkpoint'],
  ['parent-run', 'verify'],
  ['gate', 'ready-sandbox', 'conventions'],
  ['texts', 'find-start'],
  ['agent', 'report'],
  ['publish', 'end-run'],
  ['work-in-sandbox', 'prove', 'run-services'],
  ['propose', 'review-of-run', 'parts-of-run'],
  ['steps-of-run', 'publishing-of-run'],
  ['execute-run'],
]

test('the pipeline has floors', () => {
  const inPipeline = (path: string) => path.startsWith('src/pipeline/')
  const roomOf = (path: string) => path.split('/')[2]?.replace(/\.ts$/, '') ?? ''
  const floorOf = (path: string) => PIPELINE_FLOORS.findIndex((floor) => floor.includes(roomOf(path)))
  expect(sources.filter((path) => inPipeline(path) && floorOf(path) === -1)).toEqual([])
  const upward = imports.filter(
    ({ from, to }) =>
      inPipeline(from) && inPipeline(to) && roomOf(from) !== roomOf(to) && floorOf(to) >= floorOf(from),
  )
  expect(upward.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
})

test('every step that users see is a folder or a file of the pipeline', () => {
  const names = sources
    .filter((path) => path.startsWith('src/pipeline/'))
    .flatMap((path) => path.replace(/\.ts$/, '').split('/').slice(2))
  const missing = STEPS.filter((step) => !names.includes(step.replace('_', '-')))
  expect(missing.filter((step) => step !== 'verify')).toEqual([]) // The step comes with its folder.
})
