import { scanProject } from '../../checks/project.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { Spawner } from '../../processes/spawner.ts'
import type { EgressPolicy, Sandbox } from '../../sandbox/sandbox.ts'
import { durationText } from '../../text/amounts.ts'
import type { StepResult } from '../journal.ts'
import { type BuiltWorkspace, buildWorkspace, type ChangeToBuild } from '../workspace/build-workspace.ts'
import {
  type Base,
  gitCredential,
  gitEnvironment,
  runInSandbox,
  type Workspace,
  workspaceIn,
} from '../workspace/workspace.ts'
import { bringLargeFiles, type LargeOfChange, presentIn } from './bring-large-files.ts'
import { bringSubmodules, type SubmoduleFacts } from './bring-submodules.ts'
import { deepenHistory, type MoreHistory } from './deepen-history.ts'
import { withFetched } from './fetched-repository.ts'
import { type GitOnHost, gitOnHost } from './git-on-host.ts'
import { historyFetches } from './history-fetches.ts'
import { type HostEnvironment, LASTING_FAILURE } from './host-git.ts'
import { createKeptPacks } from './kept-packs.ts'
import { createLargeObjects } from './large-objects.ts'
import { followAttributes } from './merge-attributes.ts'
import { type DisputedSubmodule, newerCommit } from './newer-commit.ts'
import type { LargePointer } from './read-pointers.ts'
import { uploadRepository } from './upload-repository.ts'

/** Brings commits into the sandboxes of one run. Disposing of it removes what the host fetched. */
export interface Cloner extends AsyncDisposable {
  /**
   * The egress policy of a new sandbox until the code is in it.
   *
   * @param hosts the hosts that the sandbox may reach once the code is there.
   */
  firstEgress(credential: RepositoryAccess['credential'], hosts: readonly string[]): EgressPolicy
  /**
   * Brings the base commit into the sandbox. When it returns, the credential is revoked, the sandbox cannot reach GitHub
   * (unless the operator allows it), the clone has no remote, and its files are those of the commit.
   *
   * @throws {BackspaceError} `clone_failed`, `tree_mismatch` …
   */
  clone(sandbox: Sandbox, request: CloneRequest): Promise<StepResult<ClonedWorkspace>>
  /** Fetches the contents of a merge's files in Git LFS that are not in the sandbox yet. */
  fill(
    built: BuiltWorkspace,
    request: OfRun & {
      /** Pointers whose contents are also to be in the sandbox, so that git can check them out there. */
      readonly sides: readonly LargePointer[]
    },
  ): Promise<BuiltWorkspace>
  /** Fetches the files of a merge's submodules, whose folders were emptied; see `bringSubmodules`. */
  bringModules(built: BuiltWorkspace, request: OfRun): Promise<SubmoduleFacts | undefined>
  /** Finds the newer of two commits of a submodule; see `newerCommit`. */
  newerCommit(disputed: DisputedSubmodule, request: OfRun): Promise<string | undefined>
  /** Fetches more history; see `deepenHistory`. */
  deepen(workspace: Workspace, more: MoreHistory, request: OfRun): Promise<string>
  /**
   * Lets `work` use git on the host, in a directory that holds the commits of a base.
   *
   * @throws {BackspaceError} `clone_failed`
   */
  onHost<T>(
    request: Pick<CloneRequest, 'access' | 'base' | 'signal'>,
    work: (git: GitOnHost) => Promise<T>,
  ): Promise<T>
}

export interface ClonedWorkspace extends BuiltWorkspace {
  /** What the repository refers to and the workspace lacks, and why: sentences without a full stop. */
  readonly missing: readonly string[]
}

interface CloneRequest {
  readonly access: RepositoryAccess
  readonly base: Base
  /** Hosts that code in the sandbox may reach once the clone is there. */
  readonly hosts: readonly string[]
  readonly signal: AbortSignal
  /** A change that is applied on top of the base commit. */
  readonly change?: (ChangeToBuild & { readonly large?: LargeOfChange | undefined }) | undefined
  /** True if `setUpProject` comes next, so that its scan of the project runs in the same request. Default: false. */
  readonly scans?: boolean | undefined
}

type OfRun = Pick<CloneRequest, 'access' | 'signal'>

interface ClonerOptions {
  /** `https://github.com`, or the address of the GitHub Enterprise Server. */
  readonly webUrl: string
  /** True when sandboxes can fetch from GitHub themselves. */
  readonly reachesGitHub: boolean
  /** Runs git on the host. */
  readonly spawner: Spawner
  /** Environment of git on the host. Default: only `PATH`, with the usual directories. */
  readonly hostEnvironment?: HostEnvironment | undefined
  /** The most bytes of contents in Git LFS that a sandbox gets in total. Default: no limit. */
  readonly lfsBytes?: number | undefined
}

/**
 * Either the sandbox fetches the commit itself, or the host fetches and uploads it. The host does so when the sandbox
 * cannot reach GitHub, and for a personal access token: it cannot be narrowed to one repository or revoked, so it never
 * enters a sandbox.
 */
export function createCloner(options: ClonerOptions): Cloner {
  const { webUrl, reachesGitHub, spawner, hostEnvironment, lfsBytes = Number.POSITIVE_INFINITY } = options
  const packs = createKeptPacks()
  const objects = createLargeObjects(webUrl)
  const fetching = { webUrl, spawner, hostEnvironment, packs }
  const fetchesItself = (credential: 'app' | 'pat') => reachesGitHub && credential === 'app'

  return {
    firstEgress: (credential, hosts) => ({
      allowHosts: fetchesItself(credential) ? [new URL(webUrl).hostname] : hosts,
    }),
    async clone(sandbox, { access, base, hosts, signal, change, scans = false }) {
      const startedAt = performance.now()
      const workspace = workspaceIn(sandbox, base)
      const itself = fetchesItself(access.credential)
      if (itself) {
        await fetchInSandbox(workspace, { access, webUrl, signal })
        await sandbox.setEgress({ allowHosts: hosts })
      }
      const incoming = itself ? undefined : await uploadRepository(workspace, { access, signal, ...fetching })
      const next = scans ? scanProject(workspace.path) : undefined
      const written = await buildWorkspace(workspace, { signal, incoming, change, next })
      const { modules, ...whole } = await bringSubmodules(written, { access, signal, ...fetching })
      const built = await bringLargeFiles(whole, {
        access,
        signal,
        objects,
        mostBytes: lfsBytes,
        ofChange: change?.large,
      })
      const { owner, name } = access.repository
      const extras = [modules, built.large]
      const here = extras.map((one) => one?.here).filter((text) => text !== undefined)
      const withThem = here.length === 0 ? '' : `, ${here.join(', ')},`
      const took = durationText(performance.now() - startedAt)
      return {
        value: { ...built, missing: extras.map((one) => one?.missing).filter((text) => text !== undefined) },
        message: `Cloned ${owner}/${name} at ${base.sha.slice(0, 7)} (${base.branch})${withThem} in ${took}`,
      }
    },
    async fill(built, { access, signal, sides }) {
      const present = await presentIn(built, signal)
      const ofChange = { given: new Map<string, Uint8Array>(), before: sides }
      return bringLargeFiles(built, { access, signal, objects, mostBytes: lfsBytes, present, ofChange })
    },
    bringModules: async (built, request) =>
      (await bringSubmodules(built, { ...request, ...fetching })).modules,
    newerCommit: (disputed, request) => newerCommit(disputed, { ...request, ...fetching }),
    deepen: (workspace, more, request) => deepenHistory(workspace, more, { ...request, ...fetching }),
    onHost({ access, base, signal }, work) {
      const request = { access, signal, ...fetching }
      return withFetched(base, request, async (directory) => {
        const git = gitOnHost(directory, { base, ...request })
        // The attributes of the base decide which files are merged line by line.
        if (base.merge) await followAttributes(directory, base.sha, git.run)
        return work(git)
      })
    },
    async [Symbol.asyncDispose]() {
      await packs[Symbol.asyncDispose]()
      await objects[Symbol.asyncDispose]()
    },
  }
}

/** Environment variables hold lists of arguments, one argument per line. */
const FETCH = `set -eu
rm -rf "$G"
mkdir -p "$G"
git init --quiet --bare --template= "$G"
cp "$G/config" "$G/config.own"
with() { mapfile -t args <<< "$1"; git --git-dir="$G" "\${args[@]}" 2>"$G/said"; }
fetch() { with "$COMMITS" || { cat "$G/said" >&2; return 1; }; }
for wait in 1 5 20 60 no; do
  if fetch; then break; fi
  if [ "$wait" = no ]; then exit 1; fi
  if [ "$wait" -ge 20 ] && grep -qiE "$LASTING" "$G/said"; then exit 1; fi
  sleep "$wait"
done
if [ -n "$GRAPH" ]; then
  if [ -z "$TELLING$READING" ] || [ -n "$(with "$TELLING"; with "$READING" || true)" ]; then with "$GRAPH" || true; fi
fi
git --git-dir="$G" pack-refs --all
# Without files, git takes a repository for one whose objects it can fetch later.
rm -f "$G/said" "$G"/objects/pack/*.promisor
mv -f "$G/config.own" "$G/config"
`

/**
 * Fetches the commit as the first thing that happens in the sandbox. The token can only read this repository, is known
 * to a single process, and is revoked before anything else runs.
 *
 * @throws {BackspaceError} `clone_failed`
 */
async function fetchInSandbox(
  { sandbox, base, gitDir }: Workspace,
  {
    access,
    webUrl,
    signal,
  }: { readonly access: RepositoryAccess; readonly webUrl: string; readonly signal: AbortSignal },
): Promise<void> {
  const { owner, name } = access.repository
  await using minted = await access.mintToken('read')
  const { commits, graph, tagUsers } = historyFetches(`${webUrl}/${owner}/${name}.git`, base)
  const [telling, reading] = tagUsers.map((args) => args.join('\n'))
  await runInSandbox(sandbox, FETCH, {
    signal,
    timeoutMs: 600_000,
    env: {
      ...gitEnvironment([gitCredential(webUrl, minted.token)]),
      G: gitDir,
      COMMITS: commits.join('\n'),
      GRAPH: graph?.join('\n') ?? '',
      TELLING: telling ?? '',
      READING: reading ?? '',
      LASTING: LASTING_FAILURE.source,
    },
    code: 'clone_failed',
    failure: `The sandbox could not clone ${owner}/${name} at ${base.sha.slice(0, 7)}. Try again; if it keeps failing, check that the sandbox can reach ${new URL(webUrl).host}.`,
  })
}
