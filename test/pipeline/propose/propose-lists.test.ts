import { expect, test } from 'vitest'
import { parseRepoSettings } from '../../../src/checks/repo-settings.ts'
import type { CheckResult } from '../../../src/checks/run-checks.ts'
import { everythingWorks, notCovered, propose } from '../../../src/pipeline/propose/propose-lists.ts'

const ran = (command: string, exitCode = 0): CheckResult => ({
  command,
  exitCode,
  durationMs: 1000,
  tail: '',
})
const projectOn = (folder: string, setup: readonly string[], check: string) => ({
  folder,
  ecosystem: 'Any',
  source: `${folder}/manifest`,
  setup,
  checks: [{ command: check, folder, inFolder: check, ecosystem: 'Any' }],
  covers: [],
})

test('half of an installation is not proposed, unless a check passes after it', () => {
  const projects = [
    projectOn('a', ['a venv', 'a pip'], 'a test'),
    projectOn('b', ['b venv', 'b pip'], 'b test'),
  ]
  const tried = {
    setup: [
      ran('a venv'),
      ran('a pip', 1),
      ran('b venv'),
      ran('b pip', 1),
      ran('container'),
      ran('ours'),
      ran('login [redacted]'),
    ],
    checks: [ran('a test', 127), ran('b test')],
  }
  const found = {
    projects,
    baseline: projects,
    containerSetup: { commands: ['container'], source: 'devcontainer.json' },
  }
  const { text } = propose({ found, tried, variables: { A: '1' }, own: undefined }, [])
  expect(text).toBe(`setup:
  # - a venv # a/manifest: worked, and a command after it did not
  # - a pip # a/manifest: failed (exit code 1)
  - b venv # b/manifest: passed in 1.0 s
  # - b pip # b/manifest: failed (exit code 1)
  - container # devcontainer.json: passed in 1.0 s
  - ours # passed in 1.0 s

checks:
  # - a test # a/manifest: could not run (exit code 127)
  - b test # b/manifest: passed in 1.0 s

env:
  A: "1"
`)
  expect(notCovered({ projects, untested: [] }, tried)).toEqual([
    { path: 'a', reason: 'no check of its Any passed.' },
  ])
  const nothing = { setup: tried.setup.slice(0, 2), checks: tried.checks.slice(0, 1) }
  expect(propose({ found, tried: nothing, variables: {}, own: undefined }, []).text).toBeUndefined()
})

test('a file is corrected for what cannot be run, not for what fails', () => {
  const text = 'setup: [make all, make more]\nchecks:\n  - npm test\n  - npm run gone\n'
  const own = {
    path: '.github/backspace.yml',
    mode: '100644',
    bytes: Buffer.from(text),
    text,
    settings: parseRepoSettings(text, ''),
  }
  const setup = [ran('make all'), ran('make more')]
  const red = { setup, checks: [ran('npm test', 1), ran('npm run gone')] }
  expect(everythingWorks(red, own)).toBe(true)
  expect(everythingWorks({ ...red, setup: setup.slice(0, 1) }, own)).toBe(false)
  const broken = { setup, checks: [ran('npm test', 1), ran('npm run gone', 127), ran('other')] }
  expect(everythingWorks(broken, own)).toBe(false)
  const projects = [projectOn('', [], 'other')]
  const { text: corrected } = propose(
    { found: { projects, baseline: projects }, tried: broken, variables: {}, own },
    [],
  )
  expect(corrected).toBe(`setup: [make all, make more]
checks:
  - npm test # failed (exit code 1)
  # - npm run gone # could not run (exit code 127)
  - other # /manifest: passed in 1.0 s
`)
})
