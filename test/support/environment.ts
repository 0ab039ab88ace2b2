import type { AnthropicStandIn } from '../stand-ins/anthropic.ts'
import type { E2bStandIn } from '../stand-ins/e2b/start-e2b.ts'
import type { GitHubStandIn } from '../stand-ins/github/start-github.ts'

/** The settings that make Backspace use the stand-in as GitHub. */
export function githubEnvironment({ host }: Pick<GitHubStandIn, 'host'>) {
  return { GHE_HOST: host, GHE_PROTOCOL: 'http' }
}

/** The settings that make Backspace its App. */
export function appEnvironment(github: Pick<GitHubStandIn, 'appId' | 'privateKey' | 'webhookSecret'>) {
  return {
    APP_ID: String(github.appId),
    PRIVATE_KEY: github.privateKey,
    WEBHOOK_SECRET: github.webhookSecret,
  }
}

/** The settings with which people sign in through the App. */
export function signInEnvironment({
  clientId,
  clientSecret,
}: Pick<GitHubStandIn, 'clientId' | 'clientSecret'>) {
  return { GITHUB_CLIENT_ID: clientId, GITHUB_CLIENT_SECRET: clientSecret }
}

export function anthropicEnvironment({ apiKey, baseUrl }: AnthropicStandIn) {
  return { ANTHROPIC_API_KEY: apiKey, ANTHROPIC_BASE_URL: baseUrl }
}

export function e2bEnvironment({ url }: E2bStandIn, apiKey: string) {
  return { E2B_API_KEY: apiKey, E2B_API_URL: url, E2B_SANDBOX_URL: url }
}

/** The part of this environment that an operator's process would have: where things are, and no setting. */
export function processEnvironment(): Record<string, string> {
  const { PATH = '', TMPDIR, NODE_COMPILE_CACHE } = process.env
  return {
    PATH,
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }),
  }
}

/** Certificates that this machine's network needs, and what a repository of the operator may use. */
const FROM_HERE =
  /^(?:NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|PIP_CERT|CURL_CA_BUNDLE|CARGO_HTTP_CAINFO|GIT_SSL_CAINFO|BACKSPACE_(?:EGRESS|(?:MAX_)?(?:SETUP_|CHECK_)?MINUTES))$/

/** The part of this environment that code of repositories needs to reach registries, within the operator's limits. */
export function networkEnvironment(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value = '']) =>
      FROM_HERE.test(name) ? [[name, value]] : [],
    ),
  )
}
