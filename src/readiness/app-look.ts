import type { Config } from '../config.ts'
import {
  type AppFacts,
  countRepositories,
  type InstallationFacts,
  readAppFacts,
  readInstallationFacts,
} from '../github/app-facts.ts'
import { createGitHubClient, type GitHubClient } from '../github/github-client.ts'
import type { TokenKeeper } from '../github/token-keeper.ts'

/** What GitHub says about the App. Each question is asked once for all parts that need its answer. */
export interface AppLook {
  readonly octokit: GitHubClient
  facts(): Promise<AppFacts>
  installations(): Promise<readonly InstallationFacts[]>
  /** @param installation one that is not suspended. */
  repositories(installation: InstallationFacts): Promise<number>
}

/** A rate limit is an answer, not something to wait for. */
const PATIENCE_MS = 2_000
/** Answers are asked for again after this long. */
const FRESH_MS = 3_000
/** The number of repositories costs a token. */
const COUNT_FRESH_MS = 5 * 60_000

/** @returns undefined without an App. */
export function createAppLook({ github }: Config, tokens: TokenKeeper): AppLook | undefined {
  const { app, apiUrl, webUrl } = github
  if (!app) return undefined
  const auth = { kind: 'app', appId: app.id, privateKey: app.privateKey } as const
  const octokit = createGitHubClient({ apiUrl, auth, patienceMs: PATIENCE_MS })
  const counts = new Map<number, () => Promise<number>>()
  return {
    octokit,
    facts: rememberFor(FRESH_MS, () => readAppFacts(octokit, webUrl)),
    installations: rememberFor(FRESH_MS, () => readInstallationFacts(octokit)),
    repositories(installation) {
      const known =
        counts.get(installation.id) ??
        rememberFor(COUNT_FRESH_MS, () => countRepositories(octokit, { apiUrl, tokens, installation }))
      counts.set(installation.id, known)
      return known()
    },
  }
}

/** Asks again once an answer is this old; an answer under way, and one that failed, count as well, but a failure not for long. */
function rememberFor<T>(ms: number, ask: () => Promise<T>, now: () => number = Date.now): () => Promise<T> {
  let asked: { readonly answer: Promise<T>; readonly until: number } | undefined
  return () => {
    if (asked && asked.until > now()) return asked.answer
    const answer = ask()
    const mine = { answer, until: now() + ms }
    asked = mine
    answer.catch(() => {
      if (asked === mine) asked = { answer, until: Math.min(mine.until, now() + FRESH_MS) }
    })
    return answer
  }
}
