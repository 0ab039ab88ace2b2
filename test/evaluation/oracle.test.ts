import { delimiter } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findProgram } from '../../src/sandbox/local/probe-local-sandbox.ts'
import { NPM_STAND_IN } from '../support/start-world.ts'
import { type Fixture, readFixtures, type Verdict } from './fixture.ts'
import { goldTree } from './gold-tree.ts'
import { createOracle } from './oracle.ts'
import { type Evaluated, type Evaluation, startEvaluation } from './start-evaluation.ts'
import { toolchainShims } from './toolchain-shims.ts'

const path = process.env.PATH ?? ''
const fixtures = readFixtures()

function missing({ needs }: Fixture): string {
  const absent = needs.filter((program) => findProgram(program, path) === undefined)
  return absent.length === 0 ? '' : ` (not installed: ${absent.join(', ')})`
}

describe.concurrent('an oracle solves', { timeout: 300_000 }, () => {
  /** With clean sandboxes and without: these take a third of a run, and some fixtures are not about what can go wrong there. */
  let evaluations: { readonly verified: Evaluation; readonly unverified: Evaluation }
  let shims: Awaited<ReturnType<typeof toolchainShims>>
  beforeAll(async () => {
    shims = await toolchainShims([NPM_STAND_IN, path].join(delimiter))
    const env = { PATH: shims.path, BACKSPACE_CONCURRENCY: '2' }
    evaluations = {
      verified: await startEvaluation({ env }),
      unverified: await startEvaluation({ verify: undefined, env }),
    }
  })
  afterAll(async () => {
    for (const evaluation of Object.values(evaluations)) {
      expect(evaluation.rejections).toEqual([])
      await evaluation.stop()
    }
    await shims.remove()
  })

  for (const fixture of fixtures) {
    const absent = missing(fixture)
    test.skipIf(absent !== '')(`${fixture.name}: ${fixture.kind}${absent}`, async ({ annotate }) => {
      const { policy, surprises } = createOracle(fixture)
      const evaluation = fixture.verified ? evaluations.verified : evaluations.unverified
      const evaluated = await evaluation.evaluate({ ...fixture, policy })
      await annotate(effortOf(evaluated), 'effort')

      expect(surprises).toEqual([])
      const { gold } = fixture
      if (gold.answer !== undefined) expectWords(evaluated, { outcome: 'answer', words: gold.answer })
      else if (gold.question !== undefined)
        expectWords(evaluated, { outcome: 'question', words: gold.question })
      else await expectSolved(evaluation, evaluated, fixture)
      const shown = JSON.stringify(evaluated.requests.at(-1)?.messages)
      for (const text of fixture.sees) expect(shown).toContain(JSON.stringify(text).slice(1, -1))
      expect(shown.includes('"type":"image"')).toBe(fixture.seesImage)
    })
  }
})

async function expectSolved({ github }: Evaluation, evaluated: Evaluated, fixture: Fixture): Promise<void> {
  const { repo, end, pull, requests } = evaluated
  const body = pull?.body ?? ''
  expect(end).toMatchObject({ type: 'success', extra_data: { outcome: 'pull_request' } })
  expect({ title: pull?.title, draft: pull?.draft }).toEqual({
    title: 'Do what the issue asks for',
    draft: fixture.draft !== undefined,
  })
  if (fixture.draft !== undefined) expect(body).toContain(fixture.draft)
  expect(await github.filesAt(repo, pull?.head ?? '')).toMatchObject(goldTree(fixture))
  expect(Object.keys(await github.filesAt(repo, pull?.head ?? '')).sort()).toEqual(
    Object.keys(goldTree(fixture)).sort(),
  )
  expect(tableOf(body)).toEqual(fixture.checks)
  expect(body).not.toContain('### Before you merge')
  expect(JSON.stringify(requests.at(-1))).not.toContain('Not finished yet')
}

function expectWords(
  { end, pull, comment, branches }: Evaluated,
  { outcome, words }: { readonly outcome: string; readonly words: string },
): void {
  expect(end).toMatchObject({ type: 'success', extra_data: { outcome, pr_url: null } })
  expect(comment).toContain(words)
  expect([pull, branches]).toEqual([undefined, ['main']])
}

/** The checks as the pull request shows them. */
function tableOf(body: string): Record<string, Verdict[]> {
  const rows = body.matchAll(/^\| `+ ?(.+?) ?`+ \| (.+) \| (.+) \|$/gm)
  const verdict = (cell: string): Verdict => (cell.includes('passed (exit code 0,') ? 'passes' : 'fails')
  return Object.fromEntries([...rows].map(([, command, ...cells]) => [command, cells.map(verdict)]))
}

function effortOf({ requests, frames }: Evaluated): string {
  const sizes = requests.map((request) => JSON.stringify(request).length)
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const calls = frames.filter(({ type }) => type.startsWith('Tool:')).length
  return `${requests.length} requests, ${calls} calls, first ${kilobytes(sizes[0] ?? 0)}, mean ${kilobytes(total / sizes.length)}, all ${kilobytes(total)}`
}
