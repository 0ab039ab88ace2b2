import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunEventBody } from '../../../src/runs/run-event.ts'
import { createRedact } from '../../../src/secrets/redact.ts'
import { createShowEvent } from '../../../src/web/stream/show-event.ts'
import { createWireMapper } from '../../../src/web/stream/wire-event.ts'
import { BODIES, eventsOf, SUCCESS, TOTALS } from '../a-run.ts'

async function wired(bodies?: readonly RunEventBody[], secrets: readonly string[] = []) {
  const shown = await Promise.all(eventsOf(bodies).map(createShowEvent(createRedact(secrets))))
  return shown.map(createWireMapper())
}

function bash(output: string): RunEventBody {
  return {
    type: 'tool.finished',
    callId: 'c',
    tool: 'bash',
    title: 'bash x',
    status: 'ok',
    durationMs: 812,
    detail: { kind: 'bash', command: 'x', output, exitCode: 0 },
  }
}

test('each event is one frame with its seq, run, time, type and message', async () => {
  const events = eventsOf()
  for (const [index, frame] of (await wired()).entries()) {
    expect(frame).toMatchObject({ seq: index + 1, runId: 'r1', at: events[index]?.at })
    expect(frame.type).toMatch(/^(?:info|AI Message|success|error|Tool: [A-Z]\w*)$/)
    expect(typeof frame.message).toBe('string')
  }
})

test('the first frame carries the URLs of the run', async () => {
  expect((await wired())[0]).toMatchObject({
    type: 'info',
    runUrl: 'http://here/runs/r1',
    eventsUrl: 'http://here/runs/r1/events',
  })
})

test('tool frames have the fields that clients read', async () => {
  const frames = await wired()
  const find = (type: string) => frames.find((frame) => frame.type === type)
  expect(find('Tool: Read')).toMatchObject({ filepath: 'app.js' })
  expect(find('Tool: Grep')).toMatchObject({ pattern: 'add\\(', matches: 3 })
  expect(find('Tool: Edit')).toMatchObject({ filepath: 'app.js', old_str: '  return a - b\n' })
  expect(find('Tool: Bash')).toMatchObject({ command: 'npm test', exit_code: 0, duration_ms: 1812 })
  expect(find('AI Message')?.message).toContain('fix the sign')
})

test.each([
  [
    'edit',
    { path: 'a.js', edits: [{ oldText: 'a', newText: 'b' }] },
    { filepath: 'a.js', old_str: 'a', new_str: 'b' },
  ],
  ['edit', undefined, { filepath: '', old_str: '', new_str: '' }],
  ['read', { path: 'a.js' }, { filepath: 'a.js' }],
  ['write', { path: 'a.js' }, { filepath: 'a.js', content: '' }],
  ['bash', { command: 'x' }, { command: 'x', exit_code: null }],
] as const)('a call of %s that came to nothing has the fields of its kind: %o', async (tool, asked, fields) => {
  const [frame] = await wired([
    {
      ...{ type: 'tool.finished', callId: 'c', tool, title: tool, status: 'error', durationMs: 1 },
      detail: { kind: 'other', text: 'no such file', ...(asked ? { asked } : {}) },
    },
  ])
  expect(frame).toMatchObject({ status: 'error', output: 'no such file', ...fields })
})

test('an edit of several places keeps them all', async () => {
  const edits = [
    { oldText: 'a', newText: 'b' },
    { oldText: 'c', newText: 'd' },
  ]
  const [frame] = await wired([
    {
      type: 'tool.finished',
      callId: 'c',
      tool: 'edit',
      title: 'edit x',
      status: 'ok',
      durationMs: 1,
      detail: { kind: 'edit', path: 'x', edits },
    },
  ])
  expect(frame).toMatchObject({ old_str: 'a', new_str: 'b', more_edits: [{ old_str: 'c', new_str: 'd' }] })
})

test('success tells what was done, what it cost and what happened last', async () => {
  const last = (await wired()).at(-1)
  expect(last).toMatchObject({
    type: 'success',
    message: 'Fix the sign in add()',
    telemetry: { langsmith_enabled: true },
    extra_data: {
      outcome: 'pull_request',
      pr_url: 'https://github.com/acme/api/pull/7',
      total_duration_ms: 48_211,
      ai_provider: 'anthropic',
      cost_usd: 0.41,
    },
  })
  if (last?.type !== 'success') throw new Error('the run did not succeed')
  const { telemetry } = last
  expect(telemetry.thinking_logs_count).toBeGreaterThanOrEqual(24)
  expect(telemetry.recent_thoughts).toHaveLength(10)
  expect(telemetry.recent_thoughts.at(-1)).toEqual({
    step: 'pull_request',
    thought: 'Opened https://github.com/acme/api/pull/7',
  })
})

test('a failed and a cancelled run end with an error and its code', async () => {
  const failed = await wired([
    { type: 'run.failed', code: 'push_forbidden', message: 'Not allowed', totals: TOTALS },
  ])
  expect(failed[0]).toMatchObject({ type: 'error', code: 'push_forbidden', message: 'Not allowed' })
  const cancelled = await wired([{ type: 'run.cancelled', message: 'Stopped by ada', totals: TOTALS }])
  expect(cancelled[0]).toMatchObject({ type: 'error', code: 'cancelled', message: 'Stopped by ada' })
})

test('after a change of provider the one that finished is named', async () => {
  const models = ['anthropic:claude-opus-5-5', 'openai:gpt-6.1-sol']
  const [frame] = await wired([{ ...SUCCESS, totals: { ...TOTALS, models } } as RunEventBody])
  expect(frame).toMatchObject({ extra_data: { ai_provider: 'openai', models } })
})

test('progress never goes back, even when a run starts again', async () => {
  const frames = await wired([...BODIES, { type: 'run.started', attempt: 2 }, ...BODIES])
  const progress = frames.flatMap((frame) => ('progress' in frame ? [frame.progress] : []))
  expect(progress).toEqual(progress.toSorted((a, b) => a - b))
  expect(Math.max(...progress)).toBeLessThan(100)
})

test('secrets are masked wherever they stand', async () => {
  const token = `ghs_${'a1B2'.repeat(12)}`
  const frames = JSON.stringify(
    await wired([bash(`token ${token} and hunter2-hunter2`)], ['hunter2-hunter2']),
  )
  expect(frames).not.toContain(token)
  expect(frames).not.toContain('hunter2')
})

test('what a sandbox printed cannot steer a terminal', async () => {
  const [frame] = await wired([
    bash('\u001b[31mred\u001b[0m \u001b]52;c;aGk=\u0007ok\r\nnext\rlast\u009b2J\u0000'),
  ])
  expect(frame).toMatchObject({ output: 'red ok\nnext\nlast' })
})

test('no text makes a frame with control characters', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (output) => {
      const [frame] = await wired([bash(output)])
      if (frame?.type !== 'Tool: Bash' || !('command' in frame)) throw new Error('not a frame of bash')
      const shown = frame.output
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(shown).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/)
      expect(shown.isWellFormed()).toBe(true)
    }),
  )
})
