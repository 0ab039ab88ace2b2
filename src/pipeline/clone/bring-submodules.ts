import { knownError } from '../../errors.ts'
import { fullName } from '../../github/repo-ref.ts'
import { SandboxError } from '../../sandbox/sandbox.ts'
import { counted, mebibytes } from '../../text/amounts.ts'
import { showPath } from '../../text/show-path.ts'
import type { BuiltWorkspace } from '../workspace/build-workspace.ts'
import { WRITE_SUBMODULE } from '../workspace/submodule-scripts.ts'
import { gitEnvironment, runInSandbox } from '../workspace/workspace.ts'
import { type FetchRequest, findPacks, withPublicCommit } from './fetched-repository.ts'
import { readSubmodules, type Submodule } from './read-submodules.ts'
import { uploadPacks } from './upload-repository.ts'

/** Which submodules were fetched, in words for people. Names come from the repository and are not trusted. */
export interface SubmoduleFacts {
  /** Submodules that were fetched; undefined if there are none. */
  readonly here?: string | undefined
  /** Submodules whose folders are empty, and why; undefined if there are none. */
  readonly missing?: string | undefined
}

// Limits for all submodules of a workspace together.
const MOST_SUBMODULES = 20
const MOST_BYTES = 128 * 1024 * 1024
const MOST_MS = 120_000
const SHOWN = 5

/**
 * Does the work of `git submodule update --init` for public submodules on the same GitHub: the host fetches the recorded
 * commit without a credential and uploads it. Call it before any code of the repository runs in the sandbox. Submodules
 * of submodules stay empty.
 *
 * @throws {SandboxError} when the sandbox is lost; `signal.reason` when the run is cancelled.
 */
export async function bringSubmodules(
  built: BuiltWorkspace,
  request: FetchRequest,
): Promise<BuiltWorkspace & { readonly modules?: SubmoduleFacts }> {
  const { access, webUrl } = request
  const place = { repository: access.repository, webUrl }
  const modules = built.submodules ? readSubmodules(built.submodules, place) : []
  if (modules.length === 0) return built
  const late = AbortSignal.timeout(MOST_MS)
  const signal = AbortSignal.any([request.signal, late])
  const missing = new Map<Submodule, string>()
  let left = MOST_BYTES
  for (const [index, module] of modules.entries()) {
    if (index >= MOST_SUBMODULES) missing.set(module, `Backspace fetches no more than ${MOST_SUBMODULES}`)
    else if (module.repository === undefined) missing.set(module, 'it is not on the same GitHub')
    else if (late.aborted) missing.set(module, TOO_LATE)
    else {
      try {
        left -= await bring(built, module, { ...request, signal, mostBytes: left })
      } catch (error) {
        request.signal.throwIfAborted()
        if (error instanceof SandboxError) throw error
        missing.set(module, late.aborted ? TOO_LATE : whyNot(error))
      }
    }
  }
  return { ...built, modules: describe(modules, missing) }
}

const TOO_LATE = `fetching all of them took longer than ${MOST_MS / 60_000} minutes`

/** @returns the bytes that were fetched. */
async function bring(
  { sandbox, path, gitDir }: BuiltWorkspace,
  { path: folder, sha, repository }: Submodule,
  { access: _, ...request }: FetchRequest,
): Promise<number> {
  if (repository === undefined) return 0
  return withPublicCommit({ repository, sha }, request, async (directory) => {
    const { signal } = request
    const incoming = await uploadPacks(directory, { sandbox, gitDir }, signal)
    await runInSandbox(sandbox, WRITE_SUBMODULE, {
      signal,
      timeoutMs: MOST_MS,
      env: {
        ...gitEnvironment(),
        G: gitDir,
        W: path,
        M: folder,
        SHA: sha,
        INCOMING: incoming.directory,
        SHALLOW: incoming.shallow,
      },
      code: 'clone_failed',
      failure: `The files of ${fullName(repository)} could not be written in the sandbox.`,
    })
    return (await findPacks(directory)).reduce((sum, { size }) => sum + size, 0)
  })
}

function whyNot(error: unknown): string {
  const known = knownError(error)
  const said = String(known?.facts.stderr ?? '')
  if (/authentication failed|could not read username|not found|error: 40[134]/i.test(said))
    return 'not everyone may read its repository'
  if (/not our ref/i.test(said)) return 'its commit is not there'
  if (/too much/.test(known?.userMessage ?? '')) return `together they are more than ${mebibytes(MOST_BYTES)}`
  return 'it could not be fetched'
}

function describe(modules: readonly Submodule[], missing: ReadonlyMap<Submodule, string>): SubmoduleFacts {
  const here = modules.length - missing.size
  const reasons = [...Map.groupBy(missing, ([, why]) => why)].map(([why, ones]) => {
    const names = ones.slice(0, SHOWN).map(([{ path }]) => showPath(path))
    const more = ones.length > SHOWN ? ` and ${ones.length - SHOWN} more` : ''
    return `${names.join(', ')}${more}: ${why}`
  })
  const none = `${counted(missing.size, 'submodule')} ${missing.size === 1 ? 'is' : 'are'} empty (${reasons.join('; ')})`
  return {
    here: here === 0 ? undefined : counted(here, 'submodule'),
    missing: missing.size === 0 ? undefined : none,
  }
}
