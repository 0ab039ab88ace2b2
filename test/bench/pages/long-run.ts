import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Database } from '../../../src/db/database.ts'
import type { RunRequest } from '../../../src/runs/run.ts'
import type { RunEventBody } from '../../../src/runs/run-event.ts'

const REQUEST: RunRequest = {
  trigger: 'code',
  repository: { owner: 'acme', name: 'bench' },
  prompt: 'Make the import of large files faster, and cover it with tests.',
  requester: { login: 'ada' },
  options: {},
  tainted: false,
}

/** Puts a run that is under way into the database, with so many events like those of an agent that works for hours. */
export async function insertLongRun(db: Database, events: number): Promise<string> {
  const id = randomUUID()
  const run = { status: 'running', repository: 'acme/bench', attempt: 1, last_seq: events }
  const now = Date.now()
  await db.sql
    .insertInto('runs')
    .values({
      ...run,
      id,
      request: JSON.stringify(REQUEST),
      created_at: new Date(now - events * 1000),
      started_at: new Date(now - events * 1000),
    })
    .execute()
  for (let first = 1; first <= events; first += 2_000) {
    const seqs = Array.from({ length: Math.min(2_000, events - first + 1) }, (_, index) => first + index)
    const bodies = seqs.map((seq) => bodyOf(seq, events))
    await sql`
      insert into run_events (run_id, seq, attempt, type, at, body)
      select ${id}, event.seq, 1, event.type, event.at::timestamptz, event.body::json
      from unnest(${seqs}::int[], ${bodies.map(({ type }) => type)}::text[],
        ${seqs.map((seq) => new Date(now - (events - seq) * 1000).toISOString())}::text[],
        ${bodies.map((body) => JSON.stringify(body))}::text[]) as event (seq, type, at, body)`.execute(db.sql)
  }
  return id
}

const START: readonly RunEventBody[] = [
  {
    type: 'run.queued',
    repository: 'acme/bench',
    runUrl: 'http://h/runs/x',
    eventsUrl: 'http://h/runs/x/events',
    position: 1,
  },
  { type: 'run.started', attempt: 1 },
  { type: 'step.started', step: 'clone', message: 'Cloning acme/bench' },
  { type: 'step.finished', step: 'clone', status: 'ok', message: 'Cloned acme/bench', durationMs: 900 },
  { type: 'step.started', step: 'agent', message: 'The agent works' },
]

function bodyOf(seq: number, events: number): RunEventBody {
  const start = START[seq - 1]
  if (start) return start
  if (seq === events - 8) return changes()
  return workOf(seq)
}

/** What happens in the work of an agent: turns with words, plans, commands, edits and reads. */
export function workOf(seq: number): RunEventBody {
  const turn = Math.floor(seq / 8)
  const callId = `c${Math.floor(seq / 2)}`
  const path = `src/import/${WORDS[turn % WORDS.length]}-${turn % 40}.ts`
  switch (seq % 8) {
    case 0:
      return { type: 'agent.message', text: `I look at \`${path}\`: ${text(seq, 18)}.` }
    case 1:
      return {
        type: 'model.turn',
        turn: turn + 1,
        provider: 'anthropic',
        model: 'claude-opus-5-5',
        usage: { input: 1_200 + (seq % 700), cacheRead: 30_000, cacheWrite: 800, output: 300 + (seq % 90) },
        costUsd: 0.012,
        durationMs: 3_100,
        firstTokenMs: 700,
        attempts: 1,
        stop: 'tool_use',
        harnessMs: 4,
        run: {
          tokens: seq * 4_000,
          usd: turn * 0.012,
          limits: { steps: 0.2, minutes: 0.3, usd: 0.4, tokens: 0.1 },
        },
      }
    case 2:
    case 4:
      return { type: 'tool.started', callId, tool: 'bash', title: `bash npm test -- ${path}` }
    case 3:
    case 5:
      return {
        type: 'tool.finished',
        callId,
        tool: 'bash',
        title: `bash npm test -- ${path}`,
        status: 'ok',
        durationMs: 800 + (seq % 300),
        detail: {
          kind: 'bash',
          command: `npm test -- ${path}`,
          output: lines(seq, 20),
          exitCode: turn % 9 === 0 ? 1 : 0,
        },
      }
    case 6:
      return {
        type: 'tool.finished',
        callId: `e${seq}`,
        tool: 'edit',
        title: `edit ${path}`,
        status: 'ok',
        durationMs: 6,
        detail: { kind: 'edit', path, edits: [{ oldText: lines(seq, 4), newText: lines(seq + 1, 6) }] },
      }
    default:
      return {
        type: 'agent.plan',
        items: [
          { text: `Measure ${text(seq, 3)}`, status: 'done' },
          { text: `Change ${text(seq + 1, 3)}`, status: 'in_progress' },
          { text: 'Run the tests', status: 'pending' },
        ],
      }
  }
}

function changes(): RunEventBody {
  const files = Array.from(
    { length: 24 },
    (_, index) => `src/import/${WORDS[index % WORDS.length]}-${index}.ts`,
  )
  const diff = files.map((path, index) => {
    const added = Array.from(
      { length: 30 },
      (_, line) =>
        `+  const ${WORDS[(index + line) % WORDS.length]} = read('${text(index * 31 + line, 3)}', ${line}) // ${text(line, 2)}`,
    )
    return `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1,2 +1,32 @@\n export function load() {\n${added.join('\n')}\n }\n`
  })
  return {
    type: 'changes.collected',
    files: files.map((path) => ({ path, status: 'modified', additions: 30, deletions: 0 })),
    diff: diff.join(''),
  }
}

const WORDS =
  'stream buffer parser chunk header record column encoder limit queue worker cursor schema batch'.split(' ')

function text(seed: number, count: number): string {
  return Array.from(
    { length: count },
    (_, index) => WORDS[(seed * 7 + index * (3 + (seed % 5))) % WORDS.length],
  ).join(' ')
}

function lines(seed: number, count: number): string {
  return Array.from(
    { length: count },
    (_, index) =>
      `${index % 4 === 0 ? '✓' : ' '} ${text(seed + index, 6)} ${(seed * 37 + index * 11) % 997} ms`,
  ).join('\n')
}
