import { createBackspace } from '../../src/backspace.ts'
import type { ReceivedFrame } from '../../src/commands/terminal/run/received-frame.ts'
import { runFrames } from '../../src/commands/terminal/run/run-frames.ts'
import { readConfig } from '../../src/config.ts'
import type { E2bStandIn } from '../stand-ins/e2b/start-e2b.ts'
import type { PullHandle } from '../stand-ins/github/observer.ts'
import type { GitHubStandIn } from '../stand-ins/github/start-github.ts'
import type { LangSmithStandIn } from '../stand-ins/langsmith.ts'
import type { Json } from '../stand-ins/models/script.ts'
import { eventually, startStandIns, type WorldOptions } from '../support/start-world.ts'
import { createWorldDatabase } from '../support/world-database.ts'
import { type Policy, readConversation, repositoryOf } from './conversation.ts'

/** A repository, a request, and the model that carries it out. */
export interface Assignment {
  readonly name: string
  readonly files: Readonly<Record<string, string | Uint8Array>>
  readonly symlinks?: Readonly<Record<string, string>>
  readonly executable?: readonly string[]
  readonly issue: { readonly title: string; readonly body?: string }
  readonly policy: Policy
}

/** What became of it, as people and the provider see it. */
export interface Evaluated {
  /** `owner/name`. */
  readonly repo: string
  readonly frames: readonly ReceivedFrame[]
  readonly end: ReceivedFrame | undefined
  readonly pull: PullHandle | undefined
  /** Backspace's own comment. */
  readonly comment: string
  readonly branches: readonly string[]
  /** Bodies of the requests to the model, in order. */
  readonly requests: readonly Json[]
}

/** One product for many runs at once; each repository has a model of its own. */
export interface Evaluation {
  /** Address of the product. */
  readonly url: string
  readonly github: GitHubStandIn
  readonly e2b: E2bStandIn | undefined
  readonly langsmith: LangSmithStandIn | undefined
  /** What the provider found wrong with requests. */
  readonly rejections: readonly string[]
  /** Every credential that the product holds. */
  readonly secrets: readonly string[]
  evaluate(assignment: Assignment): Promise<Evaluated>
  /** Asks for another run of a repository, with the same model, in a thread that is there. */
  askAgain(repo: string, number: number): Promise<Evaluated>
  stop(): Promise<void>
}

export async function startEvaluation({ env, ...options }: WorldOptions): Promise<Evaluation> {
  const policies = new Map<string, Policy>()
  const standIns = await startStandIns({
    verify: 'full',
    ...options,
    env: { BACKSPACE_CONCURRENCY: '4', BACKSPACE_RUNS_PER_HOUR: '1000', ...env },
    anthropic: (request) => {
      const policy = policies.get(repositoryOf(request))
      if (!policy) throw new Error(`no policy for ${repositoryOf(request)}`)
      // Thinking is bound to all that came before it: the provider refuses a request whose beginning has changed.
      return { reasoning: 'What next?', ...policy(readConversation(request)) }
    },
  })
  const { github, anthropic, e2b, langsmith } = standIns
  const database = await createWorldDatabase({ ...options, env })
  const config = readConfig({ ...database.env, ...standIns.env })
  const backspace = await createBackspace(config)
  const { url } = await backspace.start()
  github.setWebhookTarget(`${url}${config.github.webhookPath}`)

  async function evaluate({ policy, issue, ...repository }: Assignment): Promise<Evaluated> {
    const { name } = repository
    // An installation of its own: what one installation writes to GitHub is paced.
    const owner = `team-${policies.size + 1}`
    const repo = `${owner}/${name}`
    policies.set(name, policy)
    await github.createRepository({ owner, collaborators: { ada: 'write' }, ...repository })
    const { number } = await github.openIssue({ repo, author: 'ada', ...issue })
    return askAgain(repo, number)
  }

  async function askAgain(repo: string, number: number): Promise<Evaluated> {
    const name = repo.split('/')[1]
    const before = await newestRun(url, repo)
    const requestsBefore = requestsOf(name).length
    const { id } = await github.comment({ repo, number, author: 'ada', body: '/backspace' })
    const eventsUrl = await eventually(async () => {
      const newest = await newestRun(url, repo)
      return newest === before ? undefined : newest
    })
    const frames = await Array.fromAsync(runFrames(eventsUrl))
    await eventually(
      () => github.reactions(repo, number, id),
      (reactions) => reactions.some(({ content }) => content !== 'eyes'),
    )
    const comments = github.comments(repo, number).filter(({ author }) => author.endsWith('[bot]'))
    return {
      repo,
      frames,
      end: frames.at(-1),
      pull: github.pullRequests(repo)[0],
      comment: comments.map(({ body }) => body).join('\n'),
      branches: Object.keys(await github.branches(repo)),
      requests: requestsOf(name).slice(requestsBefore),
    }
  }

  function requestsOf(name: string | undefined): readonly Json[] {
    return (anthropic?.requests ?? []).flatMap((request) =>
      request.path === '/v1/messages' && repositoryOf(request) === name ? [request.body] : [],
    )
  }

  return {
    url,
    github,
    e2b,
    langsmith,
    rejections: anthropic?.rejections ?? [],
    secrets: config.secrets,
    evaluate,
    askAgain,
    async stop() {
      await backspace.stop(0)
      await standIns.close()
      await database.remove()
    },
  }
}

/** Address of its events. */
async function newestRun(url: string, repo: string): Promise<string | undefined> {
  const response = await fetch(`${url}/runs?repository=${repo}`, { headers: { accept: 'application/json' } })
  const { runs } = (await response.json()) as { runs: readonly { readonly eventsUrl: string }[] }
  return runs[0]?.eventsUrl
}
