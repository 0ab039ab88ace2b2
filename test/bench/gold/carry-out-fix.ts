import { endOf, type ReceivedFrame } from '../../../src/commands/terminal/run/received-frame.ts'
import { runFrames } from '../../../src/commands/terminal/run/run-frames.ts'
import { networkEnvironment } from '../../support/environment.ts'
import { startProvingService } from '../proof/proving-service.ts'
import { turnsOf } from './fix-turns.ts'
import { listTree, type OpenFix } from './open-fix.ts'

/** What became of a fix that went through the whole service. */
export interface CarriedOutFix {
  readonly setup: string
  readonly before: string
  readonly after: string
  readonly ending: 'ready' | 'draft' | 'failed'
  /** Why it is not ready, in words for people. */
  readonly reasons: readonly string[]
  /** What the verification found, one line. */
  readonly verdict: string
  /** Paths that are not as people merged them; undefined without a pull request. */
  readonly differing: readonly string[] | undefined
  readonly seconds: number
  readonly frames: readonly ReceivedFrame[]
  /** Of the pull request. */
  readonly body: string
}

/** The base on GitHub, the service as an operator runs it, and a model that knows the fix. */
export async function carryOutFix(
  fix: OpenFix,
  onFrame: (frame: ReceivedFrame) => void,
): Promise<CarriedOutFix> {
  const turns = await turnsOf(fix)
  const { github, ask, close } = await startProvingService(turns, networkEnvironment())
  try {
    const [owner = '', name = ''] = fix.repository.split('/')
    const { directory } = await github.createRepository({ owner, name, fromDirectory: fix.directory })
    const frames: ReceivedFrame[] = []
    for await (const frame of runFrames(await ask(fix.repository, fix.subject))) {
      frames.push(frame)
      onFrame(frame)
    }
    const [pull] = github.pullRequests(fix.repository)
    const published = pull && (await github.commit(fix.repository, pull.headSha))
    const differing = published && differingPaths(fix, listTree(directory, published.tree), published.tree)
    return { ...readFrames(frames), ...readPull(pull, frames), differing, frames, body: pull?.body ?? '' }
  } finally {
    await close()
  }
}

function differingPaths(
  { tree, files }: OpenFix,
  published: ReadonlyMap<string, string>,
  publishedTree: string,
): readonly string[] {
  if (tree === publishedTree) return []
  const paths = [...new Set([...files.keys(), ...published.keys()])]
  return paths.filter((path) => files.get(path) !== published.get(path))
}

function readFrames(
  frames: readonly ReceivedFrame[],
): Pick<CarriedOutFix, 'setup' | 'before' | 'after' | 'verdict' | 'seconds'> {
  let [setup, before, after, verdict] = ['–', '–', '–', '–']
  for (const frame of frames) {
    if (frame.type !== 'info') continue
    if ('status' in frame && frame.step === 'setup' && frame.status !== 'started') setup = frame.message
    if ('status' in frame && frame.step === 'verify' && frame.status !== 'started') verdict = frame.message
    if (!('phase' in frame)) continue
    const counts = frame.checks.map(({ command, exit_code, tests }) => {
      const counted = tests ? ` (${tests.passed} passed, ${tests.failed} failed)` : ''
      return `${command}: ${exit_code}${counted}`
    })
    if (frame.phase === 'before') before = counts.join('; ')
    else after = counts.join('; ')
  }
  const [first, last] = [frames[0], frames.at(-1)].map((frame) => Date.parse(frame?.at ?? ''))
  return { setup, before, after, verdict, seconds: ((last ?? Number.NaN) - (first ?? 0)) / 1000 }
}

function readPull(
  pull: { readonly draft: boolean; readonly body: string | null } | undefined,
  frames: readonly ReceivedFrame[],
): Pick<CarriedOutFix, 'ending' | 'reasons'> {
  const last = frames.at(-1)
  if (endOf(last) !== 'success' || pull === undefined)
    return { ending: 'failed', reasons: [last?.message ?? 'the run has no end'] }
  if (!pull.draft) return { ending: 'ready', reasons: [] }
  const lines = (pull.body ?? '').split('\n').filter((line) => /^(?:> |- |\*\*)/.test(line))
  return { ending: 'draft', reasons: lines.slice(0, 6) }
}
