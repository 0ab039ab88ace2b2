import { parseRepoSettings, type RepoSettings, SETTINGS_PATHS } from '../../checks/repo-settings.ts'
import { PROPOSED_PATH } from '../../checks/settings-proposal.ts'
import { readBlob } from '../../github/commits.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import { diffFile, replacedFile } from '../collect/diff-file.ts'
import { blobSha } from '../collect/read-blobs.ts'
import type { StartingPoint } from '../find-start.ts'

/** The settings file of the base commit. */
export interface OwnFile {
  readonly path: string
  /** File mode, six octal digits. */
  readonly mode: string
  readonly bytes: Uint8Array
  readonly text: string
  readonly settings: RepoSettings
}

/** Reads the settings file of the base commit from GitHub, so that the sandbox cannot influence it. */
export async function readOwnFile({ access, baseTree }: StartingPoint): Promise<OwnFile | undefined> {
  const { octokit, repository } = access
  const entry = SETTINGS_PATHS.map((path) => baseTree.entries.find((one) => one.path === path)).find((one) =>
    one?.mode.startsWith('100'),
  )
  if (entry === undefined) return undefined
  const { path, mode, sha } = entry
  const bytes = await readBlob(octokit, { repository, sha })
  const text = new TextDecoder().decode(bytes)
  return { path, mode, bytes, text, settings: parseRepoSettings(text, path) }
}

/** The changed file: the existing one with another text, or a new one. */
export function changedFileOf(own: OwnFile | undefined, text: string): ChangedFile {
  const bytes = Buffer.from(text)
  const path = own?.path ?? PROPOSED_PATH
  const mode = own?.mode ?? '100644'
  const before = own?.bytes ?? null
  const compared = { path, mode, bytes, before, oldMode: own?.mode ?? '000000' }
  const status = own ? 'modified' : 'added'
  const facts = diffFile(compared) ?? replacedFile(compared)
  return { path, status, mode, bytes, before, sha: blobSha(bytes), ...facts }
}
