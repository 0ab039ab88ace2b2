import { inEnvironment } from '../../checks/environment/environment.ts'
import type { Project } from '../../checks/project.ts'
import type { TreeListing } from '../../github/commits.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { RoomFacts } from '../../runs/verification.ts'
import type { SetupCache } from '../../setup-cache/setup-cache.ts'
import { changeStream } from '../../verify/change-stream.ts'
import { changeListing, createTreeIds } from '../../verify/tree-id.ts'
import type { VerifiedFile } from '../../verify/verified-file.ts'
import type { LargeOfChange } from '../clone/bring-large-files.ts'
import type { Cloner } from '../clone/clone-repository.ts'
import type { Journal } from '../journal.ts'
import { isLost } from '../sandbox/attempt-sandboxes.ts'
import type { CleanSandboxes } from '../sandbox/clean-sandboxes.ts'
import { nameMissingServers } from '../sandbox/name-missing-servers.ts'
import { nameRefusedHosts } from '../sandbox/name-refused-hosts.ts'
import { beginServices } from '../setup/begin-services.ts'
import { chooseTemplate } from '../setup/choose-template.ts'
import type { SetUpAgain } from '../setup/install-all.ts'
import { type RepositoryRules, rulesFor, tellingFiles } from '../setup/repository-rules.ts'
import { findSetup } from '../setup/reuse-setup.ts'
import { type ProjectFacts, setUpProject } from '../setup/set-up-project.ts'
import { readPointer } from '../workspace/large-pointer.ts'
import type { Base, Workspace } from '../workspace/workspace.ts'
import { createRoomCommands, type RoomCommands } from './room-commands.ts'

/** The base from which a verification starts. */
export interface VerifiedBase {
  readonly access: RepositoryAccess
  readonly base: Base
  /** Every file of the base commit. */
  readonly baseTree: TreeListing
}

/** The contents of a room that is to be opened. */
interface RoomRequest {
  readonly name: RoomFacts['name']
  readonly from: VerifiedBase
  /** Files on top of the base commit; empty for the base commit itself. */
  readonly files: readonly VerifiedFile[]
  /** Paths of the whole change. The dependencies of projects that it reaches are installed as well. */
  readonly reached: readonly string[]
  readonly signal: AbortSignal
  /** Milliseconds that are left for opening the room and working in it. */
  readonly leftMs: () => number
  readonly onWait: (message: string) => void
  /** Called as soon as the room has its sandbox. */
  readonly onSandbox?: (() => void) | undefined
}

/** A clean sandbox with exactly one tree, set up as that tree asks, in which nothing else has run. */
export interface Room extends AsyncDisposable {
  /** Its commands get the environment that this tree asks for, and nothing from the agent. */
  readonly workspace: Workspace
  /** Tree id, which the host computed from the list of the base's files. If that list was cut, git in the room found it. */
  readonly tree: string
  /** The facts of the project, according to this tree. */
  readonly project: Omit<ProjectFacts, 'baseline'>
  /** The files of this tree. */
  readonly files: Project
  /** Repeats the parts of setup that build the source, for another source; undefined if setup only installs. */
  readonly setUpAgain: SetUpAgain | undefined
  /** Facts about the room so far. */
  readonly facts: () => RoomFacts
  /** The commands that have run in the room, setup included. */
  readonly commands: RoomCommands
  readonly versions: RoomVersions
}

/** The versions from which a room was made. */
export interface RoomVersions {
  /** E2B's template, if the repository chose one. */
  readonly template?: string | undefined
  /** Version of git in the sandbox. */
  readonly git?: string | undefined
}

export type OpenRoom = (request: RoomRequest) => Promise<Room>

/**
 * Opens a room and works in it. A lost room is replaced once.
 *
 * @throws {SandboxError} if no room can be opened, or if the second room is lost as well.
 */
export async function inRoom<T>(
  openRoom: OpenRoom,
  request: RoomRequest,
  work: (room: Room) => Promise<T>,
): Promise<T> {
  async function once(): Promise<T> {
    await using room = await openRoom(request)
    return await work(room)
  }
  return once().catch((error: unknown) => {
    if (request.signal.aborted || !isLost(error)) throw error
    return once()
  })
}

export interface OpenRoomParts {
  readonly sandboxes: CleanSandboxes
  readonly cloner: Cloner
  readonly setupCache: SetupCache | undefined
  readonly rules: RepositoryRules
  readonly journal: Pick<Journal, 'notice' | 'events'>
}

/**
 * Opens rooms. A room gets a clone of the base commit, the bytes of the change, written by git before any code of the
 * repository runs, and the setup of that tree. A room may start from the setup cache, but is never stored in it.
 */
export function createOpenRoom(parts: OpenRoomParts): OpenRoom {
  const { sandboxes, cloner, setupCache, journal } = parts
  /** Computed once, since all rooms of a run have the same base, whose list may have 100,000 files. */
  const factsOf = memoized(({ base, baseTree }: VerifiedBase) => ({
    ids: createTreeIds(baseTree, base.tree),
    telling: tellingFiles(baseTree),
  }))

  return async ({ name, from, files, reached, signal, leftMs, onWait, onSandbox }) => {
    const { access, base } = from
    const startedAt = performance.now()
    const { ids, telling } = factsOf(from)
    const listing = changeListing(telling, files)
    const rules = rulesFor(parts.rules, listing)
    const { hosts } = rules.egress
    const egress = cloner.firstEgress(access.credential, hosts)
    const [tree, reuse, template] = await Promise.all([
      ids.withChange(files),
      findSetup(setupCache, { access, base, baseTree: listing, notice: journal.notice, signal }),
      chooseTemplate(access, base, parts.rules),
    ])
    const { snapshotId } = reuse
    const opened = await sandboxes.open({ egress, snapshotId, template, signal, onWait })
    onSandbox?.()
    try {
      const naming = nameRefusedHosts(opened.sandbox, { journal, operator: rules.egress, egress })
      const sandbox = nameMissingServers(naming, journal)
      const begunWith = await reuse.begunWith(sandbox)
      const change =
        files.length === 0
          ? undefined
          : { stream: changeStream(base.sha, files), tree, large: largeOf(files) }
      const { value: cloned } = await cloner.clone(sandbox, {
        access,
        base,
        hosts,
        signal,
        change,
        scans: true,
      })
      for (const missing of cloned.missing) await sayMissing(missing, journal)
      const setUpAt = performance.now()
      const heard = quietJournal()
      const attempt = { signal, leftMs }
      const {
        facts: project,
        repo,
        files: found,
        ran,
        again: setUpAgain,
      } = await setUpProject(cloned, {
        begunWith,
        journal: heard,
        attempt,
        access,
        rules,
        reached,
        change: files,
      })
      const workspace = { ...cloned, sandbox: inEnvironment(sandbox, repo) }
      await beginServices(workspace, repo, { journal: heard, signal })
      const setupMs = Math.round(performance.now() - setUpAt)
      const commands = createRoomCommands(name, project.repository)
      await commands.record({ purpose: 'setup', files: FILES[name] }, ran)
      return {
        workspace,
        tree: cloned.base.tree,
        project,
        files: found,
        setUpAgain,
        facts: () => ({
          name,
          durationMs: Math.round(performance.now() - startedAt),
          setupMs,
          cached: heard.isCached(),
        }),
        commands,
        versions: { template, git: cloned.git },
        [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
      }
    } catch (error) {
      await opened[Symbol.asyncDispose]()
      throw error
    }
  }
}

/** Emits the notice once per run, since the clone for the agent may have done so already. */
async function sayMissing(missing: string, journal: OpenRoomParts['journal']): Promise<void> {
  const message = `${missing}.`
  const events = await journal.events()
  if (!events.some((event) => event.type === 'notice' && event.message === message))
    journal.notice('warning', message)
}

/** The contents of a change's files in Git LFS, and the pointers before the change. */
function largeOf(files: readonly VerifiedFile[]): LargeOfChange {
  const given = new Map(files.flatMap(({ large }) => (large ? [[large.oid, large.bytes]] : [])))
  const before = files.flatMap(({ path, previousPath = path, before: bytes }) => {
    const pointer = bytes && readPointer(bytes)
    return pointer ? [{ ...pointer, path: previousPath }] : []
  })
  return { given, before }
}

function memoized<T>(find: (from: VerifiedBase) => T): (from: VerifiedBase) => T {
  const known = new WeakMap<TreeListing, T>()
  return (from) => {
    const facts = known.get(from.baseTree) ?? find(from)
    known.set(from.baseTree, facts)
    return facts
  }
}

const FILES = { base: 'base', head: 'change', regression: 'without_source' } as const

/** A silent journal: setup of a room is part of the step `verify`, and the agent's sandbox has already reported the same. */
function quietJournal() {
  let cached = false
  const journal: Pick<Journal, 'step' | 'notice' | 'emit' | 'events'> = {
    step: async (_name, _starting, work) => (await work()).value,
    notice() {},
    emit(body) {
      if (body.type === 'setup.finished') cached = body.cache?.result === 'hit'
    },
    events: async () => [],
  }
  return { ...journal, isCached: () => cached }
}
