import type { RunEvent, RunEventBody, RunTotals } from '../../src/runs/run-event.ts'

export const TOTALS: RunTotals = {
  attempts: 1,
  toolErrors: 0,
  editsOk: 1,
  editsFailed: 0,
  cacheShare: 0.775,
  knownCostUsd: 0.41,
  providers: [{ provider: 'anthropic', turns: 2, costUsd: 0.41 }],
  retries: 0,
  fallbacks: 0,
  bounces: 0,
  checksBefore: null,
  checksAfter: { passed: 1, failed: 0 },
  limitsUsed: { steps: 0.02, minutes: 0.03, usd: 0.08, tokens: 0.003 },
  firstTokenMs: 400,
  durationMs: 48_211,
  turns: 2,
  toolCalls: 4,
  inputTokens: 5200,
  cacheReadTokens: 21_000,
  cacheWriteTokens: 900,
  outputTokens: 1400,
  costUsd: 0.41,
  models: ['anthropic:claude-opus-5-5'],
  modelMs: 20_000,
  toolMs: 4000,
  harnessMs: 60,
  langsmithEnabled: true,
}

export const DIFF = `diff --git a/app.js b/app.js
index 1111111..2222222 100644
--- a/app.js
+++ b/app.js
@@ -1,5 +1,6 @@
 export function add(a, b) {
-  return a - b
+  // Sums both arguments.
+  return a + b
 }
 
 export const version = 1
diff --git a/test/app.test.js b/test/app.test.js
new file mode 100644
index 0000000..3333333
--- /dev/null
+++ b/test/app.test.js
@@ -0,0 +1,3 @@
+import { add } from '../app.js'
+
+test('adds', () => expect(add(1, 2)).toBe(3))
`

/** What `run.queued`, which the submission writes, is followed by in a run that opens a pull request. */
export const BODIES: readonly RunEventBody[] = [
  { type: 'run.started', attempt: 1 },
  ...step('sandbox', 'Started a local sandbox', 320),
  ...step('clone', 'Cloned acme/api at 3f2a91c in 0.8 s', 812),
  ...step('setup', 'Installed 212 packages with npm ci', 4100),
  { type: 'step.started', step: 'baseline', message: 'Running the checks of the repository' },
  {
    type: 'checks.finished',
    phase: 'before',
    results: [
      { command: 'npm test', exitCode: 1, durationMs: 1900, tail: '✗ adds\n  expected 3, got -1\n1 failed' },
      { command: 'npm run lint', exitCode: 0, durationMs: 700, tail: '' },
    ],
  },
  {
    type: 'step.finished',
    step: 'baseline',
    status: 'ok',
    message: '1 of 2 checks fail before any change',
    durationMs: 2700,
  },
  { type: 'step.started', step: 'agent', message: 'The agent works' },
  turn(1, 0.2),
  {
    type: 'agent.message',
    text: 'The test says that add(1, 2) is -1.\nI will look at app.js, fix the sign and cover it with a test.',
  },
  {
    type: 'agent.plan',
    items: [
      { text: 'Find why the test fails', status: 'done' },
      { text: 'Fix add()', status: 'in_progress' },
      { text: 'Run the tests', status: 'pending' },
      { text: 'Rewrite everything', status: 'dropped' },
    ],
  },
  { type: 'tool.started', callId: 'c1', tool: 'read', title: 'read app.js' },
  {
    type: 'tool.finished',
    callId: 'c1',
    tool: 'read',
    title: 'read app.js',
    status: 'ok',
    durationMs: 12,
    detail: { kind: 'read', path: 'app.js', lines: 5 },
  },
  {
    type: 'tool.finished',
    callId: 'c2',
    tool: 'grep',
    title: 'grep add\\(',
    status: 'ok',
    durationMs: 20,
    detail: { kind: 'search', pattern: 'add\\(', matches: 3 },
  },
  { type: 'tool.started', callId: 'c3', tool: 'edit', title: 'edit app.js' },
  {
    type: 'tool.finished',
    callId: 'c3',
    tool: 'edit',
    title: 'edit app.js',
    status: 'ok',
    durationMs: 9,
    detail: {
      kind: 'edit',
      path: 'app.js',
      edits: [{ oldText: '  return a - b\n', newText: '  // Sums both arguments.\n  return a + b\n' }],
    },
  },
  { type: 'tool.started', callId: 'c4', tool: 'bash', title: 'bash npm test' },
  {
    type: 'tool.finished',
    callId: 'c4',
    tool: 'bash',
    title: 'bash npm test',
    status: 'ok',
    durationMs: 1812,
    detail: { kind: 'bash', command: 'npm test', output: '✓ adds\n1 passed', exitCode: 0 },
  },
  {
    type: 'model.switched',
    from: 'anthropic:claude-opus-5-5',
    to: 'openai:gpt-6.1-sol',
    errorClass: 'overloaded',
    reason: 'Claude is overloaded',
  },
  turn(2, 0.21),
  { type: 'step.finished', step: 'agent', status: 'ok', message: 'Done after 2 turns', durationMs: 31_000 },
  {
    type: 'changes.collected',
    files: [
      { path: 'app.js', status: 'modified', additions: 2, deletions: 1 },
      { path: 'test/app.test.js', status: 'added', additions: 3, deletions: 0 },
    ],
    diff: DIFF,
  },
  ...step('collect', '2 files changed', 130),
  {
    type: 'checks.finished',
    phase: 'after',
    results: [
      { command: 'npm test', exitCode: 0, durationMs: 1800, tail: '✓ adds\n1 passed' },
      { command: 'npm run lint', exitCode: 0, durationMs: 690, tail: '' },
    ],
  },
  ...step('checks', 'All 2 checks pass', 2600),
  ...step('gate', 'Nothing is in the way of publishing', 15),
  ...step('publish', 'Pushed backspace/fix-add-1a2b', 900),
  ...step('pull_request', 'Opened https://github.com/acme/api/pull/7', 640),
]

export const SUCCESS: RunEventBody = {
  type: 'run.succeeded',
  outcome: 'pull_request',
  message: 'Fix the sign in add()',
  pullRequestUrl: 'https://github.com/acme/api/pull/7',
  commentUrl: null,
  draft: false,
  totals: TOTALS,
}

const QUEUED: RunEventBody = {
  type: 'run.queued',
  repository: 'acme/api',
  runUrl: 'http://here/runs/r1',
  eventsUrl: 'http://here/runs/r1/events',
  position: 1,
}

/** The whole run as events, for what needs no database. */
export function eventsOf(
  bodies: readonly RunEventBody[] = [QUEUED, ...BODIES, SUCCESS],
): readonly RunEvent[] {
  return bodies.map((body, index) => ({
    runId: 'r1',
    seq: index + 1,
    at: new Date(Date.UTC(2026, 10, 22, 16, 0, index)).toISOString(),
    ...body,
  }))
}

function step(
  name: Extract<RunEventBody, { type: 'step.started' }>['step'],
  message: string,
  durationMs: number,
): readonly RunEventBody[] {
  return [
    { type: 'step.started', step: name, message: `${name} …` },
    { type: 'step.finished', step: name, status: 'ok', message, durationMs },
  ]
}

function turn(number: number, costUsd: number): RunEventBody {
  return {
    type: 'model.turn',
    turn: number,
    provider: 'anthropic',
    model: 'claude-opus-5-5',
    usage: { input: 2600, cacheRead: 10_500, cacheWrite: 450, output: 700 },
    costUsd,
    durationMs: 2100,
    firstTokenMs: 400,
    attempts: 1,
    stop: 'tool_use',
    harnessMs: 8,
  }
}
