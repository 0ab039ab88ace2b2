import { setTimeout as delay } from 'node:timers/promises'
import { openDatabase } from '../../src/db/open-database.ts'
import { createRunLog } from '../../src/runs/log/run-log.ts'
import { createRunQueue } from '../../src/runs/queue/run-queue.ts'
import { migrate } from '../../src/runs/store/migrate.ts'
import { createRunStore } from '../../src/runs/store/run-store.ts'
import { WriteRefused } from '../../src/runs/store/write-refused.ts'
import { WIDE_LIMITS } from './wide-limits.ts'

/**
 * A process to be killed or stopped: works on the database of its first argument, says `holding ID` for each run, and
 * ends none. With `telling` as its second argument it appends events meanwhile, and says `refused REASON` at the end.
 */
const db = await openDatabase(JSON.parse(process.argv[2] ?? ''))
await migrate(db)
const store = createRunStore(db)
const log = createRunLog({ db })
const queue = await createRunQueue({
  db,
  store,
  log,
  concurrency: 1,
  limits: WIDE_LIMITS,
  heartbeatSeconds: 10,
})
await queue.start({
  async execute({ run, attempt }) {
    await store.setProgress(run.id, attempt, { branch: `backspace/attempt-${attempt}` })
    process.stdout.write(`holding ${run.id}\n`)
    while (process.argv[3] === 'telling') await tell(run.id, attempt)
    await new Promise(() => {})
  },
  deliver: () => Promise.resolve(),
})
process.stdout.write('started\n')

async function tell(runId: string, attempt: number): Promise<void> {
  try {
    await log.append(runId, attempt, { type: 'notice', level: 'info', message: `attempt ${attempt}` })
    await delay(20)
  } catch (error) {
    if (error instanceof WriteRefused) process.stdout.write(`refused ${error.reason}\n`)
    throw error
  }
}
