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

/** What GitHub says about the App. Each question is asked only once for all parts that need its answer. */
export interface AppLook {
  readonly octokit: GitHubClient
  facts(): Promise<AppFacts>
  installations(): Promise<readonly InstallationFacts[]>
  /** @param installation must not be suspended. */
  repositories(installation: InstallationFacts): Promise<number>
}

/** Short, since a rate limit is an answer in itself. */
const PATIENCE_MS = 2_000
/** How many milliseconds an answer counts before GitHub is asked again. */
const FRESH_MS = 3_000
/** Longer for the number of repositories, which takes a token to find out. */
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

/**
 * Keeps an answer for `ms` milliseconds. A request in progress counts as an answer, and so does a failure, but that
 * only briefly.
 */
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
