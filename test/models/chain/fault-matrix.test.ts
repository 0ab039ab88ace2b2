import { describe, expect, test } from 'vitest'
import { createAnthropicModel } from '../../../src/models/anthropic/anthropic.ts'
import { createFallbackModel } from '../../../src/models/chain/fallback.ts'
import type { Model, ModelNotice } from '../../../src/models/model.ts'
import { createOpenAIModel } from '../../../src/models/openai/openai.ts'
import { checkPrefix } from '../../../src/models/prefix-check.ts'
import { startAnthropic } from '../../stand-ins/anthropic.ts'
import type { Json, RecordedRequest, ScriptedFault, Step } from '../../stand-ins/models/script.ts'
import { startOpenAI } from '../../stand-ins/openai.ts'
import { after, asking, conversation } from '../conversation.ts'

/**
 * Every way for a provider to fail × where in the answer it fails, through the real SDKs. The second turn of a
 * conversation fails for as long as the row says; what is asserted is what went over the wire.
 */
interface Row {
  readonly fault: ScriptedFault['fault']
  readonly error?: ScriptedFault['error']
  /** Where in the stream; an HTTP status comes before any byte. */
  readonly at?: ScriptedFault['at']
  /** Waits before the model is given up, in milliseconds. */
  readonly waits: readonly number[]
  /** Whether all models of a turn share that time. */
  readonly once?: boolean
  /** Whether another model of the same provider is asked afterwards. */
  readonly sibling: boolean
}

const BACKOFF = [1000, 2000, 4000, 8000]
const OVERLOAD = [2000, 4000, 8000, 15_000, 15_000]
const STREAM = ['start', 'text', 'tool', 'end'] as const
const everywhere = (row: Omit<Row, 'at'>): Row[] => STREAM.map((at) => ({ ...row, at }))

const EITHER: readonly Row[] = [
  ...[408, 409, 500, 502, 504].map((status) => ({ fault: { status }, waits: BACKOFF, sibling: true })),
  { fault: { status: 429, retryAfter: 7 }, waits: [7000, 7000, 7000, 7000], sibling: true },
  { fault: { status: 429, retryAfter: 46 }, waits: [], sibling: true },
  { fault: { status: 500, retryAfter: 3 }, waits: [3000, 3000, 3000, 3000], sibling: true },
  { fault: { status: 503, retryAfter: 46 }, waits: [], sibling: true },
  { fault: { status: 402 }, waits: [], sibling: false },
  { fault: { status: 401 }, waits: [], sibling: false },
  { fault: { status: 403 }, waits: [], sibling: false },
  { fault: { status: 404 }, waits: [], sibling: true },
  { fault: 'drop', waits: BACKOFF, sibling: true },
  ...everywhere({ fault: 'cut', waits: BACKOFF, sibling: true }),
  ...everywhere({ fault: 'stall', waits: [1000], sibling: true }),
]

const OF_ANTHROPIC: readonly Row[] = [
  { fault: { status: 529 }, waits: OVERLOAD, once: true, sibling: true },
  { fault: { status: 529, retryAfter: 5 }, waits: Array(9).fill(5000), once: true, sibling: true },
  { fault: { status: 529, retryAfter: 0 }, waits: Array(20).fill(0), sibling: true },
  { fault: { status: 503 }, waits: BACKOFF, sibling: true },
  { fault: { status: 429 }, waits: [], sibling: false },
  ...everywhere({
    fault: 'in-stream-error',
    error: { type: 'overloaded_error' },
    waits: OVERLOAD,
    once: true,
    sibling: true,
  }),
  ...everywhere({ fault: 'in-stream-error', error: { type: 'api_error' }, waits: BACKOFF, sibling: true }),
  ...everywhere({ fault: 'in-stream-error', error: { type: 'billing_error' }, waits: [], sibling: false }),
]

const OF_OPENAI: readonly Row[] = [
  { fault: { status: 503 }, waits: OVERLOAD, once: true, sibling: true },
  { fault: { status: 429, type: 'insufficient_quota' }, waits: [], sibling: false },
  { fault: { status: 429, code: 'credit_balance_exhausted' }, waits: [], sibling: false },
  { fault: { status: 429, code: 'rate_limit_exceeded' }, waits: BACKOFF, sibling: true },
  ...everywhere({ fault: 'failed', error: { code: 'server_error' }, waits: BACKOFF, sibling: true }),
  ...everywhere({
    fault: 'in-stream-error',
    error: { code: 'server_is_overloaded' },
    waits: OVERLOAD,
    once: true,
    sibling: true,
  }),
]

const LOOK = { reasoning: 'Hm.', text: 'Looking.', calls: [{ name: 'bash', args: { command: 'ls' } }] }
/** What would have been said, had it not failed: text and a call, so that every place in the stream exists. */
const CUT_OFF = {
  text: 'I will run the tests now.',
  calls: [{ name: 'bash', args: { command: 'npm test' } }],
}
const DONE = { text: 'Done.' }

/** Answers the first turn, then fails for every model of this provider. */
function failing(row: Row): (request: RecordedRequest, index: number) => Step {
  const { fault, error, at } = row
  const step = { ...CUT_OFF, fault, ...(error ? { error } : {}), ...(at ? { at } : {}) }
  return (_request, index) => (index === 0 ? LOOK : step)
}

async function runRow(first: 'anthropic' | 'openai', row: Row) {
  const fails = failing(row)
  const claude = await startAnthropic({ script: first === 'anthropic' ? fails : [DONE] })
  const gpt = await startOpenAI({ script: first === 'openai' ? fails : [DONE] })
  const violations: string[] = []
  const onViolation = (violation: string) => void violations.push(violation)
  const ofClaude = { apiKey: claude.apiKey, baseUrl: claude.baseUrl, onViolation }
  const ofGpt = { apiKey: gpt.apiKey, baseUrl: gpt.baseUrl, onViolation }
  const claudes = (idleTimeoutMs = 60_000) =>
    ['claude-opus-5-5', 'claude-sonnet-5-5'].map((model) =>
      createAnthropicModel({ model, ...ofClaude, idleTimeoutMs }),
    )
  const gpts = (idleTimeoutMs = 60_000) =>
    ['gpt-6.1-sol', 'gpt-6-sol'].map((model) => createOpenAIModel({ model, ...ofGpt, idleTimeoutMs }))
  // Only a model that is silent on purpose may be taken for a silent one on a busy machine.
  const idle = row.fault === 'stall' ? 1000 : undefined
  const models: Model[] =
    first === 'anthropic' ? [...claudes(idle), ...gpts()] : [...gpts(idle), ...claudes()]
  const waits: number[] = []
  const sleep = async (ms: number) => void waits.push(ms)
  const model = createFallbackModel({ models, retry: { sleep, random: () => 0.5 } })
  const [patient] = first === 'anthropic' ? claudes() : gpts()
  const notices: ModelNotice[] = []
  try {
    const opening = await patient?.respond(conversation(), asking())
    if (!opening) throw new Error('there is no model')
    const transcript = after(conversation(), opening)
    const turn = await model.respond(transcript, asking({ onNotice: (notice) => notices.push(notice) }))
    const [failed, other] = first === 'anthropic' ? [claude, gpt] : [gpt, claude]
    const rejections = [...claude.rejections, ...gpt.rejections]
    return { turn, waits, notices, violations, rejections, failed: failed.turns(), other: other.turns() }
  } finally {
    await Promise.all([claude.close(), gpt.close()])
  }
}

function shape({ system, instructions, tools, messages, input }: Json) {
  return { head: [system ?? instructions, tools], items: messages ?? input }
}

describe.each([
  ['anthropic', [...EITHER, ...OF_ANTHROPIC]],
  ['openai', [...EITHER, ...OF_OPENAI]],
] as const)('%s', (first, rows) => {
  test.concurrent.each(
    rows.map((row) => [JSON.stringify([row.fault, row.error, row.at]), row] as const),
  )('%s', async (_name, row) => {
    const seen = await runRow(first, row)
    // Each model that is asked waits by the same rule, or is asked once more; afterwards the other provider answers.
    const asked = row.sibling && !row.once ? 2 : 1
    const askedOnce = row.sibling && row.once ? 1 : 0
    const limit = row.fault instanceof Object && row.fault.status === 429 ? 120_000 : Infinity
    const waits = Array.from({ length: asked }, () => row.waits).flat()
    expect(seen.waits).toEqual(waits.filter((_wait, index) => sum(waits.slice(0, index + 1)) <= limit))
    expect(seen.failed).toHaveLength(1 + asked * (row.waits.length + 1) + askedOnce)
    expect(seen.other).toHaveLength(1)
    expect(seen.turn.entry.origin.provider).toBe(first === 'anthropic' ? 'openai' : 'anthropic')
    // Nothing of the failed answers is left, and nothing was asked that the API would refuse.
    expect(JSON.stringify(seen.turn)).not.toContain('npm test')
    expect(seen.rejections).toEqual([])
    expect(seen.violations).toEqual([])
    const ofFirst = seen.failed.filter(({ model }) => model === seen.failed[0]?.model)
    for (const later of ofFirst.slice(1)) expect(checkPrefix(shape(ofFirst[0]), shape(later))).toEqual([])
    for (const repeat of ofFirst.slice(2)) expect(repeat).toEqual(ofFirst[1])
    expect(JSON.stringify(seen.other)).not.toMatch(/"Hm\."|encrypted_content":|"signature"/)
    expect(seen.notices.at(-1)).toMatchObject({ kind: 'switch' })
  })
})

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
