import { expect } from 'vitest'
import type { RunEvent } from '../../../src/runs/run-event.ts'
import { verdictOf } from '../../../src/runs/summary/verdict.ts'
import type { VerifiedCheck } from '../../../src/runs/verification.ts'
import type { PipelineOptions, StartPipeline, Work } from '../../pipeline/pipeline-world.ts'

/** A change, honest or forged, and what must be said about it. */
export interface OracleCase {
  readonly name: string
  /** In the suite; the others run by hand. */
  readonly quick?: boolean
  /** Put over the files of the project; undefined: not there. */
  readonly files?: Readonly<Record<string, string | undefined>> | undefined
  /** What the agent does: a script in the workspace, run in the shell that has its profile. */
  readonly work: string
  /** For each check; default 2, which none but a hanging one takes. */
  readonly checkMinutes?: number | undefined
  readonly says: Partial<Said>
}

/** What people are shown. */
export interface Said {
  readonly checks: readonly VerifiedCheck['verdict'][]
  /** Last parts of the names of tests. */
  readonly newlyFailing: readonly string[]
  readonly newlySkipped: readonly string[]
  readonly missing: readonly string[]
  readonly regression: string | undefined
  readonly held: readonly string[]
  /** Hunks that a test needs, of those that were tried: `1/2`. */
  readonly needed: string | undefined
  readonly line: unknown
  readonly differences: unknown
  readonly unverified: unknown
  /** Of the pull request. */
  readonly draft: boolean | undefined
  readonly body: unknown
  /** Of the check run. */
  readonly conclusion: string | undefined
}

type Files = Readonly<Record<string, string | undefined>>

/** Carries out one case, from the request to the pull request. */
export async function carryOut(
  startPipeline: StartPipeline,
  {
    project,
    work,
    files,
    checkMinutes = 2,
    options = {},
  }: {
    readonly project: Files
    readonly options?: PipelineOptions
  } & Pick<OracleCase, 'work' | 'files' | 'checkMinutes'>,
): Promise<Said> {
  const world = await startPipeline({
    verify: { mode: 'full', minutes: 5 },
    commandMinutes: { setup: 5, maxSetup: 5, check: checkMinutes, maxCheck: checkMinutes },
    ...options,
  })
  const { github } = world
  await github.createRepository({
    owner: 'acme',
    name: 'api',
    private: true,
    collaborators: { ada: 'write' },
    files: present({ ...project, ...files }),
  })
  const { events } = await world.run({}, honest(work))
  expect(world.errors).toEqual([])
  const [pull] = github.pullRequests('acme/api')
  const [checkRun] = github.checkRuns('acme/api')
  return {
    ...saidOf(events),
    draft: pull?.draft,
    body: pull?.body ?? '',
    conclusion: checkRun?.conclusion ?? undefined,
  }
}

function present(files: Files): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).flatMap(([path, text]) => (text === undefined ? [] : [[path, text]])),
  )
}

/** Runs the script, then the checks in the agent's own workspace, as an agent with a model does it. */
function honest(script: string): Work {
  return async (task, context) => {
    const { exitCode, stderr } = await context.sandbox.exec(`set -e\n${script}`, {
      cwd: task.workspace,
      shell: 'agent',
    })
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    await context.verify()
    return {}
  }
}

function saidOf(events: readonly RunEvent[]): Omit<Said, 'draft' | 'body' | 'conclusion'> {
  const found = events.findLast((event) => event.type === 'verification.finished')
  if (found?.type !== 'verification.finished')
    throw new Error(`nothing was verified: ${JSON.stringify(events.at(-1))}`)
  const { checks, regression, necessity, differences, unverified } = found.verification
  const names = (list: 'newlyFailing' | 'newlySkipped' | 'missing') =>
    checks.flatMap(({ tests }) => (tests?.[list].names ?? []).map(lastPart)).sort()
  return {
    checks: checks.map(({ verdict }) => verdict),
    newlyFailing: names('newlyFailing'),
    newlySkipped: names('newlySkipped'),
    missing: names('missing'),
    regression: regression?.verdict,
    held: (regression?.held.names ?? []).map(lastPart).sort(),
    needed: necessity && `${necessity.held}/${necessity.tried}`,
    line: verdictOf(found.verification).line,
    differences: differences.join('\n'),
    unverified,
  }
}

function lastPart(name: string): string {
  return name.split(/ [>›] |::|\.(?=[A-Za-z_]+$)|\//).at(-1) ?? name
}
