import { randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { createAuditLog } from '../../../src/audit/audit-log.ts'
import { readConfig } from '../../../src/config.ts'
import type { Database } from '../../../src/db/database.ts'
import { createGitHubAccess } from '../../../src/github/github-access.ts'
import type { WebDeps } from '../../../src/web/web-deps.ts'
import { createWebAccess } from '../../../src/wiring/web-access.ts'
import { type GitHubStandIn, startGitHub } from '../../stand-ins/github/start-github.ts'
import { appEnvironment, githubEnvironment, signInEnvironment } from '../../support/environment.ts'
import { serveWeb } from '../serve-web.ts'

export const OPS = randomBytes(16).toString('hex')

/**
 * The web app and the GitHub stand-in that it signs people in with. ada may write acme/api, eve may read it, and root is
 * an operator; the repository is private.
 *
 * @param overrides.host `localhost` makes GitHub another site for a browser.
 */
export async function startSignIn(
  db: Database,
  { host = '127.0.0.1', ...overrides }: Partial<WebDeps> & { readonly host?: string } = {},
) {
  const github = await startGitHub()
  onTestFinished(() => github.close())
  const repository = { owner: 'acme', name: 'api', private: true, files: { a: 'b' } }
  await github.createRepository({ ...repository, collaborators: { ada: 'write', eve: 'read' } })
  for (const login of ['mallory', 'root']) github.createUser({ login })
  const config = readConfig({
    ...githubEnvironment(github),
    ...appEnvironment(github),
    ...signInEnvironment(github),
    API_TOKENS: `ops=${OPS}`,
    OPERATORS: 'Root',
  })
  const audit = createAuditLog({ db, redact: (text) => text, onError: () => {} })
  onTestFinished(() => audit.close())
  const reported: unknown[] = []
  const access = createWebAccess(config, {
    db,
    github: createGitHubAccess(config.github),
    audit,
    onError: (error) => reported.push(error),
  })
  const { webUrl } = config.github
  // Those of the served app follow the clock of the test.
  const { logins: _logins, shares: _shares, ...others } = access
  let url = ''
  const served = await serveWeb(db, { ...others, webUrl, publicUrl: () => url, ...overrides })
  url = served.url.replace('127.0.0.1', host)
  const web = { ...served, url }
  github.setApp({ callbackUrls: [`${web.url}/auth/github/callback`] })
  const before = (await audit.chain()).sequence
  /** What the audit log says about people and links since the start. */
  async function auditKinds(): Promise<readonly (readonly [who: string, kind: string])[]> {
    await audit.chain()
    const rows = await db.sql
      .selectFrom('audit_log')
      .select(['kind', 'actor'])
      .where('sequence', '>', String(before))
      .orderBy('sequence')
      .execute()
    return rows
      .filter(({ kind }) => /^(person|share)\./.test(kind))
      .map(({ kind, actor }) => [actor.replace(/:\d+:/, ':'), kind] as const)
  }
  return { github, web, reported, auditKinds }
}

export type SignInWorld = Awaited<ReturnType<typeof startSignIn>>

interface Sent {
  readonly method?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: URLSearchParams | string | undefined
}

/** A browser without a screen: keeps cookies by host, and follows redirects when asked to. */
export function createVisitor() {
  const jar = new Map<string, Map<string, string>>()
  /** Every address in the order in which it was asked for. */
  const visited: string[] = []
  /** `Set-Cookie` headers as they came. */
  const set: string[] = []

  async function send(url: string, { method = 'GET', headers, body }: Sent = {}): Promise<Response> {
    const { host } = new URL(url)
    const cookies = jar.get(host) ?? new Map<string, string>()
    jar.set(host, cookies)
    visited.push(url)
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, {
      method,
      redirect: 'manual',
      body: body ?? null,
      headers: { accept: 'text/html', ...(cookie === '' ? {} : { cookie }), ...headers },
    })
    for (const line of answer.headers.getSetCookie()) {
      set.push(line)
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }

  /** Follows redirects to the page that the person sees. */
  async function open(
    url: string,
  ): Promise<{ readonly status: number; readonly url: string; readonly html: string }> {
    let at = url
    for (let hops = 0; hops < 12; hops++) {
      const answer = await send(at)
      const target = answer.headers.get('location')
      if (target === null) return { status: answer.status, url: at, html: await answer.text() }
      at = new URL(target, at).href
    }
    throw new Error(`too many redirects: ${visited.slice(-12).join(' ')}`)
  }

  return { send, open, visited, set, cookiesOf: (url: string) => jar.get(new URL(url).host) ?? new Map() }
}

export type Visitor = ReturnType<typeof createVisitor>

/** A browser whose person signed in with GitHub and agreed. */
export async function signInAs(
  { github, web }: { readonly github: GitHubStandIn; readonly web: { readonly url: string } },
  login: string,
  next = '/',
): Promise<Visitor> {
  github.signInAs(login)
  const visitor = createVisitor()
  const page = await visitor.open(`${web.url}/auth/github?next=${encodeURIComponent(next)}`)
  if (!page.url.startsWith(github.url)) return visitor
  const answer = await visitor.send(page.url, {
    method: 'POST',
    body: new URLSearchParams({ authorize: '1' }),
  })
  await visitor.open(answer.headers.get('location') ?? '')
  return visitor
}
