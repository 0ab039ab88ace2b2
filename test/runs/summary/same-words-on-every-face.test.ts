import { afterAll, beforeAll, expect, test } from 'vitest'
import { readFrame } from '../../../src/commands/terminal/run/received-frame.ts'
import { createTerminalView } from '../../../src/commands/terminal/views/terminal-view.ts'
import { progressText } from '../../../src/pipeline/report/progress-text.ts'
import { checksTable } from '../../../src/pipeline/texts/checks-table.ts'
import type { Run } from '../../../src/runs/run.ts'
import type { RunEvent, RunEventBody } from '../../../src/runs/run-event.ts'
import { foldEvents, judgeStep } from '../../../src/runs/summary/run-state.ts'
import { sentenceOf } from '../../../src/runs/summary/sentences.ts'
import { createRedact } from '../../../src/secrets/redact.ts'
import { createRunTracer } from '../../../src/telemetry/trace-runs.ts'
import { checkText } from '../../../src/text/check-ending.ts'
import type { ShownRun } from '../../../src/web/pages/outcome.ts'
import { createWireMapper } from '../../../src/web/stream/wire-event.ts'
import { type LangSmithStandIn, startLangSmith } from '../../stand-ins/langsmith.ts'
import { BODIES, eventsOf, SUCCESS, TOTALS } from '../../web/a-run.ts'
import { drawEvents } from '../../web/draw-events.ts'
import { VERIFICATIONS } from './verifications.ts'

const RUN = '11111111-1111-4111-8111-111111111111'
const red = { command: 'npm test', exitCode: 1, durationMs: 1900, tail: '' }

/** A run with every event type; the checks fail before and after, and it is started twice. */
const EVENTS: readonly RunEvent[] = eventsOf([
  {
    type: 'run.queued',
    repository: 'acme/api',
    runUrl: 'http://h/runs/r1',
    eventsUrl: 'http://h/runs/r1/events',
    position: 3,
  },
  ...BODIES.slice(0, 13),
  { type: 'run.started', attempt: 2 },
  { type: 'step.started', step: 'agent', message: 'The agent works again' },
  ...BODIES.slice(13, 22),
  { type: 'agent.note', author: '@ada', text: 'Mind the docs' },
  { type: 'agent.notice', level: 'warning', message: 'The plan is stale' },
  { type: 'notice', level: 'warning', message: 'The sandbox was replaced' },
  {
    type: 'model.retried',
    model: 'anthropic:claude-opus-5-5',
    errorClass: 'rate_limited',
    attempt: 2,
    waitMs: 2000,
  },
  { type: 'context.compacted', number: 1, summaryBy: 'model', tokensBefore: 180_000, tokensAfter: 9000 },
  {
    type: 'finish.reviewed',
    claim: 'done',
    verdict: 'sent_back',
    message: 'npm test fails now',
    durationMs: 5,
  },
  ...BODIES.slice(22).map(
    (body): RunEventBody => (body.type === 'checks.finished' ? { ...body, results: [red] } : body),
  ),
  { type: 'step.started', step: 'verify', message: 'Verifying the commit in a clean sandbox' },
  ...VERIFICATIONS.slice(-1).map(
    (verification): RunEventBody => ({ type: 'verification.finished', verification }),
  ),
  { type: 'step.finished', step: 'verify', status: 'ok', message: 'Verified', durationMs: 4000 },
  SUCCESS,
]).map((event) => ({ ...event, runId: RUN }))

/** What each event says, in the context of those before it. */
const SENTENCES = EVENTS.map((event, index) => {
  const { checks } = foldEvents(EVENTS.slice(0, index + 1))
  return {
    type: event.type,
    text: sentenceOf(event.type === 'step.finished' ? judgeStep(event, checks) : event),
  }
})

function textsOf(...types: readonly RunEvent['type'][]): string[] {
  return SENTENCES.filter(({ type, text }) => types.includes(type) && text !== '').map(({ text }) => text)
}

/** One line of plain text, without the marks of Markdown and HTML. */
function plain(text: string): string {
  const words = text
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(?:quot|#39|#x27);/g, '"')
    .replaceAll('&amp;', '&')
  return words.replace(/[`\u200b\\]|&lt;/g, '').replace(/\s+/g, ' ')
}

function expectToSay(face: string, texts: readonly string[]): void {
  expect(texts.length).toBeGreaterThan(0)
  for (const text of texts) expect(plain(face)).toContain(plain(text).trim())
}

let langsmith: LangSmithStandIn
beforeAll(async () => {
  langsmith = await startLangSmith({ apiKey: 'k' })
})
afterAll(() => langsmith.close())

/** A new type of event fails to compile here, until the run above has one. A run ends in one way only. */
const TYPES = {
  'run.queued': true,
  'run.paused': false,
  'run.started': true,
  'step.started': true,
  'step.finished': true,
  'checks.finished': true,
  'changes.collected': true,
  'verification.finished': true,
  notice: true,
  'setup.finished': false,
  'run.succeeded': true,
  'run.failed': false,
  'run.cancelled': false,
  'agent.message': true,
  'agent.plan': true,
  'agent.note': true,
  'agent.notice': true,
  'tool.started': true,
  'tool.finished': true,
  'model.turn': true,
  'model.retried': true,
  'model.switched': true,
  'context.compacted': true,
  'finish.reviewed': true,
} as const satisfies Record<RunEvent['type'], boolean>

test('the run has an event of every type', () => {
  const types = new Set<string>(EVENTS.map(({ type }) => type))
  expect(Object.entries(TYPES).filter(([type, wanted]) => wanted && !types.has(type))).toEqual([])
})

test('the stream sends the sentence of every event', () => {
  const toWire = createWireMapper()
  expect(EVENTS.map(toWire).map(({ message }) => message)).toEqual(SENTENCES.map(({ text }) => text))
})

test('the terminal prints them', () => {
  const show = createTerminalView((_, text) => text)
  const toWire = createWireMapper()
  const printed = EVENTS.map((event) => show(readFrame(JSON.parse(JSON.stringify(toWire(event)))))).join('')
  expectToSay(
    printed,
    textsOf(
      ...([
        'run.queued',
        'run.started',
        'step.finished',
        'model.turn',
        'model.retried',
        'model.switched',
      ] as const),
      ...(['agent.message', 'agent.note', 'agent.notice', 'notice', 'tool.finished'] as const),
      ...(['context.compacted', 'finish.reviewed', 'run.succeeded'] as const),
    ),
  )
  expect(printed).toContain('✗ Checks before: npm test failed (exit code 1), npm run lint passed')
  expect(printed).toContain('✗ Checks after: npm test failed (exit code 1)')
})

test('the page shows them', async () => {
  const run = {
    id: RUN,
    status: 'succeeded',
    repository: 'acme/api',
    prompt: 'Fix it',
    thread: null,
    requester: 'ada',
    createdAt: '2026-11-22T16:00:00Z',
    startedAt: '2026-11-22T16:00:00Z',
    finishedAt: '2026-11-22T16:01:00Z',
    outcome: 'pull_request',
    message: sentenceOf(SUCCESS),
    draft: false,
    durationMs: TOTALS.durationMs,
  } as unknown as ShownRun
  const page = await drawEvents(run, EVENTS)
  expectToSay(
    page,
    textsOf(
      ...(['step.finished', 'model.turn', 'model.retried', 'model.switched', 'agent.message'] as const),
      ...(['agent.note', 'agent.notice', 'notice', 'tool.finished', 'context.compacted'] as const),
      ...(['finish.reviewed', 'changes.collected', 'run.succeeded'] as const),
    ),
  )
  expectToSay(page, ['Started again, attempt 2'])
  expect(plain(page)).toContain('✗ Checks before: npm test failed (exit code 1), npm run lint passed')
  expect(plain(page)).toContain('✗ Checks after: npm test failed (exit code 1)')
})

test('the comment shows them, from the queue to the end', () => {
  const context = { runId: RUN, runUrlOf: () => 'http://h/runs/r1', repository: 'acme/api', now: new Date() }
  const at = (count: number) => progressText(foldEvents(EVENTS.slice(0, count)), context)
  expectToSay(at(1), ['number 3 in line'])
  const restarted = EVENTS.findLastIndex(({ type }) => type === 'run.started') + 1
  expectToSay(at(restarted), ['Started again, attempt 2'])
  const running = at(EVENTS.length - 1)
  expectToSay(running, [
    ...textsOf('agent.note', 'agent.notice', 'notice', 'context.compacted', 'model.switched'),
    ...textsOf('step.finished'),
  ])
  expect(plain(running)).toContain('❌ Checks before: npm test failed (exit code 1), npm run lint passed')
  expect(plain(at(EVENTS.length))).toContain('❌ Checks after: npm test failed (exit code 1)')
  expectToSay(at(EVENTS.length), textsOf('run.succeeded'))
})

test.each([
  [{ command: 'c', exitCode: 0 }, 'passed'],
  [{ command: 'c', exitCode: 1 }, 'failed (exit code 1'],
  [{ command: 'c', exitCode: 124 }, 'did not end (exit code 124'],
  [{ command: 'c', exitCode: 127 }, 'could not run (exit code 127)'],
  [
    { command: 'c', exitCode: 0, failedFirst: 2 },
    'flaky: failed (exit code 2), then passed on the same files',
  ],
])('the pull request says of a check what the page says: %j', (outcome, words) => {
  const result = { ...outcome, durationMs: 5, tail: '' }
  expect(plain(checksTable({ before: [], after: [result], files: [] }))).toContain(words)
  expect(checkText(result)).toContain(words)
})

test('the trace records them', async () => {
  const tracer = createRunTracer({
    apiKey: 'k',
    endpoint: langsmith.url,
    project: 'test',
    privateRepositories: [],
    redact: createRedact([]),
    onProblem: () => undefined,
  })
  const repository = { owner: 'acme', name: 'api' }
  const request = { prompt: 'x', repository, trigger: 'code', requester: { login: 'ada' } }
  tracer.begin({ id: RUN, attempt: 1, request } as unknown as Run)
  tracer.admit(RUN, { ...repository, private: false })
  for (const event of EVENTS) tracer.observe(event)
  await tracer.flush(60_000)
  const trace = JSON.stringify(langsmith.runs()).replaceAll('\\"', '"')
  expectToSay(trace, [
    ...textsOf('step.started', 'step.finished', 'model.turn', 'model.retried', 'model.switched'),
    ...textsOf('tool.finished', 'context.compacted', 'finish.reviewed', 'run.succeeded'),
  ])
  const checks = langsmith.runs().find(({ name }) => name === 'baseline')
  expect(checks).toMatchObject({
    outputs: { status: 'failed' },
    error: expect.stringContaining('npm test failed'),
  })
})
