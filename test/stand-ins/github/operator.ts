import { makeRepository } from './actions/repositories.ts'
import type { Faults } from './faults.ts'
import { writeProtection } from './git/bare-repository.ts'
import type { GitHubStandIn } from './github-stand-in.ts'
import { mintPersonalToken } from './identity/caller.ts'
import { repositoryHandle } from './observer.ts'
import type { InstallationRecord } from './records.ts'
import { deliver, emitInstallation } from './webhooks.ts'
import { accountOf, inBackground, repositoriesOf, repositoryNamed, type World } from './world.ts'

type Operator = Pick<
  GitHubStandIn,
  | 'setWebhookTarget'
  | 'loseWebhooks'
  | 'redeliver'
  | 'createUser'
  | 'createRepository'
  | 'createPat'
  | 'setRole'
  | 'setArchived'
  | 'moveRepository'
  | 'deleteRepository'
  | 'setProtected'
  | 'setInstalled'
  | 'setInstallation'
  | 'uninstall'
  | 'expireToken'
  | 'advance'
  | 'fail'
>

/** What a test arranges behind the scenes: accounts, repositories, settings, faults, time. */
export function createOperator(
  world: World,
  { faults, time }: { readonly faults: Faults; readonly time: { offset: number } },
): Operator {
  return {
    ...createSettings(world),
    setWebhookTarget(url) {
      world.webhookTarget = url
    },
    loseWebhooks(lost) {
      world.webhooksLost = lost
    },
    async redeliver(deliveryId) {
      const first = world.deliveries.find(({ id }) => id === deliveryId)
      if (!first) throw new Error(`the GitHub stand-in has no delivery ${deliveryId}`)
      const { event, action, installationId, repositoryId, body, guid } = first
      const again = deliver(world, { event, action, installationId, repositoryId, body, guid })
      inBackground(world, again)
      return again
    },
    createUser: ({ login, type }) => accountOf(world, login, type),
    createRepository: async (options) => repositoryHandle(world, await makeRepository(world, options)),
    createPat: ({ login, scopes = ['repo'] }) =>
      mintPersonalToken(world, accountOf(world, login), scopes).token,
    expireToken(token) {
      const record = world.tokens.get(token)
      if (!record) throw new Error('the GitHub stand-in never minted this token')
      record.expiresAt = world.now()
    },
    advance(ms) {
      time.offset += ms
    },
    fail: (fault) => faults.arm(fault),
  }
}

function createSettings(
  world: World,
): Pick<
  Operator,
  | 'setRole'
  | 'setArchived'
  | 'moveRepository'
  | 'deleteRepository'
  | 'setProtected'
  | 'setInstalled'
  | 'setInstallation'
  | 'uninstall'
> {
  return {
    setRole(repo, login, role) {
      const { collaborators } = repositoryNamed(world, repo)
      const key = accountOf(world, login).login.toLowerCase()
      if (role === 'none') collaborators.delete(key)
      else collaborators.set(key, role)
    },
    setArchived(repo, archived) {
      repositoryNamed(world, repo).archived = archived
    },
    moveRepository(repo, to) {
      const repository = repositoryNamed(world, repo)
      const [owner = '', name = ''] = to.split('/')
      world.moved.set(repo.toLowerCase(), repository.id)
      repository.owner = accountOf(world, owner)
      repository.name = name
    },
    deleteRepository(repo) {
      world.repositories.delete(repositoryNamed(world, repo).id)
    },
    async setProtected(repo, branches) {
      const repository = repositoryNamed(world, repo)
      repository.protectedBranches.clear()
      for (const branch of branches) repository.protectedBranches.add(branch)
      await writeProtection(world.git, repository.path, branches)
    },
    setInstalled(repo, installed) {
      repositoryNamed(world, repo).installed = installed
    },
    async uninstall(owner) {
      const installation = installationOf(world, owner)
      emitInstallation(world, { account: installation.account, action: 'deleted' })
      for (const repository of repositoriesOf(world, installation)) repository.installed = false
      for (const token of world.tokens.values()) {
        if (token.installation === installation) token.revokedAt ??= world.now()
      }
      world.installations.delete(installation.id)
      await Promise.all(world.background)
    },
    setInstallation(owner, { permissions, suspended }) {
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
