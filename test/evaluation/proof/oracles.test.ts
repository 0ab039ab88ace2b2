import { describe, expect, test } from 'vitest'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import { preparePipelines } from '../../pipeline/pipeline-world.ts'
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

describe.each([
  ['an honest change', JAVASCRIPT, HONEST],
  ['a forged change', JAVASCRIPT, [everyForgery, ...FORGED]],
  ['a change that silences tests', JAVASCRIPT, SILENCED],
  ['in Python, a change', PYTHON, [everyPythonForgery, ...PYTHON_CASES]],
])('%s', (_, project, cases) => {
  const chosen = cases.filter(({ quick }) => isAll || quick)
  test.each(chosen)('$name', async ({ files, work, says }) => {
    expect(await carryOut(startPipeline, { project, files, work, options })).toMatchObject(says)
  })
})
