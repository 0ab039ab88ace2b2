import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { goOn } from '../watch-requests.ts'
import { createFaults, createRequestLog, type Fault, type Faults } from './faults.ts'
import { writeProtection } from './git/bare-repository.ts'
import { keepObject } from './git/lfs.ts'
import { leadOn } from './lead-on.ts'
import { createObserver, repositoryHandle } from './observer.ts'
import { createPeople } from './people.ts'
import type { Account, InstallationRecord, Permissions, Role } from './records.ts'
import { mintPersonalToken } from './rest/app.ts'
import { makeRepository, type NewRepository } from './rest/make-repository.ts'
import { createServer } from './server.ts'
import { emitInstallation, emitRevocation, redeliver } from './webhooks.ts'
import {
  accountOf,
  createWorld,
  type GitHubOptions,
  repositoriesOf,
  repositoryNamed,
  type World,
} from './world.ts'

const GIT_CONFIG = `[safe]\n\tdirectory = *\n[init]\n\tdefaultBranch = main\n[user]\n\tname = GitHub\n\temail = noreply@github.com\n[protocol "file"]\n\tallow = always\n`

/** Starts a GitHub on 127.0.0.1 that real Octokit, Probot and git can talk to. */
export async function startGitHub(options: GitHubOptions = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'github-stand-in-'))
  await mkdir(join(directory, 'repositories'))
  const gitConfig = join(directory, 'gitconfig')
  await writeFile(gitConfig, GIT_CONFIG)
  // The default of five seconds may end a connection at the moment a client uses it again.
  const http = createHttpServer({ keepAliveTimeout: 120_000 })
  http.listen(options.port ?? 0, '127.0.0.1')
  await once(http, 'listening')
  const address = http.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const closing = new AbortController()
  const time = { offset: 0 }
  const world = createWorld({ options, directory, gitConfig, port, closing: closing.signal, time })
  const [faults, log] = [createFaults(), createRequestLog()]
  const app = createServer(world, { faults, log, watch: options.watch ?? goOn })
  const listener = getRequestListener(app.fetch)
  http.on('request', (incoming, outgoing) => {
    if (!leadOn(world, incoming, outgoing)) void listener(incoming, outgoing)
  })

  async function close(): Promise<void> {
    if (closing.signal.aborted) return
    closing.abort()
    const closed = once(http, 'close')
    http.close()
    http.closeAllConnections()
    await Promise.all([closed, ...world.background])
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
  }

  return {
    /** `http://127.0.0.1:PORT`: pages, clone and push. */
    url: world.url,
    /** `url` plus `/api/v3`, as `GHE_HOST` makes Octokit ask. */
    apiUrl: world.apiUrl,
    /** `127.0.0.1:PORT`, for `GHE_HOST` (with `GHE_PROTOCOL=http`). */
    host: new URL(world.url).host,
    /** Of the newest App. */
    get appId() {
      return world.app.id
    },
    get appSlug() {
      return world.app.slug
    },
    /** PEM. */
    get privateKey() {
      return world.app.privateKey
    },
    get webhookSecret() {
      return world.app.webhookSecret
    },
    get clientId() {
      return world.app.clientId
    },
    get clientSecret() {
      return world.app.clientSecret
    },
    ...createPeople(world),
    ...createOperator(world, { faults, time }),
    ...createObserver(world, log),
    close,
  }
}

/** A running stand-in for GitHub: what tests and the demo do as people, and what they can look at afterwards. */
export type GitHubStandIn = Awaited<ReturnType<typeof startGitHub>>

/** What a test arranges behind the scenes: accounts, repositories, settings, faults, time. */
function createOperator(
  world: World,
  { faults, time }: { readonly faults: Faults; readonly time: { offset: number } },
) {
  return {
    ...createSettings(world),
    /** Where webhooks go from now on; undefined: they are recorded as failed, ready to be sent again. */
    setWebhookTarget(url: string | undefined): void {
      world.webhookTarget = url
    },
    /** While lost, webhooks about repositories are neither sent nor recorded, as in an incident of GitHub's. */
    loseWebhooks(lost: boolean): void {
      world.webhooksLost = lost
    },
    /** Sends a recorded delivery again, with its first delivery id. */
    async redeliver(deliveryId: number) {
      const first = world.deliveries.find(({ id }) => id === deliveryId)
      if (!first) throw new Error(`the GitHub stand-in has no delivery ${deliveryId}`)
      return redeliver(world, first)
    },
    /** Who is signed in to the pages from now on; undefined: no one is. */
    signInAs(login: string | undefined): void {
      world.oauth.signedIn = login
    },
    /** As the person does under Settings → Applications: their tokens die, and the App gets a webhook. */
    async revokeAuthorization(login: string): Promise<void> {
      const account = accountOf(world, login)
      world.oauth.authorized.delete(account.id)
      for (const token of world.tokens.values()) {
        if (token.account === account && token.token.startsWith('ghu_')) token.revokedAt ??= world.now()
      }
      emitRevocation(world, account)
      await Promise.all(world.background)
    },
    createUser: ({ login, type }: Pick<Account, 'login'> & Partial<Pick<Account, 'type'>>) =>
      accountOf(world, login, type),
    createRepository: async (options: NewRepository) =>
      repositoryHandle(world, await makeRepository(world, options)),
    createPat: ({
      login,
      scopes = ['repo'],
    }: {
      readonly login: string
      readonly scopes?: readonly string[]
    }) => mintPersonalToken(world, accountOf(world, login), scopes).token,
    /** What someone pushed to Git LFS before. @returns its id. */
    keepLargeObject: (repo: string, content: string) =>
      keepObject(world, repositoryNamed(world, repo), content),
    /** Ends a token's life now. */
    expireToken(token: string): void {
      const record = world.tokens.get(token)
      if (!record) throw new Error('the GitHub stand-in never minted this token')
      record.expiresAt = world.now()
    },
    /** Moves the clock on. */
    advance(ms: number): void {
      time.offset += ms
    },
    fail: (fault: Fault) => faults.arm(fault),
  }
}

/** Repositories are named `owner/name`. */
function createSettings(world: World) {
  return {
    setRole(repo: string, login: string, role: Role | 'none'): void {
      const { collaborators } = repositoryNamed(world, repo)
      const key = accountOf(world, login).login.toLowerCase()
      if (role === 'none') collaborators.delete(key)
      else collaborators.set(key, role)
    },
    setArchived(repo: string, archived: boolean): void {
      repositoryNamed(world, repo).archived = archived
    },
    /** Gives it another name or owner; what asks for the old name is led on. */
    moveRepository(repo: string, to: string): void {
      const repository = repositoryNamed(world, repo)
      const [owner = '', name = ''] = to.split('/')
      world.moved.set(repo.toLowerCase(), repository.id)
      repository.owner = accountOf(world, owner)
      repository.name = name
    },
    /** Deletes it for good. */
    deleteRepository(repo: string): void {
      world.repositories.delete(repositoryNamed(world, repo).id)
    },
    async setProtected(repo: string, branches: readonly string[]): Promise<void> {
      const repository = repositoryNamed(world, repo)
      repository.protectedBranches.clear()
      for (const branch of branches) repository.protectedBranches.add(branch)
      await writeProtection(repository, branches)
    },
    setInstalled(repo: string, installed: boolean): void {
      repositoryNamed(world, repo).installed = installed
    },
    /** Removes the App from an account: its tokens die, and `installation.deleted` is sent. */
    async uninstall(owner: string): Promise<void> {
      const installation = installationOf(world, owner)
      emitInstallation(world, { account: installation.account, action: 'deleted' })
      for (const repository of repositoriesOf(world, installation)) repository.installed = false
      for (const token of world.tokens.values()) {
        if (token.installation === installation) token.revokedAt ??= world.now()
      }
      world.installations.delete(installation.id)
      await Promise.all(world.background)
    },
    /** Gives an account another login; the old one is free then. */
    renameUser(login: string, to: string): void {
      const account = accountOf(world, login)
      const [from, now] = [login.toLowerCase(), to.toLowerCase()]
      for (const { collaborators } of world.repositories.values()) {
        const role = collaborators.get(from)
        if (role !== undefined && collaborators.delete(from)) collaborators.set(now, role)
      }
      world.accounts.delete(from)
      account.login = to
      world.accounts.set(now, account)
    },
    /** As an administrator of an Enterprise Server does. */
    suspendUser(login: string): void {
      accountOf(world, login).suspendedAt = world.now()
    },
    /** Changes what the App asks for and where it may lead people; installations keep what they granted. */
    setApp(wanted: {
      readonly permissions?: Permissions
      readonly events?: readonly string[]
      readonly callbackUrls?: readonly string[]
    }): void {
      Object.assign(world.app, wanted)
    },
    /** Changes what an installation grants. Tokens that were minted before keep what they have. */
    setInstallation(
      owner: string,
      { permissions, suspended }: { readonly permissions?: Permissions; readonly suspended?: boolean },
    ): void {
      const installation = installationOf(world, owner)
      if (permissions !== undefined) installation.permissions = permissions
      if (suspended === undefined || suspended === installation.suspended) return
      installation.suspended = suspended
      emitInstallation(world, { account: installation.account, action: suspended ? 'suspend' : 'unsuspend' })
    },
  }
}

function installationOf(world: World, owner: string): InstallationRecord {
  const all = [...world.installations.values()]
  const installation = all.find(({ account }) => account.login.toLowerCase() === owner.toLowerCase())
  if (!installation) throw new Error(`the App is not installed for ${owner} on the GitHub stand-in`)
  return installation
}
