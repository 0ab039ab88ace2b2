import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { type DatabaseLocation, openDatabase } from '../../../src/db/open-database.ts'
import { postgresBinaries, startPostgres } from '../../support/postgres.ts'
import { FAILED, startRuns, type TestRuns } from '../start-runs.ts'

const SCRIPT = fileURLToPath(new URL('../hold-run.ts', import.meta.url))

interface Holder {
  readonly process: ChildProcess
  /** Resolves when it has said so. */
  says(line: string): Promise<void>
}

function startHolder(location: DatabaseLocation): Holder {
  const child = spawn(process.execPath, [SCRIPT, JSON.stringify(location)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  return {
    process: child,
    async says(line) {
      while (!said.includes(line)) await once(child.stdout, 'data')
    },
  }
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

/** Takes over whatever is there, and ends it. */
async function takeOver(location: DatabaseLocation): Promise<TestRuns> {
  const db = await openDatabase(location)
  onTestFinished(() => db.close())
  const runs: TestRuns = await startRuns(db, {
    keep: true,
    execute: async ({ run, attempt }) => void (await runs.log.append(run.id, attempt, FAILED)),
  })
  return runs
}

test('a run whose process was killed is carried on at once by the next one on the directory', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'backspace-takeover-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const first = await openDatabase({ dataDir })
  const submitter = await startRuns(first)
  const { run } = await submitter.submit()
  await submitter.queue.drain(0)
  await first.close()

  const held = startHolder({ dataDir })
  await held.says(`holding ${run.id}`)
  await kill(held.process)

  const heir = await takeOver({ dataDir })
  const events = await heir.ended(run.id)
  expect(events.map((event) => event.type)).toEqual([
    'run.queued',
    'run.started',
    'run.started',
    'run.failed',
  ])
  expect(await heir.store.get(run.id)).toMatchObject({
    attempt: 2,
    status: 'failed',
    progress: { branch: 'backspace/attempt-1' },
  })
})

const noPostgres = postgresBinaries() === undefined
test.skipIf(noPostgres)(
  'a run whose process was killed is carried on by another one that lives',
  async () => {
    const server = await startPostgres()
    onTestFinished(() => server.stop())
    const url = await server.createDatabase()
    const held = startHolder({ url })
    await held.says('started')
    const submitter = await openDatabase({ url })
    onTestFinished(() => submitter.close())
    const { run } = await (await startRuns(submitter, { keep: true })).submit()
    await held.says(`holding ${run.id}`)
    await kill(held.process)

    const heir = await takeOver({ url })
    await heir.ended(run.id)
    expect(await heir.store.get(run.id)).toMatchObject({ attempt: 2, status: 'failed' })
  },
)
