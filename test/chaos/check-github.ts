import { progressMarker } from '../../src/pipeline/report/progress-text.ts'
import type { CommentHandle } from '../stand-ins/github/observer.ts'
import type { GitHubStandIn } from '../stand-ins/github/start-github.ts'
import { expectedFiles } from './model-script.ts'
import { tagOf } from './run-facts.ts'
import type { ShownRun } from './service-client.ts'
import { REPOSITORIES } from './surroundings.ts'
import type { Violation } from './tally.ts'

/** What people see on GitHub of runs that have ended. Comments may take a moment to say the end. */
export async function checkGitHub(
  github: GitHubStandIn,
  runs: readonly ShownRun[],
): Promise<readonly Violation[]> {
  const found: Violation[] = []
  for (const repository of REPOSITORIES) {
    const branches = Object.keys(await github.branches(repository)).filter((name) => name !== 'main')
    const pulls = github.pullRequests(repository)
    const here = runs.filter((run) => run.repository === repository)
    for (const run of here) {
      const own = branches.filter((name) => isOf(run, name))
      const opened = pulls.filter(({ head }) => isOf(run, head))
      if (own.length > 1) found.push(at(run, 'branches', `has ${own.length} branches: ${own.join(', ')}`))
      if (opened.length > 1) found.push(at(run, 'pull requests', `has ${opened.length} pull requests`))
      if (run.outcome === 'pull_request') {
        if (opened[0]?.htmlUrl !== run.pullRequestUrl) {
          found.push(
            at(run, 'pull requests', `names ${run.pullRequestUrl}, and there is ${opened[0]?.htmlUrl}`),
          )
        } else found.push(...(await contentOf(github, run, opened[0]?.headSha ?? '')))
      }
      found.push(...commentOf(github, run), ...publishedLate(github, run))
    }
    const strangers = branches.filter((name) => !runs.some((run) => isOf(run, name)))
    for (const name of strangers)
      found.push({ kind: 'branches', message: `${repository} has ${name} of no run` })
  }
  return found
}

function at({ id }: ShownRun, kind: string, message: string): Violation {
  return { kind, runId: id, message }
}

/** The name of a branch ends with the beginning of its run's id. */
function isOf({ id }: ShownRun, branch: string): boolean {
  return branch.includes(`-${id.slice(0, 8)}`)
}

/** Whatever was killed in between, the pull request holds all of the change. */
async function contentOf(github: GitHubStandIn, run: ShownRun, sha: string): Promise<Violation[]> {
  const files = Object.entries(expectedFiles(tagOf(run) ?? ''))
  const texts = await Promise.all(files.map(([path]) => github.fileAt(run.repository, sha, path)))
  return files.flatMap(([path, expected], index) =>
    texts[index] === expected
      ? []
      : [at(run, 'content', `${path} of its pull request holds ${JSON.stringify(texts[index])}`)],
  )
}

function commentOf(github: GitHubStandIn, run: ShownRun): Violation[] {
  if (!run.thread) return []
  const comments = github
    .comments(run.repository, run.thread.number)
    .filter(({ body }) => body.includes(progressMarker(run.id)))
  const [comment] = comments
  if (!comment) return [at(run, 'comment missing', `${run.status}, and its thread does not know of it`)]
  if (comments.length > 1) return [at(run, 'comments', `has ${comments.length} progress comments`)]
  return saysEnd(run, comment) ? [] : [at(run, 'comment not final', `${run.status}: ${headOf(comment)}`)]
}

function saysEnd({ status, pullRequestUrl }: ShownRun, { body }: CommentHandle): boolean {
  if (status === 'cancelled') return body.startsWith('### 🛑')
  if (status === 'failed') return body.startsWith('### 😕')
  return pullRequestUrl ? body.includes(pullRequestUrl) : !/^### [⏳👀]/u.test(body)
}

function headOf({ body }: CommentHandle): string {
  return body.split('\n')[0] ?? ''
}

/** An ended run changes nothing more, least of all after people have read that it is stopped. */
function publishedLate(github: GitHubStandIn, run: ShownRun): Violation[] {
  if (run.finishedAt === null) return []
  const end = Date.parse(run.finishedAt)
  const late = github.requests.filter(({ method, path, body, status, at: when }) => {
    const { ref, head } = (body ?? {}) as { ref?: string; head?: string }
    const publishes = method === 'POST' && /\/(git\/refs|pulls)$/.test(path) && isOf(run, ref ?? head ?? '')
    return publishes && when > end && status === 201
  })
  return late.map(({ path }) => at(run, 'published late', `POST ${path} after its end (${run.status})`))
}
