import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { auditSentence } from '../audit/audit-sentence.ts'
import { type RunStory, readStory } from '../audit/read-story.ts'
import { type ChainReport, verifyChain } from '../audit/verify-chain.ts'
import { readConfig } from '../config.ts'
import type { Database } from '../db/database.ts'
import { openDatabase } from '../db/open-database.ts'
import { BackspaceError } from '../errors.ts'
import { restoreBackup } from '../runs/backup/restore-backup.ts'
import { forTerminal, forTerminalDeep } from '../text/terminal-text.ts'
import { openStopped } from './terminal/run/open-stopped.ts'
import { WrongUsage } from './terminal/run/wrong-usage.ts'
import { runFromTerminal } from './terminal/service/from-terminal.ts'

const USAGE = `npm run audit -- RUN [--json]                       lists the entries of one run
npm run audit -- --verify [--since-head HASH] [--json]   checks that no entry was changed, deleted, inserted or moved

  --from FILE reads a backup instead of the database. Use it with PGlite while Backspace is running.
  --verify prints the head of the log. Keep the head elsewhere: later, --since-head proves that the log still contains
  everything up to it. The exit code is 1 when something is wrong.`

async function audit(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      verify: { type: 'boolean', default: false },
      'since-head': { type: 'string' },
      from: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const [run, ...more] = positionals
  const sinceHead = values['since-head']
  const verifies = values.verify || sinceHead !== undefined
  if (more.length > 0) throw new WrongUsage(`"${more[0]}" is one argument too many.`)
  if (run === undefined && !verifies) throw new WrongUsage('Name a run, or write --verify.')
  const db = await openLog(values.from)
  try {
    const story = run === undefined ? undefined : await readStory(db, run)
    const report = verifies ? await verifyChain(db, { sinceHead }) : undefined
    print(values.json ? JSON.stringify(forTerminalDeep({ ...story, ...report })) : describe(story, report))
    if (report?.problem !== undefined) process.exitCode = 1
  } finally {
    await db.close()
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** The configured database, or one in memory that is filled from a backup. */
async function openLog(backup: string | undefined): Promise<Database> {
  if (backup !== undefined) {
    const copy = await openDatabase({ dataDir: ':memory:' })
    await restoreBackup(copy, { file: backup, replace: false })
    return copy
  }
  const db = await openStopped(readConfig())
  const { rows } = await sql<{ exists: boolean }>`
    select to_regclass('audit_log') is not null as exists`.execute(db.sql)
  if (rows[0]?.exists) return db
  await db.close()
  throw new BackspaceError('not_found', 'This database has no audit log yet: `npm start` creates it.')
}

function describe(story: RunStory | undefined, report: ChainReport | undefined): string {
  return [...(story ? describeStory(story) : []), ...(report ? describeChain(report) : [])].join('\n')
}

function describeStory({ runId, entries }: RunStory): readonly string[] {
  const lines = entries.map((entry) => {
    const number = entry.sequence === null ? '–' : String(entry.sequence)
    return `${number.padStart(7)}  ${entry.at.toISOString()}  ${forTerminal(auditSentence(entry))}`
  })
  return [`Run ${runId}`, ...lines]
}

function describeChain({ entries, head, waiting, prunedThrough, problem }: ChainReport): readonly string[] {
  const pruned =
    prunedThrough > 0 && problem === undefined
      ? ` (entries 1 to ${prunedThrough} were deleted because of their age)`
      : ''
  return [
    problem ? `BROKEN at entry ${problem.sequence}: ${problem.text}` : `The audit log is intact${pruned}.`,
    `${entries} entries, ${waiting} not chained yet.`,
    `Head: ${head.sequence} ${head.hash}`,
  ]
}

await runFromTerminal(USAGE, audit)
