import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const GITHUB = join(import.meta.dirname, '../../.github')
const files = readdirSync(join(GITHUB, 'workflows'))

/** Jobs that may write, and what; each has a reason. */
const MAY_WRITE: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  // It makes the release and pushes the image.
  'release.yml': { publish: { contents: 'write', packages: 'write' } },
}

interface Job {
  readonly needs?: readonly string[]
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

  test('may read the repository and nothing else but where it is named here, and keeps no credential', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' })
    const named = Object.entries<Job>(workflow.jobs).filter(([, job]) => job.permissions !== undefined)
    const permissions = Object.fromEntries(named.map(([name, job]) => [name, job.permissions]))
    expect(permissions).toEqual(MAY_WRITE[file] ?? {})
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

test('a release is published after every check, from a tag, and its token is in two steps only', () => {
  const { on, jobs } = parse(readFileSync(join(GITHUB, 'workflows/release.yml'), 'utf8'))
  expect(on).toEqual({ push: { tags: ['v*'] } })
  const { publish, ...others } = jobs
  expect(publish).toMatchObject({ needs: Object.keys(others), environment: 'release' })
  const commands = Object.values<Job>(others).flatMap(({ steps }) => steps.map(({ run }) => run ?? ''))
  for (const check of [/^\.ci\/run$/, /release:tarball -- --release$/, /try-tarball/, /check:image$/])
    expect(commands.filter((run) => check.test(run))).toHaveLength(1)
  const withToken = publish.steps.filter(({ env }: { env?: object }) => env !== undefined)
  expect(withToken.map(({ name }: { name: string }) => name.split(' ')[0])).toEqual(['Push', 'Make'])
})

test('Dependabot looks at packages and actions, and waits a week for each release', () => {
  const { updates } = parse(readFileSync(join(GITHUB, 'dependabot.yml'), 'utf8'))
  expect(updates).toMatchObject([
    { 'package-ecosystem': 'npm', cooldown: { 'default-days': 7 } },
    { 'package-ecosystem': 'github-actions', cooldown: { 'default-days': 7 } },
  ])
})
