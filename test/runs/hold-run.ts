import { openDatabase } from '../../src/db/open-database.ts'
import { createRunLog } from '../../src/runs/log/run-log.ts'
import { createRunQueue } from '../../src/runs/queue/run-queue.ts'
import { migrate } from '../../src/runs/store/migrate.ts'
import { createRunStore } from '../../src/runs/store/run-store.ts'
import { WIDE_LIMITS } from './wide-limits.ts'

/** A process to be killed: works on the database of its argument, says `holding ID` for each run, and ends none. */
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
    await new Promise(() => {})
  },
  deliver: () => Promise.resolve(),
})
process.stdout.write('started\n')
