import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { auditedIn } from '../support/audited.ts'
import { processEnvironment } from '../support/environment.ts'
import { postgresBinaries } from '../support/postgres.ts'
import { QUICK_WASM } from '../support/quick-wasm.ts'
import { databaseOfTest } from '../support/shared-postgres.ts'
import { startService } from '../support/start-service.ts'
import { createGreeter, eventually, FIX_GREETER, observe, startStandIns } from '../support/start-world.ts'

const SOURCE = join(import.meta.dirname, '../../src/commands')

/** A command as an operator runs it. */
async function command(
  name: 'audit' | 'backup' | 'restore' | 'watch',
  args: readonly string[],
  env: Record<string, string>,
) {
  const options = { env: { ...processEnvironment(), ...env } }
  const call = promisify(execFile)(
    process.execPath,
    [QUICK_WASM, join(SOURCE, `${name}.ts`), ...args],
    options,
  )
  return await call.then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    (error: { code: number; stderr: string }) => ({ code: error.code, output: error.stderr }),
  )
}

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'backspace-move-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

test.skipIf(postgresBinaries() === undefined)(
  'what is queued and running on PGlite goes on after the move to PostgreSQL',
  async () => {
    const standIns = await startStandIns({
      // The first answer never comes.
      anthropic: (_, index) =>
        (index > 0 && (FIX_GREETER[index - 1] ?? FIX_GREETER.at(-1))) || { fault: 'stall', at: 'start' },
    })
    onTestFinished(standIns.close)
    const { github } = standIns
    const repo = await createGreeter(github)
    const directory = await temporaryDirectory()
    const DATA_DIR = join(directory, 'data')
    const env = { ...standIns.env, BACKSPACE_CONCURRENCY: '1', LOG_LEVEL: 'info' }
    const first = await startService({ ...env, DATA_DIR })
    const url = await first.listening
    const ask = (request: { readonly prompt: string; readonly agent?: string }) =>
      fetch(`${url}/code`, {
        method: 'POST',
        body: JSON.stringify({ repoUrl: `${github.url}/${repo}`, ...request }),
        headers: { 'content-type': 'application/json', accept: 'application/json' },
      })
    expect((await ask({ prompt: 'make the failing test pass' })).status).toBe(202)
    await eventually(
      () => standIns.anthropic?.turns(),
      (turns = []) => turns.length > 0,
    )
    expect((await ask({ prompt: 'and look around', agent: 'dummy' })).status).toBe(202)

    const file = join(directory, 'b.gz')
    const busy = await command('backup', ['--to', file], { DATA_DIR })
    expect(busy).toMatchObject({
      code: 1,
      output: expect.stringMatching(/Stop Backspace first.*DATA_DIR\/backups/),
    })
    expect(await eventually(async () => (await readdir(join(DATA_DIR, 'backups')))[0])).toMatch(
      /\.jsonl\.gz$/,
    )
    // As a power switch would: nothing is handed over.
    first.signal('SIGKILL')
    await first.ended

    expect((await command('backup', ['--to', file], { DATA_DIR })).code).toBe(0)
    const again = await command('backup', ['--to', file], { DATA_DIR })
    expect(again).toMatchObject({ code: 1, output: expect.stringContaining('Choose another name') })
    const DATABASE_URL = await databaseOfTest('empty')
    const restored = await command('restore', [file], { DATABASE_URL })
    expect(restored).toMatchObject({ code: 0, output: expect.stringMatching(/^Restored \d+ rows as of /) })
    const twice = await command('restore', [file], { DATABASE_URL })
    expect(twice).toMatchObject({ code: 1, output: expect.stringContaining('--replace') })

    const second = await startService({ ...env, DATABASE_URL })
    const { runs } = observe(await second.listening)
    const ended = await eventually(runs, (all) =>
      all.every(({ status }) => !['queued', 'running'].includes(status)),
    )
    expect(ended).toHaveLength(2)
    expect(github.pullRequests(repo)).toHaveLength(1)
    await expectStory({ DATABASE_URL, runId: ended[1]?.id ?? '', file })
    second.signal('SIGTERM')
    expect(await second.ended).toBe(0)
  },
  120_000,
)

/** While the service runs on PostgreSQL, and from a backup. */
async function expectStory(log: { DATABASE_URL: string; runId: string; file: string }): Promise<void> {
  const { DATABASE_URL, runId, file } = log
  const { code, output } = await command('audit', [runId, '--verify'], { DATABASE_URL })
  expect(output).toMatch(/API token "[\w-]+" requested a run in acme\/greeter \(code\)/)
  expect(output).toMatch(/Attempt 1 started\..*Attempt 2 started\..*The run ended: succeeded/s)
  expect(output).toContain('The audit log is intact.')
  expect(code).toBe(0)
  const earlier = await command('audit', ['--verify', '--json', '--from', file], {})
  const { head } = JSON.parse(earlier.output) as { head: { sequence: number; hash: string } }
  expect(head.sequence).toBeGreaterThan(3)
  const since = await command('audit', ['--since-head', head.hash], { DATABASE_URL })
  expect(since).toMatchObject({ code: 0, output: expect.stringContaining('The audit log is intact.') })
  const broken = await command('audit', ['--since-head', 'f'.repeat(64)], { DATABASE_URL })
  expect(broken).toMatchObject({ code: 1 })
  expect(await auditedIn({ url: DATABASE_URL })).toContain('database.restored')
}

test('a command that is called wrongly says how to call it', async () => {
  const env = { DATA_DIR: join(await temporaryDirectory(), 'never-made') }
  for (const [name, args] of [
    ['restore', []],
    ['restore', ['a', 'b']],
    ['restore', ['a', '--force']],
    ['backup', ['b.gz']],
    ['audit', []],
    ['watch', ['ftp://example.org/runs/1']],
  ] as const) {
    const { code, output } = await command(name, args, env)
    expect([code, output]).toEqual([name === 'watch' ? 2 : 1, expect.stringContaining(`npm run ${name} `)])
  }
})
