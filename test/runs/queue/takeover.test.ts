import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { type DatabaseLocation, openDatabase } from '../../../src/db/open-database.ts'
import type { Run } from '../../../src/runs/run.ts'
import { postgresBinaries } from '../../support/postgres.ts'
import { QUICK_WASM } from '../../support/quick-wasm.ts'
import { databaseOfTest } from '../../support/shared-postgres.ts'
import { copyTemplateDatabase } from '../../support/template-database.ts'
import { FAILED, startRuns, type TestRuns } from '../start-runs.ts'

const SCRIPT = fileURLToPath(new URL('../hold-run.ts', import.meta.url))

interface Holder {
  readonly process: ChildProcess
  /** Resolves when it has said so. */
  says(line: string): Promise<void>
}

function startHolder(location: DatabaseLocation, ...mode: readonly 'telling'[]): Holder {
  const child = spawn(process.execPath, [QUICK_WASM, SCRIPT, JSON.stringify(location), ...mode], {
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

test('a run whose process was killed is continued at once by the next one on the directory', async () => {
  const dataDir = await copyTemplateDatabase()
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
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

test.skipIf(noPostgres)('a run whose process was killed is continued by another one that lives', async () => {
  const url = await databaseOfTest('tables')
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
})

/** A process that holds a run, says so, and is then frozen as by SIGSTOP; and another, healthy one. */
async function stoppedHolder() {
  const url = await databaseOfTest('tables')
  const held = startHolder({ url }, 'telling')
  await held.says('started')
  const db = await openDatabase({ url })
  onTestFinished(() => db.close())
  const abandoned: unknown[] = []
  const onAbandoned = async (run: Run) => void abandoned.push(run.progress)
  const other = await startRuns(db, { keep: true, onAbandoned })
  const { run } = await other.submit()
  await held.says(`holding ${run.id}`)
  held.process.kill('SIGSTOP')
  return { url, held, other, runId: run.id, abandoned }
}

test.skipIf(noPostgres)('a process that wakes up after its run was taken over writes nothing', async () => {
  const { url, held, runId } = await stoppedHolder()
  const heir = await takeOver({ url })
  const events = await heir.ended(runId)
  held.process.kill('SIGCONT')
  await held.says('refused stale_attempt')
  expect(await heir.log.read(runId, 0)).toEqual(events)
  expect(events.slice(-2).map((event) => event.type)).toEqual(['run.started', 'run.failed'])
  expect(await heir.store.get(runId)).toMatchObject({ attempt: 2, status: 'failed' })
})

test.skipIf(noPostgres)(
  'a run whose process is stopped is cancelled by another one, which tells what it left behind',
  async () => {
    const { held, other, runId, abandoned } = await stoppedHolder()
    expect(await other.queue.cancel(runId, 'Stopped by ada')).toBe('cancelled')
    const events = await other.ended(runId)
    expect(events.at(-1)).toMatchObject({ type: 'run.cancelled', message: 'Stopped by ada' })
    expect(abandoned).toEqual([{ branch: 'backspace/attempt-1' }])

    held.process.kill('SIGCONT')
    await held.says('refused stale_attempt')
    expect(await other.log.read(runId, 0)).toEqual(events)
    expect(await other.store.get(runId)).toMatchObject({ attempt: 2, status: 'cancelled' })
  },
)
