import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { findProgram } from '../../src/sandbox/local/probe-local-sandbox.ts'
import { createGreeter, openWorld } from '../support/start-world.ts'
import { startCuttingProxy } from './cutting-proxy.ts'

const ROOT = join(import.meta.dirname, '../..')
const TOKEN = 'a-token-of-the-examples-0123456789'
const docs = readFileSync(join(ROOT, 'docs/api.md'), 'utf8')

/** Less work for the compiler, which makes Go's own packages too where no one did before. */
const QUICKLY = ['-gcflags=all=-l -dwarf=false', '-ldflags=-s']

/** How each example of docs/api.md is prepared and run, and what it needs. */
const EXAMPLES = [
  { file: 'backspace.sh', needs: ['bash', 'curl', 'jq'], run: ['bash', 'backspace.sh'] },
  { file: 'backspace.mjs', needs: [], run: [process.execPath, 'backspace.mjs'] },
  { file: 'backspace.py', needs: ['python3'], run: ['python3', 'backspace.py'] },
  {
    file: 'backspace.go',
    needs: ['go'],
    build: ['go', 'build', ...QUICKLY, 'backspace.go'],
    run: ['./backspace'],
  },
] as const

function exampleOf(file: string): string {
  const [, block = ''] = docs.split(`<!-- example: ${file} -->`)
  return /```\w+\n([\s\S]*?)```\n\n<!-- \/example -->/.exec(block)?.[1] ?? ''
}

test('every example of docs/api.md is run here', () => {
  const named = [...docs.matchAll(/<!-- example: (\S+) -->/g)].map(([, file]) => file)
  expect(named).toEqual(EXAMPLES.map(({ file }) => file))
})

describe('an example of docs/api.md', () => {
  let world: Awaited<ReturnType<typeof openWorld>> | undefined
  beforeAll(async () => {
    // The dummy agent needs no model.
    world = await openWorld({ env: { API_TOKENS: `examples=${TOKEN}`, BACKSPACE_AGENT: 'dummy' } })
    await createGreeter(world.github)
  })
  afterAll(() => world?.close())

  for (const { file, needs, run, ...example } of EXAMPLES) {
    const missing = needs.filter((program) => findProgram(program, process.env.PATH) === undefined)
    const why = missing.length === 0 ? '' : ` (not installed: ${missing.join(', ')})`
    test.skipIf(missing.length > 0)(`${file} starts a run, resumes, lists and stops${why}`, async () => {
      if (!world) throw new Error('the world is not there yet')
      const { github, url } = world
      const proxy = await startCuttingProxy(url)
      const directory = mkdtempSync(join(tmpdir(), 'example-'))
      onTestFinished(() => rmSync(directory, { recursive: true }))
      writeFileSync(join(directory, file), exampleOf(file))
      mkdirSync(join(directory, 'node_modules'))
      symlinkSync(ROOT, join(directory, 'node_modules/backspace'))
      const env = { ...process.env, BACKSPACE_URL: proxy.url, BACKSPACE_TOKEN: TOKEN }
      const start = async ([program = '', ...words]: readonly string[]) =>
        (await promisify(execFile)(program, words, { cwd: directory, env })).stdout
      if ('build' in example) await start(example.build)

      // The answer to the start passes; the stream is cut in an event.
      proxy.mischief.push('pass', { cutAfter: 900 })
      const lines = (await start([...run, 'start', `${github.url}/acme/greeter`, 'look at it']))
        .trim()
        .split('\n')
      const events = lines.map((line) => JSON.parse(line) as { seq: number; type: string; runId: string })
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1))
      expect(events.at(-1)?.type).toBe('success')
      const id = events[0]?.runId ?? ''
      const streams = proxy.seen.filter((each) => each.endsWith('events') || / \d+$/.test(each))
      expect(streams).toHaveLength(2)
      expect(streams.at(-1)).toMatch(new RegExp(`^GET /runs/${id}/events [1-9]\\d*$`))

      expect(await start([...run, 'list'])).toContain(`${id} succeeded acme/greeter\n`)

      const held = Promise.withResolvers<void>()
      onTestFinished(() => held.resolve())
      const headers = {
        authorization: `Bearer ${TOKEN}`,
        accept: 'application/json',
        'content-type': 'application/json',
      }
      // A run that waits for GitHub can be stopped.
      const fault = github.fail({
        path: /\/contents\/|\/git\//,
        until: held.promise,
        times: Number.POSITIVE_INFINITY,
      })
      onTestFinished(() => fault.cancel())
      const body = JSON.stringify({ repoUrl: `${github.url}/acme/greeter`, prompt: 'wait' })
      const { runId } = (await (await fetch(`${url}/code`, { method: 'POST', headers, body })).json()) as {
        runId: string
      }
      expect(await start([...run, 'stop', runId])).toBe('cancelling\n')
      held.resolve()
    })
  }
})
