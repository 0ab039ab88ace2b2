import { expect, test } from 'vitest'
import { progressText } from '../../../src/pipeline/report/progress-text.ts'
import type { ThreadReport } from '../../../src/pipeline/run-report.ts'
import type { RunEventBody } from '../../../src/runs/run-event.ts'
import { foldEvents, type RunState } from '../../../src/runs/summary/run-state.ts'
import { ownWords } from '../../../src/text/markdown/safe-markdown.ts'
import { FAILED, NO_TOTALS, SUCCEEDED } from '../../runs/start-runs.ts'

const QUEUED = { type: 'run.queued', repository: 'acme/api', runUrl: '', eventsUrl: '', position: 3 } as const
const STARTED = { type: 'run.started', attempt: 1 } as const

function stateOf(...bodies: readonly RunEventBody[]): RunState {
  return foldEvents(
    bodies.map((body, index) => ({ ...body, runId: 'r1', seq: index + 1, at: '2026-11-22T10:00:00.000Z' })),
  )
}

function textOf(state: RunState, report?: ThreadReport): string {
  return progressText(state, {
    runId: 'r1',
    runUrlOf: () => 'https://backspace.example/runs/r1',
    repository: 'acme/api',
    mayMention: ['ada'],
    now: new Date('2026-11-22T10:02:10.400Z'),
    report,
  })
}

const turn = (costUsd: number | null): RunEventBody => ({
  type: 'model.turn',
  turn: 1,
  provider: 'anthropic',
  model: 'm',
  usage: { input: 1, cacheRead: 0, cacheWrite: 0, output: 1 },
  costUsd,
  durationMs: 1,
  firstTokenMs: 1,
  attempts: 1,
  stop: 'end',
  harnessMs: 1,
})

test('while it waits, its place in the queue is shown', () => {
  expect(textOf(stateOf(QUEUED))).toBe(
    '### 👀 Waiting: number 3 in line\n\n<sub>[every step](https://backspace.example/runs/r1)</sub>\n\n<!-- backspace-run:r1 -->',
  )
  expect(textOf(stateOf({ ...QUEUED, position: 1 }))).toContain('### 👀 Starting soon: next in line')
})

test('while the operator pauses all runs, the comment says why, and no longer afterwards (S41)', () => {
  const paused = { type: 'run.paused', reason: 'A key leaked, ask @ops <!--', attempt: 0 } as const
  const shown = textOf(stateOf(QUEUED, paused))
  expect(shown).toContain('### ⏸️ Paused by the operator\n\nA key leaked')
  expect(shown).toContain('This run goes on when the pause is over.')
  expect(shown).not.toContain(' @ops')
  expect(textOf(stateOf(QUEUED, paused, { ...paused, reason: null }))).toContain('Waiting: number 3 in line')
  expect(textOf(stateOf(QUEUED, paused, STARTED))).toContain('Working on it')
})

test('while it works, plan, steps, current action, time and cost are shown', () => {
  const state = stateOf(
    QUEUED,
    STARTED,
    { type: 'step.started', step: 'clone', message: 'Cloning' },
    {
      type: 'step.finished',
      step: 'clone',
      status: 'ok',
      message: 'Cloned acme/api at 3f2a91c in 0.8 s',
      durationMs: 800,
    },
    { type: 'step.finished', step: 'setup', status: 'failed', message: 'npm ci failed', durationMs: 4200 },
    { type: 'step.started', step: 'agent', message: 'The agent works' },
    turn(0.12),
    {
      type: 'agent.plan',
      items: [
        { text: 'Read', status: 'done' },
        { text: 'Fix @bob', status: 'in_progress' },
        { text: 'Test', status: 'pending' },
        { text: 'Docs', status: 'dropped' },
      ],
    },
    { type: 'tool.started', callId: '1', tool: 'bash', title: 'bash npm `test` | cat' },
  )
  expect(textOf(state)).toBe(`### ⏳ Working on it

- [x] Read
- [ ] Fix @\u200bbob ⏳
- [ ] Test
- Docs (dropped)

- ✅ Cloned acme/api at 3f2a91c in 0.8 s
- ❌ npm ci failed (4.2 s)
- ⏳ The agent works: \`\`bash npm \`test\` │ cat\`\`

<sub>2 min 10 s · 1 turn, 0 tool calls · $0.12 · [every step](https://backspace.example/runs/r1)</sub>

<!-- backspace-run:r1 -->`)
})

test('a cost that is not known is a lower bound', () => {
  expect(textOf(stateOf(STARTED, turn(0.5), turn(null)))).toContain('at least $0.50')
  expect(textOf(stateOf(STARTED, turn(null)))).not.toContain('$')
})

test('warnings and a change of model are shown', () => {
  const text = textOf(
    stateOf(
      STARTED,
      { type: 'notice', level: 'warning', message: 'Setup failed' },
      { type: 'notice', level: 'info', message: 'nothing to see' },
      {
        type: 'model.switched',
        from: 'anthropic:a',
        to: 'openai:b',
        errorClass: 'overloaded',
        reason: 'overloaded',
      },
    ),
  )
  expect(text).toContain('- ⚠️ Setup failed\n- ⚠️ Switched from anthropic:a to openai:b: overloaded')
  expect(text).not.toContain('nothing to see')
})

const BY_CLAUDE = { models: ['anthropic:m'], agents: ['claude-code'] } as const

test('an answer is the comment itself, and mentions only the requester', () => {
  const text = textOf(stateOf(STARTED), {
    status: 'succeeded',
    outcome: 'answer',
    message: 'Answered',
    text: 'It is in `src/a.ts`, @ada. Ask @bob.',
    totals: { ...NO_TOTALS, durationMs: 5000, turns: 2, costUsd: 0.034, ...BY_CLAUDE },
  })
  expect(text).toMatch(/^### 💬 Answer\n\n> It is in `src\/a.ts`, @ada. Ask @\u200bbob.\n/)
  expect(text).toContain('<sub>5.0 s · Claude Code · anthropic:m · 2 turns · $0.03 · ')
})

test('a pull request is linked, with what was kept back', () => {
  const text = textOf(stateOf(STARTED), {
    status: 'succeeded',
    outcome: 'pull_request',
    message: 'Opened draft pull request #7: Ask @bob',
    pullRequestUrl: 'https://github.com/acme/api/pull/7',
    draft: true,
    totals: NO_TOTALS,
    notes: ['Workflow files are never published.'],
    keptDiff: '+```\n+</details>',
  })
  expect(text).toMatch(/^### 🚀 Opened draft pull request #7: Ask @\u200bbob\n/)
  expect(text.match(/pull request #7/g)).toHaveLength(1)
  expect(text).toContain('<sub>[the pull request](https://github.com/acme/api/pull/7) · ')
  expect(text).toContain('- ⚠️ Workflow files are never published.')
  expect(text).toContain('````diff\n+```\n+</details>\n````')
})

test('the steps say what the checks came to, and nothing about the comment that they are in', () => {
  const finished = (step: 'baseline' | 'checks' | 'report', message: string): RunEventBody => ({
    type: 'step.finished',
    step,
    status: 'ok',
    message,
    durationMs: 0,
  })
  const checks = (phase: 'before' | 'after', exitCode: number): RunEventBody => ({
    type: 'checks.finished',
    phase,
    results: [{ command: 'npm test', exitCode, durationMs: 5, tail: '' }],
  })
  const text = textOf(
    stateOf(
      STARTED,
      ...[checks('before', 1), finished('baseline', 'npm test: exit code 1')],
      ...[checks('after', 0), finished('checks', 'npm test: exit code 0')],
      finished('report', 'Told the thread'),
      SUCCEEDED,
    ),
  )
  expect(text).toContain(
    '- ❌ Checks before: npm test failed (exit code 1)\n- ✅ Checks after: npm test passed\n',
  )
  expect(text).not.toContain('Told the thread')
})

test('a step of an attempt that died is neither running nor done', () => {
  const clone = { type: 'step.started', step: 'clone', message: 'Cloning' } as const
  const text = textOf(stateOf(STARTED, clone, { type: 'run.started', attempt: 2 }))
  expect(text).toMatch(/^### ⏳ Started again, attempt 2\n/)
  expect(text).toContain('- ➖ Cloning (interrupted)')
})

test.each([
  [
    'a plan',
    { status: 'succeeded', outcome: 'plan' },
    'Comment `/backspace approve` to carry out this plan;',
  ],
  ['a question', { status: 'succeeded', outcome: 'question' }, '@ada: Comment `/backspace <your answer>`'],
  ['a failure', { status: 'failed', outcome: null }, 'Comment `/backspace retry`'],
  ['a stopped run', { status: 'cancelled', outcome: null }, 'Comment `/backspace retry`'],
] as const)('the end says what to do next: %s', (_, end, next) => {
  expect(textOf(stateOf(STARTED), { ...end, message: 'x', totals: NO_TOTALS })).toContain(next)
})

test('spaces inside of code stay as they are', () => {
  expect(
    textOf(stateOf({ type: 'notice', level: 'warning', message: 'See `slugify("a  b")`\n  here' })),
  ).toContain('- ⚠️ See `slugify("a  b")` here')
})

test('without a report the terminal event says how it ended', () => {
  expect(textOf(stateOf(STARTED, FAILED))).toMatch(/^### 😕 This did not work\n\nThe clone failed\n/)
  const cancelled = { type: 'run.cancelled', message: 'Stopped by @ada.', totals: NO_TOTALS } as const
  expect(textOf(stateOf(STARTED, cancelled))).toMatch(/^### 🛑 Stopped\n\nStopped by @ada.\n/)
  expect(textOf(stateOf(STARTED, SUCCEEDED))).toMatch(/^### 💬 Answer\n\nNothing to change\n/)
})

test('the comment always fits and always ends with its marker', () => {
  const text = textOf(stateOf(STARTED), {
    status: 'succeeded',
    outcome: 'answer',
    message: '',
    totals: NO_TOTALS,
    text: '`@x <b> \n'.repeat(20_000),
    notes: Array.from({ length: 100 }, () => 'n'.repeat(1000)),
    keptDiff: '+x\n'.repeat(50_000),
  })
  expect(text.length).toBeLessThanOrEqual(65_536)
  expect(text.endsWith('<!-- backspace-run:r1 -->')).toBe(true)
})
test.for([
  '<details><summary>What this run used</summary>\n\n| | |\n\n</details>',
  '---\n<sub>Requested by @ada · no model</sub>',
  'Output of <code>npm &#60;test&#62;</code> and <b>x</b>',
  '> [!WARNING]\n> **This is not finished.**',
])('the report on a pull request, safe already, is shown as it is: %j', (report) => {
  const text = textOf(stateOf(STARTED), {
    status: 'succeeded',
    outcome: 'pull_request',
    message: 'Committed 1a2b3c4 to pull request #7: Use <Suspense> and slugify("a  b")',
    pullRequestUrl: 'https://github.com/acme/api/pull/7',
    report: ownWords(report),
    totals: NO_TOTALS,
  })
  expect(text).toContain(`\n\n${report}\n\n`)
  expect(text).toContain('Use &lt;Suspense> and slugify("a  b")\n')
})
