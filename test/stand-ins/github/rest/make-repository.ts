import { join } from 'node:path'
import { ApiError } from '../api-error.ts'
import {
  commitFiles,
  copyRepository,
  createBareRepository,
  forkRepository,
  importCommit,
  writeProtection,
} from '../git/bare-repository.ts'
import { isAncestor, readReference } from '../git/references.ts'
import { writeCommit } from '../git/write-objects.ts'
import type { Account, Actor, RepositoryRecord, Role, RulesetRecord } from '../records.ts'
import { emitInstallation } from '../webhooks.ts'
import { accountOf, findRepository, fullName, isoSeconds, type World } from '../world.ts'
import { branchMoved } from './pulls.ts'
import { noreplyEmail } from './render-repository.ts'

export interface NewRepository {
  /** Login of the owner; the account is made on first mention. */
  readonly owner: string
  readonly ownerType?: 'User' | 'Organization'
  readonly name: string
  readonly description?: string
  readonly private?: boolean
  readonly archived?: boolean
  /** False where its settings switch them off. */
  readonly pullRequests?: boolean
  readonly defaultBranch?: string
  /** First commit: path to content. Without files and without `fromDirectory` the repository is empty. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** Paths among `files` that are executable. */
  readonly executable?: readonly string[]
  /** Symbolic links of the first commit: path to target. */
  readonly symlinks?: Readonly<Record<string, string>>
  /** A local git repository (bare or not) to copy, with all its branches. It stays untouched. */
  readonly fromDirectory?: string
  /** Login to role; accounts are made on first mention. */
  readonly collaborators?: Readonly<Record<string, Role>>
  readonly protectedBranches?: readonly string[]
  readonly rulesets?: readonly RulesetRecord[]
  /** What GitHub says of its size, in KiB. Default 1. */
  readonly sizeKb?: number
  /** Does the App's installation cover it? Default yes. */
  readonly installed?: boolean
}

/** Makes a repository and, for the first installed one of an owner, the installation. */
export async function makeRepository(world: World, options: NewRepository): Promise<RepositoryRecord> {
  if (findRepository(world, options.owner, options.name)) {
    throw new Error(`the GitHub stand-in already has a repository ${options.owner}/${options.name}`)
  }
  const owner = accountOf(world, options.owner, options.ownerType)
  const repository = newRecord(world, { owner, name: options.name, options })
  if (options.fromDirectory === undefined) {
    await createBareRepository(repository, repository.defaultBranch)
  } else {
    const head = await copyRepository(repository, options.fromDirectory)
    repository.defaultBranch = options.defaultBranch ?? head
    await repository.git(['symbolic-ref', 'HEAD', `refs/heads/${repository.defaultBranch}`])
  }
  if (options.files || options.symlinks) await firstCommit(world, repository, options)
  if (repository.protectedBranches.size > 0) {
    await writeProtection(repository, repository.protectedBranches)
  }
  for (const [login, role] of Object.entries(options.collaborators ?? {})) {
    repository.collaborators.set(accountOf(world, login).login.toLowerCase(), role)
  }
  world.repositories.set(repository.id, repository)
  if (repository.installed) install(world, owner)
  return repository
}

/** Forks a repository into an account; the same account's earlier fork is answered again, as on GitHub. */
export async function createFork(
  world: World,
  origin: RepositoryRecord,
  { owner, name }: { readonly owner: Account; readonly name?: string | undefined },
): Promise<RepositoryRecord> {
  const known = [...world.repositories.values()].find(
    (item) => item.forkOf === origin && item.owner === owner,
  )
  if (known) return known
  const fork: RepositoryRecord = {
    ...newRecord(world, { owner, name: freeName(world, owner, name ?? origin.name), options: {} }),
    private: origin.private,
    defaultBranch: origin.defaultBranch,
    forkOf: origin,
    readyAt: Number.POSITIVE_INFINITY,
    installed: false,
  }
  // Before the copy, so that a second request meanwhile finds it.
  world.repositories.set(fork.id, fork)
  await forkRepository(origin, fork)
  fork.readyAt = world.now() + world.fork.delayMs
  return fork
}

function newRecord(
  world: World,
  {
    owner,
    name,
    options,
  }: { readonly owner: Account; readonly name: string; readonly options: Partial<NewRepository> },
): RepositoryRecord {
  const id = world.nextId()
  const path = join(world.directory, 'repositories', `${id}.git`)
  return {
    id,
    owner,
    name,
    path,
    git: (args, gitOptions) => world.git(path, args, gitOptions),
    private: options.private ?? false,
    archived: options.archived ?? false,
    pullRequests: options.pullRequests ?? true,
    defaultBranch: options.defaultBranch ?? 'main',
    description: options.description ?? null,
    sizeKb: options.sizeKb ?? 1,
    collaborators: new Map(),
    protectedBranches: new Set(options.protectedBranches),
    rulesets: [...(options.rulesets ?? [])],
    installed: options.installed ?? true,
    forkOf: undefined,
    readyAt: 0,
    createdAt: world.now(),
    pushedAt: world.now(),
    labels: new Map(),
    issues: new Map(),
    checkRuns: [],
    statuses: [],
  }
}

async function firstCommit(
  world: World,
  repository: RepositoryRecord,
  options: NewRepository,
): Promise<void> {
  await commitFiles(repository, {
    branch: repository.defaultBranch,
    text: 'Initial commit\n',
    author: { name: repository.owner.name, email: noreplyEmail(repository.owner) },
    at: world.now(),
    files: options.files ?? {},
    executable: options.executable ?? [],
    symlinks: options.symlinks ?? {},
  })
}

function install(world: World, account: Account): void {
  const known = [...world.installations.values()].some((installation) => installation.account === account)
  if (known) return
  const id = world.nextId()
  const { permissions } = world.app
  world.installations.set(id, { id, account, permissions, suspended: false, createdAt: world.now() })
  emitInstallation(world, { account, action: 'created' })
}

function freeName(world: World, owner: Account, name: string): string {
  const taken = [...world.repositories.values()].map((repository) => fullName(repository).toLowerCase())
  for (let attempt = 0; ; attempt++) {
    const candidate = attempt === 0 ? name : `${name}-${attempt}`
    if (!taken.includes(`${owner.login}/${candidate}`.toLowerCase())) return candidate
  }
}

interface Merge {
  readonly branch: string
  readonly actor: Actor
}

/**
 * Brings a fork's branch up to its upstream, as `POST /merge-upstream` does.
 *
 * @throws {ApiError} 422 when it is no fork or there is no such branch, 409 on a conflict.
 */
export async function mergeUpstream(world: World, fork: RepositoryRecord, { branch, actor }: Merge) {
  const upstream = fork.forkOf
  if (!upstream) throw new ApiError(422, 'Repository is not a fork')
  const ref = `refs/heads/${branch}`
  const theirs = await readReference(upstream, ref)
  const ours = await readReference(fork, ref)
  if (!theirs || !ours) throw new ApiError(422, 'There is no such branch in the fork and its upstream')
  await importCommit(fork, { from: upstream, sha: theirs.sha })
  const base_branch = `${upstream.owner.login}:${branch}`
  if (await isAncestor(fork, { ancestor: theirs.sha, of: ours.sha })) {
    const message = `This branch is not behind the upstream ${base_branch}.`
    return { message, merge_type: 'none', base_branch }
  }
  const forward = await isAncestor(fork, { ancestor: ours.sha, of: theirs.sha })
  const sha = forward
    ? theirs.sha
    : await merge(world, fork, { ours: ours.sha, theirs: theirs.sha, branch, actor })
  await fork.git(['update-ref', ref, sha, ours.sha])
  await branchMoved(world, fork, { actor, branch })
  const message = `Successfully fetched and ${forward ? 'fast-forwarded' : 'merged'} from upstream ${base_branch}.`
  return { message, merge_type: forward ? 'fast-forward' : 'merge', base_branch }
}

async function merge(
  world: World,
  fork: RepositoryRecord,
  { ours, theirs, branch, actor }: Merge & { readonly ours: string; readonly theirs: string },
): Promise<string> {
  const merged = await fork.git(['merge-tree', '--write-tree', ours, theirs], { accept: [0, 1] })
  if (merged.exitCode !== 0) throw new ApiError(409, 'There are merge conflicts')
  const date = isoSeconds(world.now())
  const author = { name: actor.account.name, email: noreplyEmail(actor.account), date }
  return writeCommit(fork, {
    tree: merged.text.trim(),
    parents: [ours, theirs],
    author,
    committer: author,
    text: `Merge branch '${branch}' of upstream`,
    signed: false,
  })
}
