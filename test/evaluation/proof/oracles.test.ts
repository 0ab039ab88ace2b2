import { describe, expect, test } from 'vitest'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import { preparePipelines } from '../../pipeline/pipeline-world.ts'
import { GO, GO_CASES, RUST, RUST_CASES } from './compiled-cases.ts'
import { JAVASCRIPT } from './javascript-project.ts'
import { everyForgery, FORGED, HONEST } from './listed-cases.ts'
import { carryOut } from './oracle-case.ts'
import { everyPythonForgery, PYTHON, PYTHON_CASES } from './python-cases.ts'
import { SILENCED } from './unlisted-cases.ts'

const startPipeline = preparePipelines()
/** Where processes, homes and temporary files are apart, as they are for every run that is not unconfined. */
const options = {
  sandboxes: () =>
    createLocalSandboxProvider({ mode: 'bubblewrap', deployment: 'oracles', path: process.env.PATH }),
}

/** `ORACLES=all npx vitest run test/evaluation/proof` tries each forgery alone, and more: minutes. */
const isAll = process.env.ORACLES === 'all'

const GROUPS = [
  { group: 'an honest change', project: JAVASCRIPT, cases: HONEST },
  { group: 'a forged change', project: JAVASCRIPT, cases: [everyForgery, ...FORGED] },
  { group: 'a change that silences tests', project: JAVASCRIPT, cases: SILENCED },
  { group: 'in Python, a change', project: PYTHON, cases: [everyPythonForgery, ...PYTHON_CASES] },
  { group: 'in Go, a change', project: GO, cases: GO_CASES },
  { group: 'in Rust, a change', project: RUST, cases: RUST_CASES },
]
const chosen = GROUPS.map(({ cases, ...group }) => ({
  ...group,
  cases: cases.filter(({ quick }) => isAll || quick),
})).filter(({ cases }) => cases.length > 0)

describe.each(chosen)('$group', ({ project, cases }) => {
  test.each(cases)('$name', async ({ says, ...change }) => {
    expect(await carryOut(startPipeline, { ...change, project, options })).toMatchObject(says)
  })
})
