import { expect, test } from 'vitest'
import type { Agent } from '../../src/agent/agent.ts'
import { openWorkspace } from '../agent/support/open-workspace.ts'
import { startWork, workOn } from '../agent/support/work-on.ts'

const FILES = { 'hello.txt': 'hello\n', 'README.md': '# Greeter\n' }

/**
 * What holds for every agent.
 *
 * @param options.create an agent that, asked with `prompt`, turns the `hello` of hello.txt into `good morning`.
 */
export function agentContract(
  name: string,
  { create, prompt }: { readonly create: () => Agent; readonly prompt: string },
): void {
  test(`${name} leaves its change as files, uncommitted, and reports it as done`, async () => {
    const place = await openWorkspace(FILES)

    const { outcome, verified } = await workOn(place, create(), { task: { prompt } })

    expect(outcome.kind).toBe('done')
    expect(verified).toBe(1)
    expect(await place.read('hello.txt')).toBe('good morning\n')
    expect(await place.sh('git status --porcelain')).toBe('M hello.txt')
    expect(await place.sh('git rev-parse HEAD')).toBe(place.baseSha)
  })

  test(`${name} names its outcome in one line of at most 72 characters, and explains it`, async () => {
    const { outcome } = await workOn(await openWorkspace(FILES), create(), { task: { prompt } })

    expect(outcome.title).toMatch(/^\S.{0,71}$/u)
    expect(outcome.summary.trim()).not.toBe('')
  })

  test(`${name} finishes every tool that it starts, and counts them`, async () => {
    const { outcome, events } = await workOn(await openWorkspace(FILES), create(), { task: { prompt } })

    const started = events.flatMap((event) => (event.type === 'tool.started' ? [event.callId] : []))
    const finished = events.flatMap((event) => (event.type === 'tool.finished' ? [event.callId] : []))
    expect(started.length).toBeGreaterThan(0)
    expect(new Set(started).size).toBe(started.length)
    expect(finished.sort()).toEqual(started.sort())
    expect(outcome.totals.toolCalls).toBe(started.length)
  })

  test(`${name} accounts for its turns and its models`, async () => {
    const { outcome, events } = await workOn(await openWorkspace(FILES), create(), { task: { prompt } })

    const { totals } = outcome
    expect(events.filter(({ type }) => type === 'model.turn')).toHaveLength(totals.turns)
    expect(totals.models.length).toBeGreaterThan(0)
  })

  test(`${name} does not call it done when checks newly fail`, async () => {
    const { outcome } = await workOn(await openWorkspace(FILES), create(), {
      task: { prompt },
      reports: [{ ok: false, report: 'npm test: exit 1' }],
    })

    expect(outcome.kind).toBe('partial')
    expect(outcome.reason).toBeTruthy()
    expect(outcome.code).toBeTruthy()
  })

  test(`${name} ends with the reason when it is cancelled`, async () => {
    const work = startWork(await openWorkspace(FILES), create(), { task: { prompt } })
    const reason = new Error('stopped by alice')

    work.controller.abort(reason)

    await expect(work.outcome).rejects.toBe(reason)
  })

  test(`${name} ends with the sandbox's error when it is lost`, async () => {
    const place = await openWorkspace(FILES)
    await place.sandbox.kill()

    const { outcome } = startWork(place, create(), { task: { prompt } })

    await expect(outcome).rejects.toMatchObject({ name: 'SandboxError', class: 'gone' })
  })

  test(`${name} tells people nothing that holds a path of this machine`, async () => {
    const { outcome, events } = await workOn(await openWorkspace(FILES), create(), { task: { prompt } })

    expect(JSON.stringify([outcome, events])).not.toContain(process.cwd())
    expect(JSON.stringify([outcome, events])).not.toMatch(/\/tmp\/|node_modules/)
  })
}
