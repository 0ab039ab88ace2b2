import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, expectTypeOf, onTestFinished, test } from 'vitest'
import type { RunInFull, WireEvent } from '../../src/client/create-client.ts'
import type { RunInFullBody } from '../../src/web/bodies.ts'
import { clientTypes } from '../../src/web/openapi/client-types.ts'
import type { WireEvent as SentEvent } from '../../src/web/stream/wire-schema.ts'
import { buildClient } from './build-client.ts'

const ROOT = join(import.meta.dirname, '../..')

/** In two pieces, because no file of ours may have it. */
const EXPECTED_ERROR = ['@ts', 'expect-error'].join('-')

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'client-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

const filesIn = (directory: string) =>
  Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
  )

test('what the package exports is built from these sources: else run npm run client', () => {
  expect(readFileSync(join(ROOT, 'src/client/api-types.ts'), 'utf8')).toBe(clientTypes())
  const built = temporaryDirectory()
  buildClient(built)
  expect(filesIn(join(ROOT, 'client'))).toEqual(filesIn(built))
})

test('the types of the client are those of the API', () => {
  // The compiler is the test.
  const event = (sent: SentEvent): WireEvent => sent
  const run = (sent: RunInFullBody): RunInFull => sent
  expect([event, run]).toHaveLength(2)
  expectTypeOf<Extract<WireEvent, { type: 'success' }>['extra_data']['pr_url']>().toEqualTypeOf<
    string | null
  >()
})

test('another package can use it: plain Node runs it, and a strict compiler knows its types', () => {
  const project = temporaryDirectory()
  mkdirSync(join(project, 'node_modules'))
  symlinkSync(ROOT, join(project, 'node_modules/backspace'))
  const program = `import { BackspaceApiError, createClient } from 'backspace/client'
const client = createClient({ url: 'http://127.0.0.1:1', token: 't', retryForMs: 0 })
`
  const use = `try { await client.get('x') } catch (error) { console.log(error instanceof BackspaceApiError && error.code) }
`
  writeFileSync(join(project, 'use.mjs'), program + use)
  expect(execFileSync(process.execPath, ['use.mjs'], { cwd: project, encoding: 'utf8' })).toBe(
    'unreachable\n',
  )
  const typed = `for await (const event of client.events('x')) {
  if (event.type === 'success') { const url: string | null = event.extra_data.pr_url; console.log(url) }
}
export const wrong = async () => {
  // ${EXPECTED_ERROR} a run needs a repository
  await client.start({ prompt: 'x' })
}
`
  writeFileSync(join(project, 'use.mts'), program + typed)
  const options = [
    '--strict',
    '--noEmit',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--lib',
    'es2024,dom',
  ]
  const tsc = [join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, '--types', '', 'use.mts']
  expect(execFileSync(process.execPath, tsc, { cwd: project, encoding: 'utf8', stdio: 'pipe' })).toBe('')
})
