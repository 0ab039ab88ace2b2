import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished } from 'vitest'
import type { RunEvent } from '../../../src/runs/run-event.ts'
import { verdictOf } from '../../../src/runs/summary/verdict.ts'
import type { VerifiedCheck } from '../../../src/runs/verification.ts'
import type { PipelineOptions, StartPipeline, Work } from '../../pipeline/pipeline-world.ts'

/** A change, honest or forged, and what must be said about it. */
export interface OracleCase {
  readonly name: string
  /** Put over the files of the project; undefined: not there. */
  readonly files?: Readonly<Record<string, string | undefined>> | undefined
  /** A folder of the project that is a submodule, whose commit is nowhere to be had. */
  readonly submodule?: string | undefined
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
  /** True if there was no time to try every hunk, which the verdict says. */
  readonly isOutOfTime: boolean
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
    submodule,
    checkMinutes = 2,
    mode,
    sandboxes,
  }: {
    readonly project: Files
    readonly mode: 'full' | 'checks'
    readonly sandboxes: NonNullable<PipelineOptions['sandboxes']>
  } & Pick<OracleCase, 'work' | 'files' | 'checkMinutes' | 'submodule'>,
): Promise<Said> {
  const world = await startPipeline({
    verify: { mode, minutes: 5 },
    commandMinutes: { setup: 5, maxSetup: 5, check: checkMinutes, maxCheck: checkMinutes },
    sandboxes,
  })
  const { github } = world
  const repository = { owner: 'acme', name: 'api', private: true, collaborators: { ada: 'write' } } as const
  const texts = present({ ...project, ...files })
  if (submodule === undefined) await github.createRepository({ ...repository, files: texts })
  else {
    const fromDirectory = await withSubmodule(texts, submodule)
    await github.createRepository({ ...repository, fromDirectory })
  }
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

/** A local repository with these files and a submodule, whose files are missing. */
async function withSubmodule(files: Readonly<Record<string, string>>, folder: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'oracle-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const module = `[submodule "${folder}"]\n\tpath = ${folder}\n\turl = https://github.com/acme/${folder}.git\n`
  for (const [path, text] of Object.entries({ ...files, '.gitmodules': module })) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  const git = (...args: string[]) =>
    promisify(execFile)('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: root })
  await git('init', '--quiet', '--initial-branch=main')
  await git('add', '.')
  await git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},${folder}`)
  await git('commit', '--quiet', '--message=Start')
  return root
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
    isOutOfTime: necessity?.reason === 'it would take too long',
    line: verdictOf(found.verification).line,
    differences: differences.join('\n'),
    unverified,
  }
}

function lastPart(name: string): string {
  const last = name.split(/ [>›] |::|\.(?=[A-Za-z_]+$)|\//).at(-1) ?? name
  return last
    .replace(/^[Tt]est_?(?=.)/, '')
    .replace(/\(\)$/, '')
    .toLowerCase()
}
