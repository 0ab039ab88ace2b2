import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Run } from '../../src/runs/run.ts'
import type { RunEvent, RunEventBody } from '../../src/runs/run-event.ts'
import { createRedact } from '../../src/secrets/redact.ts'
import { createTraceFinder } from '../../src/telemetry/find-trace.ts'
import { createRunTracer } from '../../src/telemetry/trace-runs.ts'
import { type LangSmithStandIn, startLangSmith } from '../stand-ins/langsmith.ts'
import { planted, run, story } from './traced-story.ts'

const API_KEY = 'lsv2_pt_canary_0123456789abcdef'
let langsmith: LangSmithStandIn

beforeEach(async () => {
  langsmith = await startLangSmith({ apiKey: API_KEY })
})
afterEach(() => langsmith.close())

async function tell(
  onProblem: (problem: string) => void = () => undefined,
  { run: told, story: events, ...how }: Telling = { run, story },
): Promise<boolean> {
  const redact = createRedact(['hunter2-canary', API_KEY])
  const tracer = createRunTracer({
    apiKey: API_KEY,
    endpoint: langsmith.url,
    project: 'test',
    privateRepositories: how.privateRepositories ?? [],
    redact,
    onProblem,
  })
  tracer.begin(told)
  let isTraced = false
  for (const [index, body] of events.entries()) {
    // The sandbox and the clone are under way before GitHub says what the repository is.
    if (index === 1 && how.isPrivate !== 'unknown') {
      tracer.admit(told.id, { ...told.request.repository, private: how.isPrivate ?? false })
    }
    isTraced = tracer.isTraced(told.id)
    tracer.observe({ ...body, runId: told.id, seq: index + 1, at: new Date().toISOString() } as RunEvent)
  }
  await tracer.flush(60_000)
  return isTraced
}

interface Telling {
  readonly run: Run
  readonly story: readonly RunEventBody[]
  readonly privateRepositories?: readonly string[]
  readonly isPrivate?: boolean | 'unknown'
}

test('a run becomes one tree: run, steps, and under the agent its model turns and tools', async () => {
  await tell()

  const runs = langsmith.runs()
  const byName = (name: string) => runs.find((traced) => traced.name === name)
  const root = byName('backspace run')
  expect(runs.map(({ name }) => name)).toEqual([
    'backspace run',
    'clone',
    'agent',
    'anthropic:claude-opus-5-5',
    'bash',
  ])
  expect(new Set(runs.map((traced) => traced.trace_id))).toEqual(new Set([root?.id]))
  expect(byName('clone')?.parent_run_id).toBe(root?.id)
  expect(byName('bash')).toMatchObject({ parent_run_id: byName('agent')?.id, run_type: 'tool' })
  expect(byName('anthropic:claude-opus-5-5')).toMatchObject({
    parent_run_id: byName('agent')?.id,
    run_type: 'llm',
    outputs: { text: 'I will run the tests.\n', usage_metadata: { input_tokens: 15, output_tokens: 3 } },
  })
  expect(runs.every((traced) => traced.end_time !== undefined)).toBe(true)
  expect(root?.outputs).toMatchObject({ status: 'run.succeeded' })
  expect(root?.extra?.metadata).toMatchObject({ run_id: run.id, turns: 1, costUsd: 0.01, cacheShare: null })
  expect(byName('bash')?.extra?.metadata).toMatchObject({ bytes: { sent: 900, full: 50_000 } })
})

test.for([
  { isPrivate: true, privateRepositories: [], sent: false },
  { isPrivate: true, privateRepositories: ['acme/web', 'other/*'], sent: false },
  { isPrivate: true, privateRepositories: ['ACME/a*'], sent: true },
  { isPrivate: true, privateRepositories: ['*/*'], sent: true },
  { isPrivate: false, privateRepositories: [], sent: true },
  { isPrivate: 'unknown', privateRepositories: [], sent: false },
] as const)('a private repository is traced only if the operator says so: %j (S34)', async ({
  sent,
  ...how
}) => {
  expect(await tell(undefined, { run, story, ...how })).toBe(sent)
  expect(langsmith.received() !== '').toBe(sent)
  expect(
    langsmith
      .runs()
      .map(({ name }) => name)
      .slice(0, 2),
  ).toEqual(sent ? ['backspace run', 'clone'] : [])
})

test('the page of a trace is asked of LangSmith', async () => {
  const find = createTraceFinder({ apiKey: API_KEY, endpoint: langsmith.url, project: 'test' })
  const asked = { id: run.id, createdAt: new Date(0) }
  await expect(find(asked)).rejects.toMatchObject({ code: 'unavailable' })
  await tell()
  const root = langsmith.runs().find(({ name }) => name === 'backspace run')
  expect(await find(asked)).toMatch(
    new RegExp(`^https://smith.langchain.com/o/acme/projects/p/.*/r/${root?.id}$`),
  )
  await expect(find({ ...asked, id: 'another' })).rejects.toMatchObject({ code: 'not_found' })
  langsmith.fault = 'error'
  await expect(find(asked)).rejects.toMatchObject({ code: 'unavailable' })
})

test('a trace holds no secret and nothing of this process’s environment', async () => {
  process.env.LANGSMITH_CUSTOM_THING = 'environment-canary'
  await tell()
  delete process.env.LANGSMITH_CUSTOM_THING

  expect(langsmith.runs().length).toBeGreaterThan(0)
  expect(langsmith.received()).not.toMatch(/hunter2-canary|environment-canary|lsv2_pt_canary/)
})

test('a secret in any text of a run or an event is masked in its trace', async () => {
  await tell(undefined, planted({ run, story }))

  expect(langsmith.runs()).toHaveLength(5)
  expect(langsmith.received()).toContain('[redacted]')
  expect(langsmith.received()).not.toContain('hunter2-canary')
})

test.each([
  'refuse',
  'error',
  'hang',
] as const)('a LangSmith that is at fault (%s) costs the run nothing', async (fault) => {
  langsmith.fault = fault
  const problems: string[] = []
  await tell((problem) => problems.push(problem))

  if (fault !== 'hang') expect(problems).toHaveLength(1)
  expect(langsmith.runs()).toEqual([])
})

test('a LangSmith that is down costs the run nothing', async () => {
  await langsmith.close()
  const problems: string[] = []
  await tell((problem) => problems.push(problem))

  expect(problems).toEqual([expect.stringContaining('LangSmith cannot be reached')])
})
