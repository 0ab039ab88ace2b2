import { ProbotOctokit } from 'probot'

/** Probot's Octokit without throttling and retries, which only the function form of `defaults` switches off. */
export const QuietOctokit = ProbotOctokit.defaults((given: object) => ({
  ...given,
  throttle: { enabled: false },
  retry: { enabled: false },
}))

export type QuietOctokit = InstanceType<typeof ProbotOctokit>

/** A real Octokit that asks once and at once, and says nothing. */
export function quietOctokit({
  apiUrl,
  auth,
}: {
  readonly apiUrl: string
  readonly auth?: object | undefined
}): QuietOctokit {
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  const identity = auth === undefined ? {} : { auth }
  return new QuietOctokit({ ...identity, baseUrl: apiUrl, log: silent, request: { log: silent } })
}
