import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const GITHUB = join(import.meta.dirname, '../../.github')
const files = readdirSync(join(GITHUB, 'workflows'))

interface Job {
  readonly 'timeout-minutes'?: number
  readonly permissions?: unknown
  readonly steps: readonly {
    readonly uses?: string
    readonly run?: string
    readonly with?: Readonly<Record<string, unknown>>
  }[]
}

test('there is a workflow that runs what CI runs', () => {
  expect(files).toContain('ci.yml')
  expect(readFileSync(join(GITHUB, 'workflows/ci.yml'), 'utf8')).toMatch(/run: \.ci\/run$/m)
})

describe.each(files)('the workflow %s', (file) => {
  const text = readFileSync(join(GITHUB, 'workflows', file), 'utf8')
  const workflow = parse(text)
  const jobs = Object.values<Job>(workflow.jobs)
  const steps = jobs.flatMap((job) => job.steps)

  test('names each action by its commit, with the version beside it', () => {
    const uses = [...text.matchAll(/uses:\s*(.*)$/gm)].map(([, used = '']) => used)
    expect(uses.length).toBe(steps.filter((step) => step.uses !== undefined).length)
    expect(uses.filter((used) => !/^[\w-]+\/[\w/.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(used))).toEqual([])
  })

  test('may read the repository and nothing else, and keeps no credential', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' })
    expect(jobs.filter((job) => job.permissions !== undefined)).toEqual([])
    expect(text).not.toMatch(/secrets\.|pull_request_target|workflow_run/)
    for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')))
      expect(step.with).toMatchObject({ 'persist-credentials': false })
  })

  test('ends in time, one run per branch, and puts nothing from outside into a command', () => {
    for (const job of jobs) expect(job['timeout-minutes']).toBeLessThanOrEqual(30)
    expect(workflow.concurrency.group).toContain('github.ref')
    expect(steps.filter((step) => step.run?.includes('${{'))).toEqual([])
  })
})

test('Dependabot looks at packages and actions, and waits a week for each release', () => {
  const { updates } = parse(readFileSync(join(GITHUB, 'dependabot.yml'), 'utf8'))
  expect(updates).toMatchObject([
    { 'package-ecosystem': 'npm', cooldown: { 'default-days': 7 } },
    { 'package-ecosystem': 'github-actions', cooldown: { 'default-days': 7 } },
  ])
})
